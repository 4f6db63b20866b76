import keras
import numpy as np
import pytest
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.generate.adversarial.adversarial_losses import (
    apply_jointly,
    cross_entropy,
    discriminator_loss,
    frozen,
    generator_loss,
    least_squares,
)
from keras_cv_course.generate.adversarial.conventions import (
    check_sizes,
    l1_distance,
    normal_weights,
    tanh_image,
    to_signed,
)

ZERO = np.zeros((4, 3, 3, 1), "float32")


def test_at_chance_the_discriminator_s_loss_is_twice_ln_2_and_the_generator_s_once():
    assert float(discriminator_loss(ZERO, ZERO)) == pytest.approx(2 * np.log(2), abs=1e-6)
    assert float(generator_loss(ZERO)) == pytest.approx(np.log(2), abs=1e-6)


def test_least_squares_at_a_half():
    assert float(least_squares(1.0, ZERO + 0.5)) == pytest.approx(0.25)
    assert float(discriminator_loss(ZERO + 0.5, ZERO + 0.5, least_squares)) == pytest.approx(0.5)
    assert float(generator_loss(ZERO + 0.5, least_squares)) == pytest.approx(0.25)


@pytest.mark.parametrize("loss", [cross_entropy, least_squares])
def test_real_is_one_and_generated_is_zero(loss):
    large = 10 if loss is cross_entropy else 1
    assert float(discriminator_loss(ZERO + large, ZERO + 1 - large, loss)) < 2e-4
    assert float(discriminator_loss(ZERO + 1 - large, ZERO + large, loss)) > 1.9
    assert float(generator_loss(ZERO + large, loss)) < 1e-4


def test_cross_entropy_of_logits_by_hand():
    logits = np.array([[-2.0], [0.5], [30.0]], "float32")
    p = 1 / (1 + np.exp(-logits.astype("float64")))
    assert float(cross_entropy(1.0, logits)) == pytest.approx(-np.log(p).mean(), abs=1e-6)
    # -log(1 - p) = log(1 + e^x), which a sigmoid in float32 followed by a logarithm cannot give at 30.
    assert float(cross_entropy(0.0, logits)) == pytest.approx(np.log1p(np.exp(logits)).mean(), rel=1e-6)


def test_only_real_images_are_smoothed():
    real, fake = ZERO + 2, ZERO - 1
    expected = 0.9 * np.log1p(np.exp(-2)) + 0.1 * np.log1p(np.exp(2)) + np.log1p(np.exp(-1))
    assert float(discriminator_loss(real, fake, label_smoothing=0.1)) == pytest.approx(expected, abs=1e-6)


def test_half_precision_logits_are_averaged_in_full_precision():
    logits = ops.cast(ops.convert_to_tensor(ZERO + 3), "bfloat16")
    assert ops.dtype(cross_entropy(0.0, logits)) == "float32"
    assert float(cross_entropy(0.0, logits)) == pytest.approx(np.log1p(np.exp(3)), abs=1e-5)


def test_a_frozen_network_has_the_same_outputs_and_keeps_its_running_statistics():
    network = keras.Sequential([keras.layers.Dense(4), keras.layers.BatchNormalization()])
    inputs = np.random.default_rng(0).normal(3, 2, (32, 5)).astype("float32")
    network.build(inputs.shape)
    before = network.get_weights()
    for training in (True, False):
        held = ops.convert_to_numpy(frozen(network, inputs, training))
        for old, new in zip(before, network.get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)
        np.testing.assert_allclose(held, network(inputs, training=training), atol=1e-6)
        network.set_weights(before)


def test_apply_jointly_is_one_pass_and_gives_what_single_passes_give():
    calls = []

    class Counted(keras.layers.Layer):
        def call(self, inputs):
            calls.append(len(inputs))
            return 2 * inputs

    network, rng = Counted(), np.random.default_rng(0)
    first, second, third = (rng.random((count, 2, 2, 1), dtype="float32") for count in (3, 1, 4))
    parts = apply_jointly(lambda inputs, training: network(inputs), first, None, second, third)
    assert calls == [8] and parts[1] is None
    for part, batch in zip((parts[0], *parts[2:]), (first, second, third), strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(part), 2 * batch)
    assert apply_jointly(network, None, None) == [None, None] and calls == [8]


def test_apply_jointly_passes_training_on():
    network = keras.layers.Dropout(0.5)
    ones = np.ones((50, 4), "float32")
    still, noisy = (apply_jointly(network, ones, training=training)[0] for training in (False, True))
    assert float(ops.min(still)) == 1 and float(ops.min(noisy)) == 0


def test_l1_and_conversions_are_in_the_papers_range():
    assert float(l1_distance(ZERO, ZERO + 0.25)) == pytest.approx(0.5)
    np.testing.assert_allclose(to_signed(np.array([0, 0.5, 1])), [-1, 0, 1])
    np.testing.assert_allclose(tanh_image(np.array([-50.0, 0, 50])), [0, 0.5, 1])
    logits = np.array([-0.7, 0.3], "float32")
    np.testing.assert_allclose(to_signed(tanh_image(logits)), np.tanh(logits), atol=1e-6)


def test_first_weights_are_drawn_anew_for_every_layer():
    first, second = (ops.convert_to_numpy(normal_weights()((100, 100))) for _ in range(2))
    assert np.abs(first - second).max() > 0.01
    assert first.mean() == pytest.approx(0, abs=1e-3)
    assert first.std() == pytest.approx(0.02, rel=0.03)


def test_sizes_below_one_are_refused():
    check_sizes(one=1, several=(1, 2))
    for bad in (0, (3, 0), ()):
        with pytest.raises(InputError, match="filters must be 1 or more"):
            check_sizes(filters=bad)
