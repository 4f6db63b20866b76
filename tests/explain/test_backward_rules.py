import keras
import numpy as np
import pytest
from keras.ops import convert_to_numpy

from keras_cv_course.classify.efficientnet_lite import EfficientNetLite
from keras_cv_course.errors import InputError
from keras_cv_course.explain.backward_rules import relu_rule, ruled_relu, ruled_saliency
from keras_cv_course.explain.input_gradient import input_gradient
from keras_cv_course.explain.saliency import gradient_saliency
from tests.explain.captums_network import IMAGES, captums_network

PUBLISHED = {
    "guided": [[0, 1, 1, 1], [1, 3, 3, 2], [1, 3, 3, 2], [1, 2, 2, 1]],
    "deconvnet": [[2, 3, 3, 1], [3, 5, 5, 2], [3, 5, 5, 2], [1, 2, 2, 1]],
}


@pytest.mark.parametrize("rule", PUBLISHED)
def test_captums_numbers(rule):
    found = ruled_saliency(captums_network(), IMAGES, [0], rule)
    np.testing.assert_array_equal(found[0, ..., 0], PUBLISHED[rule])


def test_each_rule_by_hand():
    features, upstream = np.float32([-1, 2, 3, 7, -2, 1]), np.float32([1, 2, -3, 4, -5, 0.5])
    expected = {
        ("guided", np.inf): [0, 2, 0, 4, 0, 0.5],
        ("guided", 6.0): [0, 2, 0, 0, 0, 0.5],
        ("deconvnet", np.inf): [1, 2, 0, 4, 0, 0.5],
    }
    for (rule, largest), gradient in expected.items():
        relu = ruled_relu(rule, largest)
        np.testing.assert_array_equal(convert_to_numpy(relu(features)), np.clip(features, 0, largest))
        found = input_gradient(
            lambda x, relu=relu: keras.ops.sum(keras.ops.multiply(relu(x), upstream)), features
        )
        np.testing.assert_array_equal(found, gradient)


def test_where_all_is_positive_guided_is_the_gradient():
    layers = keras.layers
    network = keras.Sequential([
        keras.Input((6, 6, 2)),
        layers.Conv2D(3, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(4, activation="relu"),
        layers.Dense(2),
    ])  # fmt: skip
    rng = np.random.default_rng(0)
    network.set_weights([rng.random(weight.shape) for weight in network.get_weights()])
    images = rng.random((2, 6, 6, 2), dtype="float32")
    plain = gradient_saliency(network, images, [0, 1])
    np.testing.assert_allclose(ruled_saliency(network, images, [0, 1]), plain, rtol=1e-5)
    network.set_weights([rng.normal(size=weight.shape) for weight in network.get_weights()])
    plain = gradient_saliency(network, images, [0, 1])
    assert np.abs(ruled_saliency(network, images, [0, 1]) - plain).max() > 0.1


def test_the_network_is_as_it_was_afterwards_and_its_outputs_are_the_same_inside():
    network = EfficientNetLite.small(classes=3)
    images = np.random.default_rng(0).random((1, 32, 32, 3), dtype="float32")
    before, plain = convert_to_numpy(network(images)), gradient_saliency(network, images, [1])
    with relu_rule(network, "guided"):
        np.testing.assert_allclose(convert_to_numpy(network(images)), before, atol=1e-6)
        assert np.abs(gradient_saliency(network, images, [1]) - plain).max() > 0
    with pytest.raises(ZeroDivisionError), relu_rule(network, "guided"):
        _ = 1 / 0
    np.testing.assert_array_equal(gradient_saliency(network, images, [1]), plain)
    relus = captums_network()
    with relu_rule(relus, "guided"):
        pass
    assert not any("call" in vars(layer) for layer in relus.layers)


def test_bad_arguments():
    with pytest.raises(InputError, match="one of deconvnet, guided, received 'lrp'"):
        ruled_saliency(captums_network(), IMAGES, [0], "lrp")
    linear = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    with pytest.raises(InputError, match="Sequential has no layer with a ReLU"):
        ruled_saliency(linear, IMAGES, [0])
