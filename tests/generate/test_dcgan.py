import json

import keras
import numpy as np
import pytest
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.generate.dcgan import DCGAN, DCGANDiscriminator, DCGANGenerator
from keras_cv_course.lesson.export import export
from tests.generate.one_network import moved
from tests.harness import Case, noise_images, real_or_generated
from tests.reference.adversarial_forward import dcgan_discriminator, dcgan_generator
from tests.segment.fixed import arrays, set_weights

CASES = {
    "dcgan_generator": Case(
        make=lambda: DCGANGenerator((8, 12, 2), latent=5, filters=(12, 8), kernel_size=5),
        inputs=2 * noise_images(6, 1, 1, 5).reshape(6, 5) - 1,
        targets=noise_images(6, 8, 12, 2),
        loss="mse",
        signature=(None, 5),
        published={
            "64 pixels, 64 filters": (DCGANGenerator, (None, 100), 3_576_704),
            "figure 1 with kernels of 4": (
                lambda: DCGANGenerator(filters=(1024, 512, 256, 128)),
                (None, 100),
                12_658_432,
            ),
            "figure 1": (
                lambda: DCGANGenerator(filters=(1024, 512, 256, 128), kernel_size=5),
                (None, 100),
                18_855_040,
            ),
        },
        large=True,
    ),
    "dcgan_discriminator": Case(
        make=lambda: DCGANDiscriminator((8, 12, 2), filters=(8, 12), kernel_size=5),
        signature=(None, 8, 12, 2),
        published={"64 pixels, 64 filters": (DCGANDiscriminator, (None, 64, 64, 3), 2_765_568)},
        large=True,
        **real_or_generated(noise_images(6, 8, 12, 2)),
    ),
    "dcgan": Case(
        make=lambda: DCGAN((8, 12, 2), latent=5, filters=(12, 8), kernel_size=5, label_smoothing=0.1),
        inputs=noise_images(6, 8, 12, 2),
        signature=(None, 8, 12, 2),
        adversaries={"discriminator_loss": ("discriminator",), "generator_loss": ("generator",)},
        published={"both": (DCGAN, (None, 64, 64, 3), 3_576_704 + 2_765_568)},
        large=True,
    ),
}

rng = np.random.default_rng(7)
images = rng.random((8, 8, 8, 1), dtype="float32")


def little(seed=0, **kwargs):
    keras.utils.set_random_seed(seed)
    model = DCGAN((8, 8, 1), latent=4, filters=(8, 6), **kwargs)
    model.build((None, 8, 8, 1))
    return model


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("kernel_size", [3, 4, 5])
def test_the_generator_equals_a_slow_forward_pass(kernel_size, training):
    model = DCGANGenerator((8, 12, 2), 5, (6, 4), kernel_size)
    model.build((None, 5))
    set_weights(model)
    noise = np.random.default_rng(0).uniform(-1, 1, (7, 5)).astype("float32")
    project, last = arrays(model.project)[0], arrays(model.to_image)[0]
    layers, norms = [arrays(layer)[0] for layer in model.upsampling], [arrays(norm) for norm in model.norms]
    expected = dcgan_generator(noise, project, layers, last, norms, training)
    np.testing.assert_allclose(model(noise, training=training), expected, atol=1e-4)
    assert 0.1 < np.std(expected) < 0.49  # neither flat nor black and white


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("kernel_size", [3, 4, 5])
def test_the_discriminator_equals_a_slow_forward_pass(kernel_size, training):
    model = DCGANDiscriminator((8, 12, 2), (4, 6), kernel_size)
    model.build((None, 8, 12, 2))
    set_weights(model)
    some = np.random.default_rng(0).random((7, 8, 12, 2), dtype="float32")
    layers, norms = [arrays(layer)[0] for layer in model.downsampling], [arrays(norm) for norm in model.norms]
    expected = dcgan_discriminator(some, layers, arrays(model.to_logit)[0], norms, training)
    np.testing.assert_allclose(model(some, training=training), expected, rtol=1e-3, atol=1e-3)
    assert np.std(expected) > 0.1


def test_the_published_shapes():
    generated = DCGANGenerator()(keras.KerasTensor((2, 100)))
    assert generated.shape == (2, 64, 64, 3)
    assert DCGANDiscriminator()(generated).shape == (2, 1)


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3)])
def test_the_small_one_makes_images_of_the_data_s_shape(shape):
    model = DCGAN.small(shape)
    model.build((None, *shape))
    generated = ops.convert_to_numpy(model.generator(model.sample_noise(3)))
    assert generated.shape == (3, *shape) and generated.min() >= 0 and generated.max() <= 1
    assert model(generated).shape == (3, 1)


def test_first_weights_are_the_published_ones():
    keras.utils.set_random_seed(0)
    model = DCGAN((32, 32, 3), latent=50, filters=(64, 64, 64))
    model.build((None, 32, 32, 3))
    kernels = [weight for weight in model.trainable_weights if len(weight.shape) == 4]
    scales = [weight for weight in model.trainable_weights if weight.path.endswith("gamma")]
    assert len(kernels) == 8 and len(scales) == 5
    for mean, weights in ((0, kernels), (1, scales)):
        values = np.concatenate([ops.convert_to_numpy(weight).ravel() for weight in weights])
        assert values.mean() == pytest.approx(mean, abs=4 * 0.02 / np.sqrt(values.size))
        assert values.std() == pytest.approx(0.02, rel=0.1)
    # Untrained images are therefore a middle grey.
    assert np.abs(ops.convert_to_numpy(model.generator(model.sample_noise(4))) - 0.5).max() < 0.2


@pytest.mark.parametrize("network", [0, 1], ids=["discriminator", "generator"])
def test_each_network_moves_by_its_own_loss_only(network):
    model = little()

    def loss(x, y, y_pred):
        return model.adversarial_losses(x, y_pred, training=True)[network]

    networks = [model.discriminator, model.generator]
    own = moved(model, {"x": images}, loss, [networks[network]])
    other = moved(model, {"x": images}, loss, [networks[1 - network]])
    assert min(own) > 0
    assert max(other) == 0


def test_the_losses_are_those_of_a_free_discriminator_on_the_same_images():
    model = little()
    seed = model.random.seed.state
    state = ops.convert_to_numpy(seed)
    real = model.discriminator(images)
    discriminator, generator = model.adversarial_losses(images, real)
    seed.assign(state)
    fake = ops.convert_to_numpy(model.discriminator(model.generator(model.sample_noise(8))))
    assert float(generator) == pytest.approx(np.log1p(np.exp(-fake)).mean(), abs=1e-6)
    real = ops.convert_to_numpy(real)
    expected = np.log1p(np.exp(-real)).mean() + np.log1p(np.exp(fake)).mean()
    assert float(discriminator) == pytest.approx(expected, abs=1e-6)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the peer is a loop with two tapes")
def test_a_step_of_fit_is_the_step_of_the_two_tape_loop():
    """The usual training loop of GAN tutorials, with a gradient and an optimizer for each network."""
    import tensorflow as tf

    ours, peer = little(), little()
    ours.compile(keras.optimizers.Adam(2e-3, beta_1=0.5))
    ours.fit(np.concatenate([images] * 3), batch_size=8, shuffle=False, verbose=0)

    entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    networks = [peer.generator, peer.discriminator]
    optimizers = [keras.optimizers.Adam(2e-3, beta_1=0.5) for _ in networks]
    for _ in range(3):
        noise = peer.sample_noise(8)
        with tf.GradientTape() as first, tf.GradientTape() as second:
            real = peer.discriminator(images, training=True)
            generated = peer.generator(noise, training=True)
            fake = peer.discriminator(generated, training=True)
            wants = [
                entropy(tf.ones_like(fake), fake),
                entropy(tf.ones_like(real), real) + entropy(tf.zeros_like(fake), fake),
            ]
        for tape, want, network, optimizer in zip((first, second), wants, networks, optimizers, strict=True):
            optimizer.apply_gradients(
                zip(tape.gradient(want, network.trainable_weights), network.trainable_weights, strict=True)
            )
    for mine, other in zip(ours.weights, peer.weights, strict=True):
        np.testing.assert_allclose(mine, other, rtol=0, atol=2e-5, err_msg=mine.path)


def test_real_and_generated_images_are_normalised_apart():
    """The logits of real images do not depend on the generated ones."""
    model = little()
    said = ops.convert_to_numpy(model(images, training=True))
    model.generator.set_weights([weight + 1 for weight in model.generator.get_weights()])
    np.testing.assert_allclose(model(images, training=True), said, atol=1e-6)


def test_fit_logs_both_losses_and_the_generator_learns_a_brightness():
    """Images of one brightness: the generator must move from grey to it."""
    model = little()
    bright = np.clip(0.9 + 0.02 * rng.standard_normal((64, 8, 8, 1)), 0, 1).astype("float32")
    model.compile(keras.optimizers.Adam(5e-3, beta_1=0.5))
    before = ops.convert_to_numpy(model.generator(model.sample_noise(16))).mean()
    history = model.fit(bright, batch_size=16, epochs=30, verbose=0).history
    after = ops.convert_to_numpy(model.generator(model.sample_noise(16))).mean()
    assert set(history) == {"loss", "discriminator_loss", "generator_loss"}
    sums = np.add(history["discriminator_loss"], history["generator_loss"])
    np.testing.assert_allclose(history["loss"], sums, rtol=1e-5)
    assert np.isfinite(sums).all()
    assert abs(before - 0.5) < 0.1 and after > 0.75


def test_interrupted_and_loaded_equals_uninterrupted(tmp_path):
    whole, first = little(), little()
    for model in (whole, first):
        model.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), run_eagerly=True)
        model.fit(images, batch_size=8, epochs=2, shuffle=False, verbose=0)
    first.save(tmp_path / "model.keras")
    second = keras.saving.load_model(tmp_path / "model.keras")
    second.run_eagerly = True
    for model in (whole, second):
        model.fit(images, batch_size=8, epochs=2, shuffle=False, verbose=0)
    for one, other in zip(whole.weights, second.weights, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(one), ops.convert_to_numpy(other), one.path)
    np.testing.assert_array_equal(whole.sample_noise(3), second.sample_noise(3))


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="serves a SavedModel")
def test_the_generator_is_served_from_noise_to_images(tmp_path):
    import tensorflow as tf

    model = little()
    export(model.generator, tmp_path, (None, 4))
    served = tf.saved_model.load(tmp_path / "serve")
    noise = rng.uniform(-1, 1, (5, 4)).astype("float32")
    np.testing.assert_allclose(served.serve(noise), model.generator(noise), atol=1e-5)


def test_configuration_is_plain_json():
    config = json.loads(json.dumps(little(label_smoothing=0.1).get_config()))
    assert config["label_smoothing"] == 0.1 and config["filters"] == [8, 6]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: DCGAN((28, 28, 1), filters=(8, 8, 8)), "multiples of 8 for 3 filters"),
        (lambda: DCGANGenerator(latent=0), "latent must be 1 or more, got 0"),
        (lambda: DCGANDiscriminator(filters=()), "filters must be 1 or more"),
        (lambda: DCGAN(label_smoothing=0.5), "label_smoothing must be from 0 to below 0.5, got 0.5"),
        (lambda: DCGAN.small().build((None, 32, 32, 1)), r"images must be \(N, 28, 28, 1\)"),
        (lambda: DCGANGenerator().build((None, 64)), r"noise must be \(N, 100\), got \(None, 64\)"),
    ],
)
def test_bad_arguments_say_what_to_do(make, said):
    with pytest.raises(InputError, match=said):
        make()
