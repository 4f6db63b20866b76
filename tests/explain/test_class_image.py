import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.explain.class_image import (
    class_image,
    class_images,
    total_variation,
    variation_gradient,
)
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


def test_images_of_several_classes_are_those_of_each():
    model, _ = linear_network(SHAPE)
    options = dict(steps=5, rate=0.4, variation=0.3, jitter=2)
    together = class_images(model, [2, 0], SHAPE, **options)
    for image, target in zip(together, (2, 0)):
        np.testing.assert_allclose(image, class_image(model, target, SHAPE, **options), atol=1e-6)


def test_the_gradient_of_the_variation_is_a_finite_difference():
    images = np.random.default_rng(0).random((1, 4, 5, 2))
    gradient, pairs = variation_gradient(images), np.array([2 * 3 * 5, 2 * 4 * 4])

    def total(images):
        return sum(np.abs(np.diff(images, axis=axis)).sum() for axis in (1, 2))

    for place in ((0, 0, 0, 0), (0, 2, 3, 1), (0, 3, 4, 0)):
        moved = images.copy()
        moved[place] += 1e-6
        assert (total(moved) - total(images)) / 1e-6 == pytest.approx(gradient[place], abs=1e-3)
    means = [np.abs(np.diff(images, axis=axis)).mean() for axis in (1, 2)]
    assert total(images) == pytest.approx((means * pairs).sum())
    assert not variation_gradient(np.full((1, 3, 3, 1), 0.5)).any()


def test_total_variation_makes_the_image_smoother():
    start = dict(steps=40, rate=0.3, blur=0, jitter=3)
    images = [class_image(striped_network(), 1, (12, 12, 1), variation=v, **start) for v in (0.0, 0.6)]
    rough, smooth = total_variation(np.stack(images))
    assert smooth < 0.7 * rough


def test_bad_arguments():
    model, _ = linear_network(SHAPE)
    wrongs = [
        {"steps": 0},
        {"every": 0},
        {"rate": 0},
        {"blur": -1},
        {"jitter": -1},
        {"variation": -1},
        {"decay": 1},
    ]
    for wrong in wrongs:
        with pytest.raises(InputError, match="steps and every must be 1 or more"):
            class_image(model, 0, SHAPE, **wrong)
    with pytest.raises(InputError, match="classes are 0 to 2"):
        class_image(model, 3, SHAPE)
