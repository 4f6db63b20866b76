import keras
import numpy as np
import pytest

from keras_cv_course.classify.efficientnet_lite import EfficientNetLite
from keras_cv_course.errors import InputError
from keras_cv_course.explain.feature_maps import chosen_maps, feature_maps, gradient_columns
from keras_cv_course.explain.layer_outputs import layer_output


def small_network():
    layers = keras.layers
    return keras.Sequential([
        keras.Input((16, 16, 3)),
        layers.Conv2D(4, 3, name="first"),
        layers.ReLU(name="relu"),
        layers.MaxPooling2D(2, name="pool"),
        layers.GlobalAveragePooling2D(name="mean"),
        layers.Dense(2, name="logits"),
    ])  # fmt: skip


def test_main_maps_are_the_last_of_each_field_and_others_are_asked_for_by_name():
    model = small_network()
    assert list(chosen_maps(model, (16, 16, 3))) == ["relu", "pool"]
    assert list(chosen_maps(model, (16, 16, 3), ("first",))) == ["first"]
    with pytest.raises(
        InputError, match="no map 'logits' to look at: behind 'mean'.*choose from: first, relu"
    ):
        chosen_maps(model, (16, 16, 3), ("logits",))
    with pytest.raises(InputError, match="no map 'x' to look at: there is none"):
        chosen_maps(model, (16, 16, 3), ("x",))
    dense = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
    with pytest.raises(InputError, match="the model has no convolution"):
        chosen_maps(dense, (4, 4, 3))


def test_maps_of_many_images_are_those_of_each():
    model, images = small_network(), np.random.default_rng(0).random((5, 16, 16, 3), dtype="float32")
    maps = feature_maps(model, images, ["relu"], batch_size=2)["relu"]
    np.testing.assert_allclose(maps, layer_output(model, images, "relu"), atol=1e-5)
    largest = feature_maps(model, images, ["relu"], lambda some: some.max(axis=(1, 2)), 3)["relu"]
    np.testing.assert_allclose(largest, maps.max(axis=(1, 2)), atol=1e-5)


def test_endpoints_and_their_gradient():
    model = EfficientNetLite.small()
    model.build((None, 32, 64, 3))
    rng = np.random.default_rng(0)
    images = rng.random((2, 32, 32, 3), dtype="float32")
    maps = feature_maps(model, images, ["stem", "features"])
    expected = keras.ops.convert_to_numpy(model.endpoints(images)["features"])
    np.testing.assert_allclose(maps["features"], expected, atol=1e-5)
    fields = chosen_maps(model, (32, 64, 3))
    assert next(iter(fields)) == "stem" and list(fields)[-1] == "features"
    assert gradient_columns(model, "stem", (32, 64, 3), 20, rng) == (19, 21)
