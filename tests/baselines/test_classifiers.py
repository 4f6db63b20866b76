import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.svm import SVC

from keras_cv_course.baselines import classifiers
from keras_cv_course.baselines.classifiers import METHODS, oriented_gradients, tuned_classifiers
from keras_cv_course.data.part import Part
from keras_cv_course.errors import InputError
from keras_cv_course.metrics.accuracy import accuracy


def bars(count, seed):
    """Bright bars on a dark ground, somewhere in the image: label 0 horizontal, 1 vertical."""
    rng = np.random.default_rng(seed)
    images, labels = 0.1 * rng.random((count, 16, 16, 1), dtype="float32"), np.arange(count) % 2
    for image, label in zip(images, labels):
        row, column = rng.integers(2, 6, 2)
        image[row : row + (2 if label == 0 else 8), column : column + (8 if label == 0 else 2)] = 1
    return Part(images=images, labels=labels)


def test_every_method_learns_and_says_its_setting():
    train, validation, test = bars(80, 0), bars(40, 1), bars(60, 2)
    found = tuned_classifiers(train, validation)
    assert [name.split(", ")[0] for name in found] == list(METHODS)
    for name, predict in found.items():
        predicted = predict(test.images)
        assert predicted.shape == (60, 2) and set(predicted.ravel()) == {0, 1}
        assert accuracy(test.labels, predicted) > 0.8, name


def test_the_setting_is_chosen_on_validation_and_fitted_to_all(monkeypatch):
    calls = []

    def method(images, labels, setting):
        calls.append((len(images), setting))
        return lambda images: np.full(len(images), setting)

    monkeypatch.setattr(classifiers, "METHODS", {"constant": (method, (0, 1, 2), "{}")})
    monkeypatch.setattr(classifiers, "TUNED_ON", 5)
    train, validation = bars(8, 0), Part(images=np.zeros((3, 4, 4, 1)), labels=np.array([1, 1, 0]))
    (name,) = tuned_classifiers(train, validation, ["constant"])
    assert name == "constant, 1" and calls == [(5, 0), (5, 1), (5, 2), (8, 1)]


def test_an_svm_of_all_components_and_width_1_is_scikit_learns_scaled_one():
    train, test = bars(60, 0), bars(40, 2)
    rows, images = train.images.reshape(60, -1), test.images.reshape(40, -1)
    theirs = (
        SVC(C=10, gamma=1 / (60 * PCA(60).fit_transform(rows).var())).fit(rows, train.labels).predict(images)
    )
    ours = classifiers.support_vectors(train.images, train.labels, (1000, 1))(test.images)
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("side, cell, blocks", [(16, 8, 1), (28, 8, 9), (8, 8, 1), (32, 4, 49)])
def test_images_of_any_size_have_gradients(side, cell, blocks):
    assert oriented_gradients(np.zeros((2, side, side, 3), "float32"), cell).shape == (2, blocks * 4 * 9)


def test_few_examples():
    train, validation, test = bars(3, 0), bars(4, 1), bars(4, 2)
    for predict in tuned_classifiers(train, validation).values():
        assert predict(test.images).shape == (4, 2)
    with pytest.raises(InputError, match="two classes or more, got 1 of one"):
        tuned_classifiers(train[:1], validation)


def test_unknown_names_are_refused():
    with pytest.raises(InputError, match="unknown classifiers .'oracle'."):
        tuned_classifiers(bars(4, 0), bars(4, 1), ["oracle"])
