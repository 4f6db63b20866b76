import keras
import numpy as np
import pytest
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.generate.adversarial.conventions import (
    check_sizes,
    initial,
    mean_absolute,
    tanh_image,
    to_signed,
)
from keras_cv_course.generate.adversarial.two_players import (
    cross_entropy,
    discriminator_loss,
    frozen,
    generator_loss,
    least_squares,
    together,
)

ZERO = np.zeros((4, 3, 3, 1), "float32")


def test_a_discriminator_that_cannot_tell_loses_twice_ln_2_and_the_generator_once():
    assert float(discriminator_loss(ZERO, ZERO)) == pytest.approx(2 * np.log(2), abs=1e-6)
    assert float(generator_loss(ZERO)) == pytest.approx(np.log(2), abs=1e-6)


def test_least_squares_at_a_half():
    assert float(least_squares(ZERO + 0.5, 1.0)) == pytest.approx(0.25)
    assert float(discriminator_loss(ZERO + 0.5, ZERO + 0.5, least_squares)) == pytest.approx(0.5)
    assert float(generator_loss(ZERO + 0.5, least_squares)) == pytest.approx(0.25)


@pytest.mark.parametrize("judge", [cross_entropy, least_squares])
def test_real_is_one_and_made_is_zero(judge):
    sure = 10 if judge is cross_entropy else 1
    assert float(discriminator_loss(ZERO + sure, ZERO + 1 - sure, judge)) < 2e-4
    assert float(discriminator_loss(ZERO + 1 - sure, ZERO + sure, judge)) > 1.9
    assert float(generator_loss(ZERO + sure, judge)) < 1e-4


def test_cross_entropy_of_logits_by_hand():
    logits = np.array([[-2.0], [0.5], [30.0]], "float32")
    p = 1 / (1 + np.exp(-logits.astype("float64")))
    assert float(cross_entropy(logits, 1.0)) == pytest.approx(-np.log(p).mean(), abs=1e-6)
    # -log(1 - p) = log(1 + e^x), which a sigmoid in float32 followed by a logarithm cannot tell at 30.
    assert float(cross_entropy(logits, 0.0)) == pytest.approx(np.log1p(np.exp(logits)).mean(), rel=1e-6)


def test_only_real_images_are_smoothed():
    real, fake = ZERO + 2, ZERO - 1
    expected = 0.9 * np.log1p(np.exp(-2)) + 0.1 * np.log1p(np.exp(2)) + np.log1p(np.exp(-1))
    assert float(discriminator_loss(real, fake, smooth=0.1)) == pytest.approx(expected, abs=1e-6)


def test_half_precision_logits_are_judged_in_full_precision():
    logits = ops.cast(ops.convert_to_tensor(ZERO + 3), "bfloat16")
    assert ops.dtype(cross_entropy(logits, 0.0)) == "float32"
    assert float(cross_entropy(logits, 0.0)) == pytest.approx(np.log1p(np.exp(3)), abs=1e-5)


def test_a_frozen_network_answers_as_it_does_and_keeps_its_running_statistics():
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


def test_together_is_one_pass_and_gives_what_single_passes_give():
    calls = []

    class Counted(keras.layers.Layer):
        def call(self, inputs):
            calls.append(len(inputs))
            return 2 * inputs

    network, rng = Counted(), np.random.default_rng(0)
    first, second, third = (rng.random((count, 2, 2, 1), dtype="float32") for count in (3, 1, 4))
    parts = together(lambda inputs, training: network(inputs), first, None, second, third)
    assert calls == [8] and parts[1] is None
    for part, batch in zip((parts[0], *parts[2:]), (first, second, third), strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(part), 2 * batch)
    assert together(network, None, None) == [None, None] and calls == [8]


def test_together_passes_training_on():
    network = keras.layers.Dropout(0.5)
    ones = np.ones((50, 4), "float32")
    still, noisy = (together(network, ones, training=training)[0] for training in (False, True))
    assert float(ops.min(still)) == 1 and float(ops.min(noisy)) == 0


def test_l1_and_conversions_are_in_the_papers_range():
    assert float(mean_absolute(ZERO, ZERO + 0.25)) == pytest.approx(0.5)
    np.testing.assert_allclose(to_signed(np.array([0, 0.5, 1])), [-1, 0, 1])
    np.testing.assert_allclose(tanh_image(np.array([-50.0, 0, 50])), [0, 0.5, 1])
    logits = np.array([-0.7, 0.3], "float32")
    np.testing.assert_allclose(to_signed(tanh_image(logits)), np.tanh(logits), atol=1e-6)


def test_first_weights_are_drawn_anew_for_every_layer():
    first, second = (ops.convert_to_numpy(initial()((100, 100))) for _ in range(2))
    assert np.abs(first - second).max() > 0.01
    assert first.mean() == pytest.approx(0, abs=1e-3)
    assert first.std() == pytest.approx(0.02, rel=0.03)


def test_sizes_below_one_are_refused():
    check_sizes(one=1, several=(1, 2))
    for bad in (0, (3, 0), ()):
        with pytest.raises(InputError, match="filters must be 1 or more"):
            check_sizes(filters=bad)
