"""DenseNet-121 and EfficientNet-B0 with the weights of `keras.applications`, and the way back."""

import keras
import numpy as np
import pytest

from keras_cv_course.training.imagenet_weights import (
    PUBLISHED,
    copy_from_keras,
    copy_to_keras,
    imagenet_model,
    preprocess,
)

# EfficientNet of keras.applications brings its division by 255 along.
SCALE = {"densenet121": 1, "efficientnetb0": 255}
rng = np.random.default_rng(0)
# keras.applications turns its inputs into float32, which holds these exactly.
images = rng.integers(0, 257, (2, 64, 64, 3)) / 256


@pytest.fixture
def double():
    """Random weights this deep make a thousand times more of every rounding: compute in float64."""
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_dtype_policy("float32")


def randomise(model, inputs):
    """Random weights, and running statistics of the inputs, so that signals neither die nor grow."""
    for weight in model.trainable_weights:
        name = weight.path.rsplit("/", 1)[-1]
        if name in ("kernel", "gamma"):
            weight.assign(weight * rng.uniform(0.7, 1.4, weight.shape))
        else:
            weight.assign(rng.normal(0, 0.2, weight.shape))
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0  # the next batch's statistics take the place of all before
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    model(inputs, training=True)


def normalize(model, mean, variance):
    """Give EfficientNet's normalisation layer a mean and a variance."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.set_weights([np.array(mean), np.array(variance), np.array(0)])
            layer.finalize_state()


def keras_model(name):
    return getattr(keras.applications, PUBLISHED[name].application)(
        weights=None, input_shape=(64, 64, 3), classes=7, classifier_activation=None
    )


def seen(name):
    """The images as keras.applications' model has them behind its own division by 255.

    That division is exact to float32 only, 6e-8, and so deep a network of random weights makes 1e-4 of it.
    """
    return images if SCALE[name] == 1 else keras.layers.Rescaling(1 / 255)(np.float32(255 * images))


def assert_same(theirs, ours, name):
    expected = np.asarray(theirs(SCALE[name] * images))
    assert np.abs(expected[0] - expected[1]).mean() > 0.1  # the images show
    np.testing.assert_allclose(ours(seen(name)), expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("name", SCALE)
def test_logits_agree_both_ways(name, double):
    keras.layers.Normalization()  # so that Keras numbers the next one, which has no name of its own
    theirs = keras_model(name)
    normalize(theirs, (0.4, 0.5, 0.6), (0.2, 0.1, 0.3))
    randomise(theirs, SCALE[name] * images)
    ours = PUBLISHED[name].make(7)
    ours.build(images.shape)
    assert ours.count_params() == theirs.count_params()
    copy_from_keras(name, theirs, ours)
    assert_same(theirs, ours, name)

    before = ours.get_weights()
    normalize(theirs, (0, 0, 0), (1, 1, 1))
    randomise(theirs, SCALE[name] * images)
    copy_to_keras(name, ours, theirs)
    assert_same(theirs, ours, name)
    for mine, kept in zip(ours.get_weights(), before):
        np.testing.assert_array_equal(mine, kept)


def test_the_layer_that_imagenet_weights_of_efficientnet_bring_along(double, tmp_path, monkeypatch):
    """With ImageNet's weights, keras.applications divides once more: `preprocess` makes up for it."""
    donor = keras.applications.EfficientNetB0(include_top=False, weights=None, input_shape=(64, 64, 3))
    # What the real file holds: ImageNet's mean, and its deviation in the variance's place.
    normalize(donor, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    randomise(donor, 255 * preprocess("efficientnetb0", images))
    file = tmp_path / "donor.weights.h5"
    donor.save_weights(file)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("keras.src.utils.file_utils.get_file", lambda *_, **__: str(file))
    theirs = keras.applications.EfficientNetB0(include_top=False, input_shape=(64, 64, 3))
    ours = imagenet_model("efficientnetb0", top=False, classes=2, size=64)
    features = ours.endpoints(preprocess("efficientnetb0", seen("efficientnetb0")))["features"]
    # The factor behind their normalisation is rounded to float32, too; see `seen`.
    np.testing.assert_allclose(features, theirs(255 * images), rtol=0, atol=1e-3)
    # Without it the numbers are others.
    assert np.abs(np.asarray(ours.endpoints(images)["features"]) - np.asarray(features)).max() > 0.1


def test_densenet_wants_standardised_images():
    expected = (images - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    np.testing.assert_allclose(preprocess("densenet121", images), expected, atol=1e-5)
