import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.explain.pointing_game import hits, peaks, pointing_game


def test_peaks_are_middles_of_pixels():
    maps = np.zeros((3, 4, 6))
    maps[0, 2, 5] = maps[1, 3, 0] = 2
    np.testing.assert_array_equal(peaks(maps), [[5.5, 2.5], [0.5, 3.5], [0.5, 0.5]])


def test_hits_by_hand():
    boxes = np.full((4, 2, 4), -1.0)
    boxes[:, 0] = [2, 1, 4, 3]
    boxes[1, 1] = [0, 0, 1, 1]
    points = np.array([[2.5, 1.5], [0.5, 0.5], [0.5, 0.5], [4.5, 3.5]])
    np.testing.assert_array_equal(hits(points, boxes), [True, True, False, False])
    np.testing.assert_array_equal(hits(points, boxes, margin=0.5), [True, True, False, True])
    # Rows without a box are no boxes, even where a point lies near (-1, -1).
    assert not hits(np.array([[-1.0, -1.0]]), np.full((1, 1, 4), -1.0), margin=3).any()


def test_the_share_of_hits():
    maps = np.zeros((4, 5, 5))
    maps[range(4), [0, 1, 2, 3], [0, 1, 2, 3]] = 1
    boxes = np.tile(np.float32([[[1, 1, 3, 3]]]), (4, 1, 1))
    assert pointing_game(maps, boxes) == 0.5


def test_bad_arguments():
    for wrong in (np.zeros((4, 4)), np.zeros((0, 4, 4)), np.full((1, 2, 2), np.inf)):
        with pytest.raises(InputError, match=r"maps \(N, H, W\)"):
            peaks(wrong)
    with pytest.raises(InputError, match=r"points \(N, 2\) and boxes"):
        hits(np.zeros((2, 2)), np.zeros((3, 1, 4)))
