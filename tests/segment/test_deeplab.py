"""DeepLabv3+: effective kernels, separable = pointwise after depthwise, sizes of its maps."""

import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.segment.deeplab import AtrousPyramid, DeepLab, SeparableConvolution, effective_kernel
from tests.harness import Case, segmentation

CASES = {
    "deeplab": Case(
        make=lambda: DeepLab(
            filters=(8, 10, 12), stem=6, depth=2, output_stride=8, pyramid=10, rates=(1, 2), detail=5,
            dropout=0.2, classes=3,
        ),
        signature=(None, 16, 16, 2),
        overfit=0.6,
        large=True,
        **segmentation(),
    )
}  # fmt: skip


@pytest.mark.parametrize("rate, pixels", [(1, 3), (6, 13), (12, 25), (18, 37)])
def test_effective_kernel_measured(rate, pixels):
    assert effective_kernel(3, rate) == pixels
    layer = SeparableConvolution(1, rate=rate)
    image = np.zeros((1, 81, 81, 1), "float32")
    layer.build(image.shape)
    layer.depthwise.kernel.assign(np.ones((3, 3, 1, 1)))
    image[0, 40, 40] = 1
    seen = np.flatnonzero(np.asarray(layer.depthwise(image))[0, 40, :, 0])
    assert seen[-1] - seen[0] + 1 == pixels and len(seen) == 3


def test_separable_is_one_convolution_whose_kernel_is_a_product():
    rng = np.random.default_rng(0)
    maps = rng.normal(size=(2, 9, 11, 4)).astype("float32")
    layer = SeparableConvolution(5, rate=2)
    layer.build(maps.shape)
    ours = layer.pointwise(layer.depthwise(maps))
    depthwise = np.asarray(layer.depthwise.kernel)[..., 0]  # (3, 3, 4)
    pointwise = np.asarray(layer.pointwise.kernel)[0, 0]  # (4, 5)
    whole = depthwise[..., None] * pointwise
    expected = keras.ops.conv(maps, whole, padding="same", dilation_rate=2)
    np.testing.assert_allclose(ours, expected, atol=1e-5)


def test_the_view_of_the_whole_picture_is_the_same_everywhere():
    pyramid = AtrousPyramid(3, rates=(1,), dropout=0.0)
    maps = np.random.default_rng(1).random((1, 6, 6, 2)).astype("float32")
    assert pyramid(maps).shape == (1, 6, 6, 3)
    # Only the mean of the whole picture is left: the other views' weights in the mix are set to zero.
    mix = np.asarray(pyramid.points[2].kernel).copy()
    mix[:, :, :6] = 0
    pyramid.points[2].kernel.assign(mix)
    out = np.asarray(pyramid(maps))
    np.testing.assert_allclose(out, np.broadcast_to(out[:, :1, :1], out.shape), atol=1e-6)


@pytest.mark.parametrize("stride", [8, 16])
def test_output_stride_is_what_the_pyramid_sees(stride):
    model = DeepLab(
        filters=(4, 6, 8, 8), stem=4, depth=1, output_stride=stride, pyramid=4, rates=(6, 12), detail=3
    )
    model.build((None, 64, 64, 3))
    maps = model.endpoints(np.zeros((1, 64, 64, 3), "float32"))
    assert maps["pyramid"].shape[1] == 64 // stride and maps["features"].shape[1] == 16
    assert [view.rate for view in model.views.views] == ([12, 24] if stride == 8 else [6, 12])
    rates = [block[0].rate for block in model.blocks]
    assert rates == ([1, 1, 2, 4] if stride == 8 else [1, 1, 1, 2])


def test_refuses():
    with pytest.raises(InputError, match="output_stride=12"):
        DeepLab(output_stride=12)
    with pytest.raises(InputError, match="multiples of 8"):
        DeepLab.small().build((None, 60, 64, 3))
