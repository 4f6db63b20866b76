import keras
import numpy as np
import pytest
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.generate.pix2pix import Pix2Pix, UNetGenerator
from tests.generate.one_network import moved
from tests.harness import Case, translation
from tests.reference.adversarial_forward import unet_generator
from tests.segment.fixed import arrays, drop_mask, set_weights

CASES = {
    "unet_generator": Case(
        make=lambda: UNetGenerator(channels=2, filters=(6, 8, 10), dropout=0.2, dropout_levels=1),
        loss="mae",
        overfit=0.8,
        published={"U-Net 256": (UNetGenerator, (None, 256, 256, 3), 54_413_955)},
        large=True,
        **translation(),
    ),
    "pix2pix": Case(
        make=lambda: Pix2Pix(
            channels=2,
            filters=(6, 8, 10),
            patch_filters=(6, 8),
            dropout=0.2,
            dropout_levels=1,
            l1_weight=50.0,
            adversarial_weight=0.5,
        ),
        adversaries={"discriminator_loss": ("discriminator",), "generator_loss": ("generator",)},
        large=True,
        **translation(),
    ),
}

rng = np.random.default_rng(7)
images = rng.random((4, 16, 16, 1), dtype="float32")
targets = np.repeat(1 - images, 2, axis=-1)  # the negative, in two channels
PAIRS = {"x": images, "y": targets}


def little(**kwargs):
    keras.utils.set_random_seed(0)
    sizes = dict(channels=2, filters=(6, 8, 10), patch_filters=(6, 8), dropout_levels=1)
    model = Pix2Pix(**{**sizes, **kwargs})
    model.build((None, 16, 16, 1))
    return model


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("dropout_levels", [0, 1, 2])
def test_the_generator_equals_a_slow_forward_pass(dropout_levels, training):
    """Appendix 6.1 in NumPy, with dropout's own masks and the batch's statistics in training."""
    model = UNetGenerator(2, (3, 4, 5, 6), 0.4, dropout_levels)
    model.build((None, 32, 32, 1))
    set_weights(model)
    some = np.random.default_rng(0).random((3, 32, 32, 1), dtype="float32")
    # The decoder's maps, from the lowest: 4x4x5, 8x8x4, 16x16x3.
    shapes = [(3, 4 * 2**step, 4 * 2**step, 5 - step) for step in range(dropout_levels)]
    masks = [drop_mask(drop, shape) for drop, shape in zip(model.drops, shapes, strict=True)]
    expected = unet_generator(
        some,
        down=[arrays(layer)[0] for layer in model.down],
        down_norms=[arrays(norm) for norm in model.down_norms],
        up=[arrays(layer)[0] for layer in model.up],
        up_norms=[arrays(norm) for norm in model.up_norms],
        last=arrays(model.to_image),
        training=training,
        dropped=masks if training else (),
    )
    np.testing.assert_allclose(model(some, training=training), expected, atol=1e-3)
    assert 0.1 < np.std(expected) < 0.49


def test_the_published_shape():
    assert UNetGenerator()(keras.KerasTensor((2, 256, 256, 3))).shape == (2, 256, 256, 3)


def test_the_small_one_keeps_the_size():
    model = Pix2Pix.small(channels=1)
    model.build((None, 32, 32, 3))
    generated = ops.convert_to_numpy(model(rng.random((2, 32, 48, 3), dtype="float32")))
    assert generated.shape == (2, 32, 48, 1) and generated.min() >= 0 and generated.max() <= 1


def test_every_level_has_a_skip():
    """With the lowest level cut, the image takes the skips; cut those, nothing is left."""
    model = UNetGenerator(filters=(6, 8, 10), dropout_levels=0)
    model.build((None, 16, 16, 1))

    def contrast(cut):
        before = model.get_weights()
        for layer in cut:
            layer.set_weights([0 * weight for weight in layer.get_weights()])
        generated = ops.convert_to_numpy(model(images))
        model.set_weights(before)
        return generated.std(axis=0).max()

    assert contrast([]) > 0
    assert contrast([model.up[0]]) > 0
    assert contrast([model.up[0], model.up[1]]) > 0
    assert contrast([model.down[0]]) == 0


def test_dropout_is_noise_in_training_only():
    model = little()
    np.testing.assert_array_equal(model.generator(images), model.generator(images))
    one, other = (ops.convert_to_numpy(model.generator(images, training=True)) for _ in range(2))
    assert np.abs(one - other).max() > 1e-4
    model = little(dropout=0.0)
    one, other = (ops.convert_to_numpy(model.generator(images, training=True)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("network", [0, 1], ids=["discriminator", "generator"])
def test_each_network_moves_by_its_own_loss_only(network):
    model = little(dropout=0.0)

    def loss(x, y, y_pred):
        return model.adversarial_losses(x, y, y_pred, training=True)[network]

    networks = [model.discriminator, model.generator]
    assert min(moved(model, PAIRS, loss, [networks[network]])) > 0
    assert max(moved(model, PAIRS, loss, [networks[1 - network]])) == 0


def test_losses_by_hand():
    model = little(l1_weight=10.0, adversarial_weight=2.0)
    generated = ops.convert_to_numpy(model(images))
    losses = [
        float(loss) for loss in model.adversarial_losses(images, targets, ops.convert_to_tensor(generated))
    ]
    real, fake = (
        ops.convert_to_numpy(model.discriminator(np.concatenate([images, other], axis=-1)))
        for other in (targets, generated)
    )
    l1 = 2 * np.abs(targets - generated).mean()
    assert losses[2] == pytest.approx(l1, rel=1e-5)
    assert losses[1] == pytest.approx(2 * np.log1p(np.exp(-fake)).mean() + 10 * l1, rel=1e-5)
    both = np.log1p(np.exp(-real)).mean() + np.log1p(np.exp(fake)).mean()
    assert losses[0] == pytest.approx(both / 2, rel=1e-5)


def test_the_discriminator_sees_pairs():
    """The same target with another input has other outputs."""
    model = little()
    pairs = [ops.concatenate([inputs, targets], axis=-1) for inputs in (images, images[::-1])]
    one, other = (ops.convert_to_numpy(model.discriminator(pair)) for pair in pairs)
    assert np.abs(one - other).max() > 1e-5


def test_fit_logs_both_losses_and_the_distance():
    model = little(dropout=0.0)
    model.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), run_eagerly=True)
    history = model.fit(**PAIRS, batch_size=2, epochs=2, shuffle=False, verbose=0).history
    assert set(history) == {"loss", "discriminator_loss", "generator_loss", "l1"}
    sums = np.add(history["discriminator_loss"], history["generator_loss"])
    np.testing.assert_allclose(history["loss"], sums, rtol=1e-5)
    assert np.all(history["generator_loss"] > 100 * np.array(history["l1"]))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: UNetGenerator(filters=(4, 4)), "three filters or more"),
        (lambda: UNetGenerator(dropout=1.0), "dropout from 0 to below 1"),
        (lambda: UNetGenerator(dropout_levels=8), "fewer dropout_levels"),
        (lambda: Pix2Pix(l1_weight=-1), "l1_weight and adversarial_weight must be 0 or more, got -1"),
        (lambda: Pix2Pix.small().build((None, 40, 32, 3)), "multiples of 16.*40"),
    ],
)
def test_bad_arguments_say_what_to_do(make, said):
    with pytest.raises(InputError, match=said):
        make()
