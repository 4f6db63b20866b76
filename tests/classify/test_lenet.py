import keras
import numpy as np
import pytest

from keras_cv_course.classify.lenet import ConvolutionalClassifier, LeNet5
from keras_cv_course.errors import InputError

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


def test_a_border_brings_mnist_to_32_pixels():
    model, bordered = LeNet5(), LeNet5(border=2)
    images = rng.random((2, 28, 28, 1), dtype="float32")
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)))
    model.build(padded.shape)
    bordered.build(images.shape)
    bordered.set_weights(model.get_weights())
    np.testing.assert_allclose(bordered(images), model(padded), atol=1e-6)


def test_stages_of_the_classifier():
    model = ConvolutionalClassifier(filters=(3, 5), units=())
    assert shapes(model, (None, 9, 8, 1)) == {
        "conv1": (9, 8, 3),
        "pool1": (4, 4, 3),
        "conv2": (4, 4, 5),
        "pool2": (2, 2, 5),
        "features": (2, 2, 5),
    }
    images = rng.random((4, 9, 8, 1), dtype="float32")
    endpoints = model.endpoints(images)
    assert all(np.asarray(maps).min() >= 0 for maps in endpoints.values())  # after the ReLU
    np.testing.assert_array_equal(model.classify(endpoints["features"]), model(images))


def test_batch_norm_and_dropout_work_while_training_only():
    images = rng.random((64, 8, 8, 1), dtype="float32")
    model = ConvolutionalClassifier(dropout=0.0)
    training = np.asarray(model.endpoints(images, training=True)["conv1"])
    # After batch normalisation and ReLU: mean 0.4 and half of all numbers 0, of a bell curve.
    assert 0.2 < training.mean() < 0.6 and 0.3 < np.mean(training == 0) < 0.7
    dropping = ConvolutionalClassifier(dropout=0.5, batch_norm=False)
    np.testing.assert_array_equal(dropping(images), dropping(images))
    first, second = (np.asarray(dropping(images, training=True)) for _ in range(2))
    assert np.abs(first - second).max() > 0.01


def test_bad_arguments():
    with pytest.raises(InputError, match="28x28 pixels with a border of 2"):
        LeNet5(border=2).build((None, 32, 32, 1))
    with pytest.raises(InputError, match="three numbers"):
        LeNet5(filters=(6, 16))
    with pytest.raises(InputError, match="border of 0 or more"):
        LeNet5(border=-1)
    with pytest.raises(InputError, match='"average" or "max"'):
        LeNet5(pooling="median")
    with pytest.raises(InputError, match="there must be a stage"):
        ConvolutionalClassifier(filters=())
    with pytest.raises(InputError, match="dropout is a share"):
        ConvolutionalClassifier(dropout=1)
    for shape in ((None, 3, 8, 1), (None, None, 8, 1)):
        with pytest.raises(InputError, match="at least 4x4 pixels for 2 poolings"):
            ConvolutionalClassifier().build(shape)
