import keras
import numpy as np
import pytest

from keras_cv_course.classify.average_pooling import AveragePoolingClassifier
from keras_cv_course.errors import InputError
from keras_cv_course.explain.class_activation import grad_cam
from keras_cv_course.explain.layer_outputs import last_maps
from keras_cv_course.explain.own_classifier import LUMA, chosen_class, fitted, without_softmax

rng = np.random.default_rng(0)


def functional(shape=(12, 10, 3), classes=4, activation=None):
    layers = keras.layers
    inputs = keras.Input(shape)
    maps = layers.ReLU(name="last")(layers.Conv2D(5, 3, name="conv")(inputs))
    pooled = layers.GlobalAveragePooling2D(keepdims=True)(maps)  # maps of one place do not count
    return keras.Model(inputs, layers.Dense(classes, activation=activation)(layers.Flatten()(pooled)))


def test_the_square_in_the_middle_at_the_networks_size():
    image = np.zeros((20, 40, 3), "float32")
    image[:, 10:30] = [1.0, 0.5, 0.25]
    model = functional()
    found = fitted(model, image)
    assert found.shape == (1, 12, 10, 3) and found.dtype == np.float32
    np.testing.assert_allclose(found[0], np.broadcast_to([1.0, 0.5, 0.25], (12, 10, 3)), atol=1e-5)
    grey = fitted(functional((8, 8, 1)), image)
    np.testing.assert_allclose(grey, np.full((1, 8, 8, 1), np.dot(LUMA, [1, 0.5, 0.25])), atol=1e-5)
    assert fitted(functional((None, None, 3)), image, side=30).shape == (1, 30, 30, 3)
    built = AveragePoolingClassifier(filters=(2,), classes=3)
    built.build((None, 16, 16, 3))
    assert fitted(built, image).shape == (1, 16, 16, 3)
    assert fitted(built, np.ones((1, 1, 3), "float32")).shape == (1, 16, 16, 3)  # one pixel
    smooth = fitted(functional((4, 4, 3)), rng.random((64, 64, 3), dtype="float32"))
    assert smooth.std() < 0.1  # a pixel is the mean of all that it replaces


def test_networks_that_take_no_such_image():
    wide = keras.Sequential([keras.Input((8, 8, 5)), keras.layers.Flatten(), keras.layers.Dense(2)])
    rows = keras.Sequential([keras.Input((8,)), keras.layers.Dense(2)])
    for model in (wide, rows):
        with pytest.raises(InputError, match=r"a network for images \(N, H, W, 1 or 3\)"):
            fitted(model, np.zeros((8, 8, 3)))
    with pytest.raises(InputError, match="build it before you save it"):
        fitted(AveragePoolingClassifier(), np.zeros((8, 8, 3)))


def test_softmax_is_taken_off():
    model = functional(activation="softmax")
    image = rng.random((1, 12, 10, 3), dtype="float32")
    probabilities = keras.ops.convert_to_numpy(model(image))[0]
    logits = keras.ops.convert_to_numpy(without_softmax(model)(image))[0]
    np.testing.assert_allclose(np.exp(logits) / np.exp(logits).sum(), probabilities, rtol=1e-5)
    number, probability = chosen_class(model, image)
    assert number == probabilities.argmax() and probability == pytest.approx(probabilities.max(), rel=1e-5)
    assert chosen_class(model, image, 2) == (2, pytest.approx(probabilities[2], rel=1e-5))
    for wrong in (-1, 4):
        with pytest.raises(InputError, match=f"classes 0 to 3, there is no class {wrong}"):
            chosen_class(model, image, wrong)
    with pytest.raises(InputError, match="expected a classifier with logits"):
        chosen_class(keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3)]), image)


def test_the_last_maps_of_any_model():
    model, image = functional(), rng.random((1, 12, 10, 3), dtype="float32")
    assert last_maps(model, image) == "last"
    assert grad_cam(model, image, [1], last_maps(model, image)).shape == (1, 10, 8)
    own = AveragePoolingClassifier(filters=(2, 3), classes=3)
    own.build((None, 16, 16, 3))
    assert last_maps(own, image) == "relu2"
    assert not any("call" in vars(layer) for layer in own._flatten_layers())
    dense = keras.Sequential([keras.Input((12, 10, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
    with pytest.raises(InputError, match="Sequential has no layer with maps .* it has no convolution"):
        last_maps(dense, image)
