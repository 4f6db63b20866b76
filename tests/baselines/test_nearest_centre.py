import numpy as np
import pytest
from sklearn.neighbors import NearestCentroid

from keras_cv_course.baselines.nearest_centre import NearestCentre
from keras_cv_course.errors import InputError


def test_logits_by_hand():
    """Means 1 and 5, every image 1 from its mean: the variance is 1, so z = -(x - m)^2 / 2."""
    classifier = NearestCentre(np.array([[0.0], [2.0], [4.0], [6.0]]), np.array([0, 0, 1, 1]))
    np.testing.assert_allclose(classifier.centres, [[1], [5]])
    np.testing.assert_allclose(classifier.predict(np.array([[1.0], [3.0]])), [[0, -8], [-2, -2]])


def test_answers_are_those_of_scikit_learn():
    rng = np.random.default_rng(3)
    images, labels = rng.random((60, 4, 3, 1)), np.arange(60) % 5
    others = rng.random((100, 4, 3, 1))
    theirs = NearestCentroid().fit(images.reshape(60, -1), labels).predict(others.reshape(100, -1))
    np.testing.assert_array_equal(NearestCentre(images, labels).predict(others).argmax(axis=1), theirs)


def test_one_image_a_class():
    logits = NearestCentre(np.eye(2), np.array([0, 1])).predict(np.eye(2))
    np.testing.assert_allclose(logits, [[0, -1], [-1, 0]])


def test_bad_labels():
    with pytest.raises(InputError, match="class 1 has no image"):
        NearestCentre(np.ones((2, 3)), np.array([0, 2]))
    for labels in (np.array([0.0, 1.0]), np.array([0]), np.zeros((2, 1), int)):
        with pytest.raises(InputError, match="expected 2 integer labels"):
            NearestCentre(np.ones((2, 3)), labels)
    with pytest.raises(InputError, match="expected 0 integer labels"):
        NearestCentre(np.ones((0, 3)), np.zeros(0, int))
