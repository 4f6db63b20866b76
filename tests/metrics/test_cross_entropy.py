"""Softmax and cross-entropy against SciPy, scikit-learn and Keras, and where a plain formula overflows."""

import keras
import numpy as np
import pytest
from scipy import special
from sklearn import metrics

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.accuracy import accuracy
from keras_cv_course.metrics.cross_entropy import cross_entropy, softmax

rng = np.random.default_rng(0)
logits = rng.normal(0, 5, (50, 7))
labels = rng.integers(0, 7, 50)


def test_softmax_is_scipys():
    np.testing.assert_allclose(softmax(logits), special.softmax(logits, axis=1), rtol=1e-12)
    np.testing.assert_allclose(softmax([[1e4, 0.0], [-1e4, -1e4]]), [[1, 0], [0.5, 0.5]])


def test_cross_entropy_is_scikit_learns_and_keras():
    loss = metrics.log_loss(labels, special.softmax(logits, axis=1), labels=range(7))
    assert cross_entropy(labels, logits) == pytest.approx(loss, rel=1e-9)
    theirs = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, logits.astype("float32"))
    assert cross_entropy(labels, logits) == pytest.approx(float(theirs), rel=1e-5)


def test_cross_entropy_by_hand():
    assert cross_entropy([3], np.zeros((1, 10))) == pytest.approx(np.log(10), rel=1e-12)
    assert cross_entropy([1], [[5000.0, 0.0]]) == 5000  # the probability itself would be 0, its log infinite


def test_accuracy():
    assert accuracy(labels, logits) == metrics.accuracy_score(labels, logits.argmax(axis=1))
    assert accuracy([0, 1], [[2.0, 1], [2, 1]]) == 0.5


@pytest.mark.parametrize("function", [cross_entropy, accuracy])
def test_bad_input(function):
    for bad in (([0, 1], np.zeros((3, 2))), ([0], np.zeros(2)), ([], np.zeros((0, 2)))):
        with pytest.raises(InputError, match="same N"):
            function(*bad)
    for bad in ([2], [-1], [0.0]):
        with pytest.raises(InputError, match="whole numbers from 0 to 1"):
            function(bad, np.zeros((1, 2)))
