"""Rivals of selective search: windows lie in the image and have the objects' sizes; segments are found as they are."""

import numpy as np

from keras_cv_course.baselines.box_proposals import grid_windows, object_sides, random_windows, segment_boxes

BOXES = np.float32([[[0, 0, 10, 20], [5, 5, 35, 25]], [[1, 1, 11, 21], [-1] * 4]])


def test_sides_leave_padding_out():
    assert object_sides(BOXES).tolist() == [[10, 20], [30, 20], [10, 20]]


def test_a_grid_covers_the_image_evenly():
    windows = grid_windows((60, 90), 18, np.float32([[10, 20], [30, 20]]), shapes=2)
    assert windows.shape == (18, 4)
    assert windows[0].tolist() == [0, 0, 10, 20] and windows[8].tolist() == [80, 40, 90, 60]
    assert windows[:, 2].max() == 90 and windows[:, 3].max() == 60 and windows.min() == 0
    assert grid_windows((60, 90), 3, object_sides(BOXES), shapes=2).shape == (2, 4)


def test_random_windows_lie_within():
    windows = random_windows((60, 90), 200, object_sides(BOXES), np.random.default_rng(0))
    sides = windows[:, 2:] - windows[:, :2]
    assert windows.min() >= 0 and windows[:, 2].max() <= 90 and windows[:, 3].max() <= 60
    assert {tuple(side) for side in sides.round(3).tolist()} == {(10, 20), (30, 20)}


def test_segments_largest_first():
    image = np.zeros((40, 50, 3))
    image[5:25, 10:40] = 1
    boxes = segment_boxes(image, scales=(100.0,))
    assert boxes[0].tolist() == [0, 0, 50, 40]
    assert np.abs(boxes[1:] - [10, 5, 40, 25]).max(axis=1).min() <= 2
    assert len(np.unique(segment_boxes(image, ("rgb", "lab"), (100.0, 200.0)), axis=0)) >= 2
