import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.explain.class_image import class_image, total_variation
from tests.explain.linear_network import linear_network

SHAPE = (6, 5, 2)
PLAIN = dict(decay=0, blur=0, jitter=0)


def test_one_step_of_a_linear_network_by_hand():
    model, kernel = linear_network(SHAPE)
    expected = 0.5 + 0.3 * kernel[1] / np.linalg.norm(kernel[1])
    np.testing.assert_allclose(class_image(model, 1, SHAPE, steps=1, rate=0.3, **PLAIN), expected, atol=1e-6)
    shrunk = class_image(model, 1, SHAPE, steps=1, rate=0.3, decay=0.25, blur=0, jitter=0)
    np.testing.assert_allclose(shrunk - 0.5, 0.75 * (expected - 0.5), atol=1e-6)


def test_many_steps_end_at_black_and_white_without_a_penalty_and_at_the_balance_with_one():
    model, kernel = linear_network(SHAPE)
    image = class_image(model, 2, SHAPE, steps=100, rate=2.0, **PLAIN)
    clear = np.abs(kernel[2]) > 0.1
    np.testing.assert_array_equal(image[clear], kernel[2][clear] > 0)
    # Where a step of the ascent equals what the decay takes away: d = (1 - decay)(d + rate w / |w|).
    image = class_image(model, 2, SHAPE, steps=80, rate=0.1, decay=0.2, blur=0, jitter=0)
    np.testing.assert_allclose(image - 0.5, 0.4 * kernel[2] / np.linalg.norm(kernel[2]), atol=1e-5)


def striped_network():
    """Its class 1 wants bright columns beside dark ones: a convolution, its squares, their mean."""
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((12, 12, 1)),
        layers.Conv2D(1, (1, 2)),
        layers.ReLU(),
        layers.GlobalAveragePooling2D(),
        layers.Dense(2, use_bias=False),
    ])  # fmt: skip
    model.set_weights([np.float32([-1, 1]).reshape(1, 2, 1, 1), np.float32([0.1]), np.float32([[-9, 9]])])
    return model


def test_blur_makes_the_image_smoother_and_seeds_decide_the_shifts():
    model = striped_network()
    start = dict(steps=40, rate=0.3, decay=0.01, every=2)
    images = [class_image(model, 1, (12, 12, 1), blur=blur, jitter=3, **start) for blur in (0, 0.7)]
    rough, smooth = total_variation(np.stack(images))
    assert smooth < 0.7 * rough
    again, other = (
        class_image(model, 1, (12, 12, 1), blur=0, jitter=3, seed=seed, **start) for seed in (0, 1)
    )
    np.testing.assert_array_equal(again, images[0])
    assert np.abs(other - again).max() > 0.01


def test_total_variation_by_hand():
    images = np.zeros((3, 2, 3, 1))
    images[1, :, 1] = 1  # a column: two of two pairs in a row
    images[2, 0] = 1  # the upper row: all pairs of a column
    np.testing.assert_allclose(total_variation(images), [0, 1, 1])


def test_bad_arguments():
    model, _ = linear_network(SHAPE)
    for wrong in ({"steps": 0}, {"every": 0}, {"rate": 0}, {"blur": -1}, {"jitter": -1}, {"decay": 1}):
        with pytest.raises(InputError, match="steps and every must be 1 or more"):
            class_image(model, 0, SHAPE, **wrong)
    with pytest.raises(InputError, match="classes are 0 to 2"):
        class_image(model, 3, SHAPE)
