"""FCN: bilinear enlarging, the skip connections' start, sizes."""

import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.segment.fcn import FCN, Bilinear, bilinear_kernel
from tests.harness import Case, free_size, segmentation

CASES = {
    "fcn": Case(
        make=lambda: FCN(
            stride=4, blocks=(1, 1, 1), filters=(6, 8, 10), units=(12, 12), window=3, dropout=0.2,
            batch_norm=True, classes=3,
        ),
        overfit=0.6,
        published={
            "FCN-32s": (lambda: FCN(stride=32), (None, 224, 224, 3), 136_152_917),
            "FCN-16s": (lambda: FCN(stride=16), (None, 224, 224, 3), 134_815_994),
            "FCN-8s": (FCN, (None, 224, 224, 3), 134_489_759),
        },
        large=True,
        **free_size(2, 24, 32),
        **segmentation(),
    )
}  # fmt: skip


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_the_bilinear_kernel_enlarges_a_ramp_exactly(factor):
    layer = keras.layers.Conv2DTranspose(
        2, 2 * factor, strides=factor, padding="same", use_bias=False, kernel_initializer=Bilinear()
    )
    places = np.arange(12.0)
    ramp = np.stack(np.broadcast_arrays(places[:, None], 3 * places[None]), axis=-1)[None].astype("float32")
    large = np.asarray(layer(ramp))[0]
    # The centre of fine pixel i lies at (i + 1/2) / factor - 1/2 of the coarse ones.
    fine = (np.arange(12 * factor) + 0.5) / factor - 0.5
    inside = slice(factor, -factor)
    expected = np.stack(np.broadcast_arrays(fine[:, None], 3 * fine[None]), axis=-1)
    np.testing.assert_allclose(large[inside, inside], expected[inside, inside], atol=1e-5)


@pytest.mark.parametrize("factor", [2, 4])
def test_equals_kerass_bilinear_enlarging(factor):
    image = np.random.default_rng(0).random((1, 9, 7, 3)).astype("float32")
    layer = keras.layers.Conv2DTranspose(
        3, 2 * factor, strides=factor, padding="same", use_bias=False, kernel_initializer=Bilinear()
    )
    theirs = keras.layers.UpSampling2D(factor, interpolation="bilinear")(image)
    inside = slice(factor, -factor)
    np.testing.assert_allclose(
        np.asarray(layer(image))[:, inside, inside], np.asarray(theirs)[:, inside, inside], atol=1e-5
    )


def test_the_kernels_weights_sum_to_one_at_every_fine_pixel():
    kernel = bilinear_kernel(4)
    np.testing.assert_allclose(kernel.reshape(2, 4, 2, 4).sum(axis=(0, 2)), 1, atol=1e-6)


def test_skips_start_by_changing_nothing():
    """The new scores start at zero: FCN-8s begins where FCN-16s is (section 4.2), but for the enlarging."""
    model = FCN.small(classes=3)
    model.build((None, 32, 32, 3))
    maps = model.endpoints(np.random.default_rng(1).random((1, 32, 32, 3)).astype("float32"))
    twice = keras.layers.UpSampling2D(2, interpolation="bilinear")(maps["score16"])
    np.testing.assert_allclose(
        np.asarray(maps["score8"])[:, 1:-1, 1:-1], np.asarray(twice)[:, 1:-1, 1:-1], atol=1e-5
    )


def test_refuses():
    with pytest.raises(InputError, match="32, 16 or 8, got 4"):
        FCN(stride=4)
    with pytest.raises(InputError, match="multiples of 16"):
        FCN.small().build((None, 40, 64, 3))
    with pytest.raises(InputError, match="as many channels out as in"):
        Bilinear()((4, 4, 2, 3))
