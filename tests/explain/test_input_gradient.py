import keras
import numpy as np
import pytest
from keras import ops
from keras.ops import convert_to_numpy

from keras_cv_course.errors import InputError
from keras_cv_course.explain.input_gradient import class_score, input_gradient

rng = np.random.default_rng(0)
IMAGES = rng.random((3, 6, 5, 2), dtype="float32")


def network():
    """A smooth one, with batch normalisation and dropout."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((6, 5, 2)),
        layers.Conv2D(4, 3, activation="tanh"),
        layers.BatchNormalization(),
        layers.Dropout(0.5),
        layers.Flatten(),
        layers.Dense(3),
    ])  # fmt: skip
    return model


def test_linear_and_quadratic_scores_by_hand():
    weights = rng.standard_normal(IMAGES.shape).astype("float32")
    np.testing.assert_array_equal(
        input_gradient(lambda x: ops.sum(ops.multiply(x, weights)), IMAGES), weights
    )
    squares = input_gradient(lambda x: ops.sum(x**2, axis=(1, 2, 3)), IMAGES)
    np.testing.assert_allclose(squares, 2 * IMAGES, rtol=1e-6)


def test_a_networks_gradient_is_its_finite_difference_and_the_network_stays():
    model, classes = network(), [2, 0, 1]
    model.layers[1].set_weights([np.full(4, value) for value in (1.5, 0.1, 0.2, 0.7)])
    before = model.get_weights()
    score = class_score(model, IMAGES, classes)
    gradient = input_gradient(score, IMAGES)
    for place in [(0, 0, 0, 0), (1, 3, 2, 1), (2, 5, 4, 0), (2, 2, 2, 1)]:
        step = np.zeros_like(IMAGES)
        step[place] = 0.02
        difference = convert_to_numpy(score(IMAGES + step) - score(IMAGES - step))[place[0]] / 0.04
        assert gradient[place] == pytest.approx(difference, rel=0.02, abs=1e-3)
    for weight, old in zip(model.get_weights(), before):
        np.testing.assert_array_equal(weight, old)
    assert all(weight.trainable for weight in model.trainable_weights) and len(model.trainable_weights) == 6


def test_an_image_has_the_gradient_that_it_has_alone():
    model = network()
    together = input_gradient(class_score(model, IMAGES, [0, 1, 2]), IMAGES)
    alone = input_gradient(class_score(model, IMAGES[1:2], [1]), IMAGES[1:2])
    np.testing.assert_allclose(together[1:2], alone, atol=1e-6)


def test_bad_arguments():
    model = network()
    with pytest.raises(InputError, match="first axis of 1"):
        class_score(model, IMAGES[0], [1])
    with pytest.raises(InputError, match="finite numbers"):
        class_score(model, np.full_like(IMAGES, np.nan), [0, 1, 2])
    with pytest.raises(InputError, match="classes are 0 to 2, received 0 to 3"):
        class_score(model, IMAGES, [0, 1, 3])
    for classes in ([0, 1], 1, [0.0, 1.0, 2.0]):
        with pytest.raises(InputError, match="expected 3 class numbers"):
            class_score(model, IMAGES, classes)
    maps = keras.Sequential([keras.Input((6, 5, 2)), keras.layers.Conv2D(3, 3)])
    with pytest.raises(InputError, match="expected a classifier"):
        class_score(maps, IMAGES, [0, 1, 2])
