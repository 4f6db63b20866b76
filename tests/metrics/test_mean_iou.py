"""Confusion matrix and mean IoU: against scikit-learn and Keras, by hand, and with void pixels."""

import keras
import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, jaccard_score

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.mean_iou import confusion, iou_by_class, mean_iou


def test_equals_scikit_learn_and_keras():
    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(0, 4, (2, 3, 30, 20))
    table = confusion(truth, predicted, 4)
    np.testing.assert_array_equal(table, confusion_matrix(truth.ravel(), predicted.ravel()))
    jaccard = jaccard_score(truth.ravel(), predicted.ravel(), average=None)
    np.testing.assert_allclose(iou_by_class(table), jaccard)
    theirs = keras.metrics.MeanIoU(4)
    theirs.update_state(truth, predicted)
    assert abs(mean_iou(truth, predicted, 4) - float(theirs.result())) < 1e-6
    assert mean_iou(truth, predicted) == mean_iou(truth, predicted, 4) == mean_iou(truth, predicted, 9)


def test_void_pixels_do_not_count_and_absent_classes_are_left_out():
    truth, predicted = np.array([0, 0, 1, 255]), np.array([0, 1, 1, 2])
    # Class 0: 1 of 2, class 1: 1 of 2, class 2: on void only.
    np.testing.assert_array_equal(iou_by_class(confusion(truth, predicted, 4)), [0.5, 0.5, np.nan, np.nan])
    assert mean_iou(truth, predicted, 4) == 0.5
    truth, predicted = np.array([0, 1, 1, 2]), np.array([1, 1, 0, 1])
    np.testing.assert_array_equal(confusion(truth, predicted, 2, void=2), [[0, 1], [1, 1]])


def test_nothing_but_void_has_no_mean_and_no_warning():
    assert np.isnan(mean_iou(np.full((1, 2, 2), 255), np.zeros((1, 2, 2), int), 3))


def test_refuses():
    with pytest.raises(InputError, match="0 to 7"):
        confusion(np.array([0, 7]), np.array([0, 1]), 3)
    with pytest.raises(InputError, match="the prediction has 0 to 3"):
        confusion(np.array([0, 1]), np.array([0, 3]), 3)
    with pytest.raises(InputError, match=r"\(2,\) and \(3,\)"):
        confusion(np.zeros(2, int), np.zeros(3, int), 3)
