"""Regions in numbers: cases by hand, histograms by a slow loop, conservation of pixels."""

import numpy as np
import pytest

from keras_cv_course.detect.proposals.regions import describe, gradients, histograms, neighbours
from keras_cv_course.errors import InputError

QUARTERS = np.array([[0, 0, 1], [0, 0, 1], [2, 2, 1]])


def test_sizes_boxes_and_neighbours_by_hand():
    regions = describe(np.zeros((3, 3, 3)), QUARTERS)
    assert regions.sizes.tolist() == [4, 3, 2]
    assert regions.boxes.tolist() == [[0, 0, 2, 2], [2, 0, 3, 3], [0, 2, 2, 3]]
    assert neighbours(QUARTERS).tolist() == [[0, 1], [0, 2], [1, 2]]
    assert neighbours(np.zeros((4, 4), int)).shape == (0, 2)
    assert neighbours(np.array([[0, 1], [2, 0]])).tolist() == [[0, 1], [0, 2]]  # 1 and 2 share a corner alone


def test_histograms_equal_a_loop_over_pixels():
    rng = np.random.default_rng(0)
    values, segments = rng.random((9, 7, 2)), rng.integers(0, 4, (9, 7))
    values[0, 0] = 1.0  # falls into the last bin
    expected = np.zeros((4, 10))
    for place in np.ndindex(9, 7):
        for channel in (0, 1):
            expected[segments[place], 5 * channel + min(int(5 * values[place][channel]), 4)] += 1
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(histograms(values, segments, 5), expected)


def test_gradients_of_a_ramp_point_one_way():
    ramp = np.repeat(np.linspace(0, 1, 32)[None, :, None], 20, axis=0)  # brighter to the right
    slopes = gradients(ramp)[10, 16]
    np.testing.assert_allclose(slopes, np.maximum(np.cos(np.arange(8) * np.pi / 4), 0), atol=1e-6)
    assert not gradients(np.full((6, 6, 3), 0.5)).any()


def test_bad_segments_are_refused():
    with pytest.raises(InputError, match="no pixel has number 1"):
        describe(np.zeros((2, 2, 3)), np.array([[0, 0], [2, 2]]))
    with pytest.raises(InputError, match="segments"):
        describe(np.zeros((2, 3, 3)), np.zeros((2, 2), int))
