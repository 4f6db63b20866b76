import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.layers.squeeze_excitation import SqueezeExcitation

rng = np.random.default_rng(0)
maps = rng.standard_normal((2, 4, 3, 6), dtype="float32")


def with_random_weights(layer):
    layer.build(maps.shape)
    layer.set_weights([rng.standard_normal(weight.shape) for weight in layer.weights])
    return layer


def test_it_is_the_equations_of_the_paper():
    layer = with_random_weights(SqueezeExcitation(4))
    first, first_bias, second, second_bias = (weight.squeeze() for weight in layer.get_weights())
    for image, output in zip(maps, np.asarray(layer(maps))):
        squeezed = image.reshape(-1, 6).mean(axis=0)
        excited = np.maximum(squeezed @ first + first_bias, 0) @ second + second_bias
        np.testing.assert_allclose(output, image / (1 + np.exp(-excited)), atol=1e-6)


def test_open_gates_change_nothing_and_closed_ones_let_nothing_through():
    layer = SqueezeExcitation(2)
    layer.build(maps.shape)
    *rest, bias = layer.get_weights()
    layer.set_weights([*(0 * weight for weight in rest), bias + 100])
    np.testing.assert_array_equal(layer(maps), maps)
    layer.set_weights([*(0 * weight for weight in rest), bias - 100])
    np.testing.assert_array_equal(np.abs(layer(maps)) < 1e-30, True)


def test_gates_are_one_number_a_channel_whatever_the_place():
    layer = with_random_weights(SqueezeExcitation(3, activation="swish"))
    gates = np.asarray(layer.gates(maps))
    assert gates.shape == (2, 1, 1, 6) and 0 < gates.min() < gates.max() < 1
    moved = np.roll(maps, (1, 2), axis=(1, 2))
    np.testing.assert_allclose(layer.gates(moved), gates, atol=1e-6)


def test_configuration_and_bad_arguments():
    layer = SqueezeExcitation.from_config(SqueezeExcitation(3, activation="swish").get_config())
    assert (layer.squeezed, layer.activation) == (3, "swish")
    assert keras.saving.get_registered_name(SqueezeExcitation) == "keras_cv_course>SqueezeExcitation"
    with pytest.raises(InputError, match="at least 1 channel, got 0"):
        SqueezeExcitation(0)
