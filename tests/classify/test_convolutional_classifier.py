import numpy as np
import pytest

from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
from keras_cv_course.errors import InputError
from tests.harness import Case, classification, noise_images

CASES = {
    "convolutional_classifier": Case(
        make=lambda: ConvolutionalClassifier(
            filters=(6, 8), depth=2, kernel_size=5, units=(16, 12), dropout=0.2, batch_norm=False, classes=3
        ),
        signature=(None, 17, 18, 3),
        published={
            "by hand: 288 + 64 + 18432 + 128 + 401536 + 1290": (
                ConvolutionalClassifier,
                (None, 28, 28, 1),
                421_738,
            )
        },
        **classification(noise_images(6, 17, 18, 3)),
    ),
}

rng = np.random.default_rng(0)


def test_stages_of_the_classifier():
    model = ConvolutionalClassifier(filters=(3, 5), units=())
    images = rng.random((4, 9, 8, 1), dtype="float32")
    endpoints = model.endpoints(images)
    assert {name: np.shape(maps)[1:] for name, maps in endpoints.items()} == {
        "conv1": (9, 8, 3),
        "pool1": (4, 4, 3),
        "conv2": (4, 4, 5),
        "pool2": (2, 2, 5),
        "features": (2, 2, 5),
    }
    assert all(np.asarray(maps).min() >= 0 for maps in endpoints.values())  # after the ReLU
    np.testing.assert_array_equal(model.classify(endpoints["features"]), model(images))


def test_deeper_stages_have_as_many_maps_and_one_pooling_each():
    model = ConvolutionalClassifier(filters=(3, 5), depth=2, units=())
    model.build((None, 9, 8, 1))
    maps = {name: tuple(maps.shape)[1:] for name, maps in model.endpoints(rng.random((1, 9, 8, 1))).items()}
    assert list(maps) == ["conv1", "pool1", "conv2", "pool2", "features"]
    assert maps["conv1"] == (9, 8, 3) and maps["features"] == (2, 2, 5)
    assert [layer.kernel.shape[2:] for layer in model.convolutions] == [(1, 3), (3, 3), (3, 5), (5, 5)]


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
    with pytest.raises(InputError, match="there must be a stage"):
        ConvolutionalClassifier(filters=())
    with pytest.raises(InputError, match="dropout is a share"):
        ConvolutionalClassifier(dropout=1)
    for shape in ((None, 3, 8, 1), (None, None, 8, 1)):
        with pytest.raises(InputError, match="at least 4x4 pixels for 2 poolings"):
            ConvolutionalClassifier().build(shape)
