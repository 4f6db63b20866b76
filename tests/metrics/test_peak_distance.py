"""Peaks by hand: in the centre's cell, beside it, too far, of another class, at the edge, and padding."""

import numpy as np

from keras_cv_course.metrics.peak_distance import peak_distances


def test_by_hand():
    is_peak = np.zeros((1, 4, 5, 2), bool)
    for place in ((1, 2, 0), (3, 0, 1), (0, 4, 1), (3, 3, 0)):
        is_peak[0][place] = True
    down, across = np.meshgrid(np.arange(4), np.arange(5), indexing="ij")
    centres = 4.0 * np.stack([across + 0.5, down + 0.25], axis=-1)[None]
    true = np.array([[[10, 5], [13, 5], [10, 5], [2, 6], [20, 16], [0, 0]]], float)
    labels = np.array([[0, 0, 1, 1, 0, -1]])
    same, distance = peak_distances(is_peak, centres, true, labels, 4)
    # Cells (1, 2), (1, 3), (1, 2) of class 1, (1, 0) with its peak two cells off, the last one with a peak beside it.
    np.testing.assert_array_equal(same, [[1, 0, np.nan, np.nan, 0, np.nan]])
    np.testing.assert_allclose(distance, [[0, 3, np.nan, np.nan, np.hypot(6, 3), np.nan]])


def test_the_nearest_of_two_peaks():
    is_peak = np.zeros((1, 3, 3, 1), bool)
    is_peak[0, 0, 0], is_peak[0, 2, 2] = True, True
    centres = np.zeros((1, 3, 3, 2))
    centres[0, 0, 0], centres[0, 2, 2] = (5, 5), (6, 7)
    same, distance = peak_distances(is_peak, centres, np.array([[[6.0, 6.0]]]), np.array([[0]]), 4)
    assert same.tolist() == [[0]] and distance.tolist() == [[1]]
