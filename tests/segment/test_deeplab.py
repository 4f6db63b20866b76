"""DeepLabv3+: a slow forward pass, effective kernels, separable = pointwise after depthwise, sizes of its maps."""

import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.segment.deeplab import AtrousPyramid, DeepLab, SeparableConvolution, effective_kernel
from tests.harness import Case, segmentation
from tests.reference.deeplab_forward import deeplab_forward, pyramid
from tests.segment.fixed import arrays, drop_mask, set_weights

CASES = {
    "deeplab": Case(
        make=lambda: DeepLab(
            filters=(8, 10, 12), stem_filters=6, block_depth=2, output_stride=8, pyramid_filters=10, rates=(1, 2),
            low_level_filters=5, dropout=0.2, classes=3,
        ),
        signature=(None, 16, 16, 2),
        overfit=0.6,
        large=True,
        **segmentation(),
    )
}  # fmt: skip


def separable_weights(layer):
    """Arguments of the reference's `separable`."""
    norms = [arrays(norm) for norm in layer.norms]
    return arrays(layer.depthwise)[0], norms[0], arrays(layer.pointwise)[0], norms[1]


def pyramid_weights(layer):
    """Arguments of the reference's `pyramid`."""
    points = [(arrays(one)[0], arrays(norm)) for one, norm in zip(layer.points, layer.norms, strict=True)]
    return points, [(separable_weights(branch), branch.rate) for branch in layer.branches]


@pytest.mark.parametrize("training", [False, True])
def test_the_pyramid_equals_a_slow_forward_pass(training):
    layer = AtrousPyramid(4, rates=(1, 3), dropout=0.0)
    layer.build((None, 7, 6, 3))
    set_weights(layer)
    maps = np.random.default_rng(0).normal(size=(3, 7, 6, 3)).astype("float32")
    expected = pyramid(maps, *pyramid_weights(layer), training=training)
    np.testing.assert_allclose(layer(maps, training=training), expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("stride, strides, rates", [(8, (2, 2, 1), (1, 1, 2)), (4, (2, 1, 1), (1, 2, 4))])
def test_equals_a_slow_forward_pass(stride, strides, rates, training):
    """The whole network in NumPy, with dropout and batch statistics on and off."""
    model = DeepLab(
        (4, 5, 6), stem_filters=3, block_depth=2, output_stride=stride, pyramid_filters=5, rates=(1, 2),
        low_level_filters=3, dropout=0.4, classes=3,
    )  # fmt: skip
    model.build((None, 24, 16, 2))
    set_weights(model)
    images = np.random.default_rng(0).normal(size=(3, 24, 16, 2)).astype("float32")
    norms = [arrays(norm) for norm in model.norms]
    blocks = [
        ([separable_weights(one) for one in block], stride, rate, (arrays(shortcut)[0], norm))
        for block, stride, rate, shortcut, norm in zip(
            model.blocks, strides, rates, model.shortcuts, norms[1:4], strict=True
        )
    ]
    expected = deeplab_forward(
        images,
        first=(arrays(model.first)[0], norms[0]),
        blocks=blocks,
        aspp=pyramid_weights(model.pyramid),
        low_level=(arrays(model.low_level)[0], norms[4]),
        refine=[separable_weights(one) for one in model.refine],
        classifier=arrays(model.classifier),
        upsample=stride // 4,
        training=training,
        dropped=drop_mask(model.pyramid.drop, (3, 24 // stride, 16 // stride, 5)) if training else 1.0,
    )
    np.testing.assert_allclose(model(images, training=training), expected, rtol=1e-3, atol=1e-3)
    assert np.std(expected) > 0.1


def test_a_batch_of_one_makes_the_image_level_branch_a_constant():
    """As the docstring says: batch normalisation of one value is its offset."""
    layer = AtrousPyramid(3, rates=(), dropout=0.0)
    layer.build((None, 4, 4, 2))
    mix = np.asarray(layer.points[2].kernel).copy()
    mix[:, :, :3] = 0
    layer.points[2].kernel.assign(mix)
    rng = np.random.default_rng(0)

    def trained_on(count):
        maps = rng.random((count, 4, 4, 2)).astype("float32")
        return np.asarray(layer.norms[1](layer.points[1](layer.image_mean(maps)), training=True))

    np.testing.assert_allclose(trained_on(1), trained_on(1), atol=1e-6)
    assert np.ptp(trained_on(2)) > 0.1


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


def test_the_image_level_branch_is_the_same_everywhere():
    layer = AtrousPyramid(3, rates=(1,), dropout=0.0)
    maps = np.random.default_rng(1).random((1, 6, 6, 2)).astype("float32")
    assert layer(maps).shape == (1, 6, 6, 3)
    # Only the image-level branch is left: the other branches' weights in the mix are set to zero.
    mix = np.asarray(layer.points[2].kernel).copy()
    mix[:, :, :6] = 0
    layer.points[2].kernel.assign(mix)
    out = np.asarray(layer(maps))
    np.testing.assert_allclose(out, np.broadcast_to(out[:, :1, :1], out.shape), atol=1e-6)


@pytest.mark.parametrize("stride", [8, 16])
def test_output_stride_is_what_the_pyramid_sees(stride):
    model = DeepLab(
        filters=(4, 6, 8, 8),
        stem_filters=4,
        block_depth=1,
        output_stride=stride,
        pyramid_filters=4,
        rates=(6, 12),
        low_level_filters=3,
    )
    model.build((None, 64, 64, 3))
    maps = model.endpoints(np.zeros((1, 64, 64, 3), "float32"))
    assert maps["pyramid"].shape[1] == 64 // stride and maps["features"].shape[1] == 16
    assert [branch.rate for branch in model.pyramid.branches] == ([12, 24] if stride == 8 else [6, 12])
    rates = [block[0].rate for block in model.blocks]
    assert rates == ([1, 1, 2, 4] if stride == 8 else [1, 1, 1, 2])


def test_refuses():
    with pytest.raises(InputError, match="output_stride=12"):
        DeepLab(output_stride=12)
    with pytest.raises(InputError, match="multiples of 8"):
        DeepLab.small().build((None, 60, 64, 3))


def test_a_batch_of_one_has_no_image_level_branch_in_training():
    """As the docstring says: a normalisation over one value gives its offset, whatever the image."""
    layer = AtrousPyramid(4, rates=(1,), dropout=0.0)
    layer.build((None, 6, 5, 3))
    maps = np.random.default_rng(0).normal(size=(2, 6, 5, 3)).astype("float32")
    for images, constant in ((maps[:1], True), (maps[1:], True), (maps, False)):
        branch = np.asarray(layer.norms[1](layer.points[1](layer.image_mean(images)), training=True))
        assert np.allclose(branch, 0) == constant
