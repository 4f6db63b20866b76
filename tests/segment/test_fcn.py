"""FCN: the paper's figure by a slow forward pass, bilinear upsampling, the start of the skips, sizes."""

import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.segment.fcn import FCN, Bilinear, bilinear_kernel
from tests.harness import Case, free_size, segmentation
from tests.reference.fcn_forward import fcn_forward
from tests.segment.fixed import arrays, convolution, drop_mask, set_weights


def fixed_upsampling():
    model = FCN()
    for layer in model.upsample:
        layer.trainable = False
    return model


CASES = {
    "fcn": Case(
        make=lambda: FCN(
            stride=4, blocks=(1, 1, 1), filters=(6, 8, 10), head_filters=(12, 12), head_kernel=3, dropout=0.2,
            batch_norm=True, learn_last=True, classes=3,
        ),
        overfit=0.6,
        published={
            "FCN-32s": (lambda: FCN(stride=32, learn_last=True), (None, 224, 224, 3), 136_152_917),
            "FCN-16s": (lambda: FCN(stride=16, learn_last=True), (None, 224, 224, 3), 134_815_994),
            "FCN-8s": (lambda: FCN(learn_last=True), (None, 224, 224, 3), 134_489_759),
            # The last upsampling fixed, as in PAMI: 16 x 16 x 21 x 21 weights less.
            "FCN-8s, last upsampling fixed": (FCN, (None, 224, 224, 3), 134_489_759 - 112_896),
            "FCN-8s, all upsampling fixed": (fixed_upsampling, (None, 224, 224, 3), 134_362_751),
        },
        large=True,
        **free_size(2, 24, 32),
        **segmentation(),
    )
}  # fmt: skip


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("stride, norm", [(8, False), (4, True), (2, False), (2, True)])
def test_equals_a_slow_forward_pass(stride, norm, training):
    """Figure 3 in NumPy, with dropout and batch statistics on and off."""
    sizes = dict(blocks=(1, 2, 1), filters=(3, 4, 5), head_filters=(6, 4), head_kernel=3)
    model = FCN(stride, **sizes, dropout=0.4, batch_norm=norm, classes=3)
    model.build((None, 16, 24, 2))
    set_weights(model)
    images = np.random.default_rng(0).normal(size=(3, 16, 24, 2)).astype("float32")
    layers = iter(
        [convolution(*both) for both in zip(model.body.convolutions, model.body.norms, strict=True)]
    )
    head_shapes = [(3, 2, 3, count) for count in (6, 4)]
    expected = fcn_forward(
        images,
        blocks=[[next(layers) for _ in range(count)] for count in (1, 2, 1)],
        head=[arrays(layer) for layer in model.head],
        scores=[arrays(layer) for layer in model.scores],
        upsample=[arrays(layer)[0] for layer in model.upsample],
        training=training,
        dropped=drop_mask(model.drop, *head_shapes) if training else (),
    )
    maps = model.endpoints(images, training=training)
    for name, values in expected.items():
        np.testing.assert_allclose(maps[name], values, rtol=1e-3, atol=1e-3, err_msg=name)
    assert np.std(expected["logits"]) > 0.1


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_the_bilinear_kernel_upsamples_a_ramp_exactly(factor):
    layer = keras.layers.Conv2DTranspose(
        2, 2 * factor, strides=factor, padding="same", use_bias=False, kernel_initializer=Bilinear()
    )
    places = np.arange(12.0)
    ramp = np.stack(np.broadcast_arrays(places[:, None], 3 * places[None]), axis=-1)[None].astype("float32")
    large = np.asarray(layer(ramp))[0]
    # The centre of output pixel i lies at (i + 1/2) / factor - 1/2 of the input pixels.
    fine = (np.arange(12 * factor) + 0.5) / factor - 0.5
    inside = slice(factor, -factor)
    expected = np.stack(np.broadcast_arrays(fine[:, None], 3 * fine[None]), axis=-1)
    np.testing.assert_allclose(large[inside, inside], expected[inside, inside], atol=1e-5)


@pytest.mark.parametrize("factor", [2, 4])
def test_equals_kerass_bilinear_upsampling(factor):
    image = np.random.default_rng(0).random((1, 9, 7, 3)).astype("float32")
    layer = keras.layers.Conv2DTranspose(
        3, 2 * factor, strides=factor, padding="same", use_bias=False, kernel_initializer=Bilinear()
    )
    theirs = keras.layers.UpSampling2D(factor, interpolation="bilinear")(image)
    inside = slice(factor, -factor)
    np.testing.assert_allclose(
        np.asarray(layer(image))[:, inside, inside], np.asarray(theirs)[:, inside, inside], atol=1e-5
    )


def test_the_kernels_weights_sum_to_one_at_every_output_pixel():
    kernel = bilinear_kernel(4)
    np.testing.assert_allclose(kernel.reshape(2, 4, 2, 4).sum(axis=(0, 2)), 1, atol=1e-6)


def test_the_last_upsampling_is_fixed_unless_it_may_learn():
    for learn_last, expected in ((False, [True, False]), (True, [True, True])):
        model = FCN.small(stride=8, classes=3, learn_last=learn_last)
        model.build((None, 32, 32, 3))
        assert [bool(layer.trainable_weights) for layer in model.upsample] == expected


def test_skips_start_by_changing_nothing():
    """The new scores start at zero: FCN-8s begins where FCN-16s is (section 4.2), but for the upsampling."""
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
