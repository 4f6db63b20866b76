"""Which windows a detector learns from: by hand, and hard negatives are background inside the margin."""

import numpy as np

from keras_cv_course.detect.hard_negatives import hardest, window_labels


def test_labels_by_hand():
    windows = np.float32([[0, 0, 10, 10], [0, 0, 10, 5], [0, 0, 10, 2], [20, 20, 30, 30], [21, 20, 30, 30]])
    objects = np.float32([[0, 0, 10, 10], [20, 20, 30, 30], [-1] * 4])
    labels = window_labels(windows, objects, np.array([3, 7, -1]))
    assert labels.tolist() == [3, -2, -1, 7, 7]
    assert window_labels(windows, objects, np.array([-1, -1, -1])).tolist() == [-1] * 5
    assert window_labels(windows, objects[:0], np.array([], int)).tolist() == [-1] * 5


def test_hardest_by_hand():
    scores = np.array([[-3, -0.5], [-2, -2], [4, -3], [0.5, -1], [-0.9, -5], [1, 1]])
    known = np.array([-1, -1, 0, -1, -1, -2])
    assert hardest(scores, known, 9).tolist() == [3, 0, 4]
    assert hardest(scores, known, 1).tolist() == [3]
    assert hardest(scores, np.zeros(6, int), 9).tolist() == []
