import keras
import numpy as np
import pytest

from keras_cv_course.classify.lenet import LeNet5
from keras_cv_course.errors import InputError
from tests.harness import Case, classification, noise_images

CASES = {
    "lenet5": Case(
        make=lambda: LeNet5(
            filters=(4, 8, 20), units=12, activation="relu", pooling="max", padding=3, classes=3
        ),
        signature=(None, 26, 26, 2),
        published={"LeNet-5 with a full C3": (LeNet5, (None, 32, 32, 1), 61_706)},
        **classification(noise_images(6, 26, 26, 2)),
    ),
}

rng = np.random.default_rng(0)


def shapes(model, input_shape):
    """{name: shape of the endpoint without the batch}, from one symbolic image."""
    endpoints = model.endpoints(keras.KerasTensor(input_shape))
    return {name: tuple(maps.shape)[1:] for name, maps in endpoints.items()}


def test_feature_maps_of_figure_2():
    assert shapes(LeNet5(), (None, 32, 32, 1)) == {
        "c1": (28, 28, 6),
        "s2": (14, 14, 6),
        "c3": (10, 10, 16),
        "s4": (5, 5, 16),
        "c5": (1, 1, 120),
        "features": (1, 1, 120),
    }


def test_it_is_the_layers_of_figure_2_one_after_the_other():
    model = LeNet5()
    images = rng.random((2, 32, 32, 1), dtype="float32")
    model.build(images.shape)
    c1, b1, c3, b3, c5, b5, f6, b6, last, b_last = model.get_weights()
    ops = keras.ops
    maps = ops.average_pool(ops.tanh(ops.conv(images, c1) + b1), 2)
    maps = ops.average_pool(ops.tanh(ops.conv(maps, c3) + b3), 2)
    hidden = ops.tanh(ops.reshape(maps, (2, -1)) @ c5.reshape(400, 120) + b5)
    expected = ops.tanh(hidden @ f6 + b6) @ last + b_last
    np.testing.assert_allclose(model(images), expected, atol=1e-5)


def test_padding_brings_mnist_to_32_pixels():
    model, padding = LeNet5(), LeNet5(padding=2)
    images = rng.random((2, 28, 28, 1), dtype="float32")
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)))
    model.build(padded.shape)
    padding.build(images.shape)
    padding.set_weights(model.get_weights())
    np.testing.assert_allclose(padding(images), model(padded), atol=1e-6)


def test_bad_arguments():
    with pytest.raises(InputError, match="28x28 pixels with a padding of 2"):
        LeNet5(padding=2).build((None, 32, 32, 1))
    with pytest.raises(InputError, match="three numbers"):
        LeNet5(filters=(6, 16))
    with pytest.raises(InputError, match="padding of 0 or more"):
        LeNet5(padding=-1)
    with pytest.raises(InputError, match='"average" or "max"'):
        LeNet5(pooling="median")
