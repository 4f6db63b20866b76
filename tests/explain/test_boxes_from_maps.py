import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.explain.boxes_from_maps import boxes_from_maps


def slow_regions(one, threshold):
    """Every connected region above the threshold, place by place, the largest first."""
    above = {tuple(place) for place in np.argwhere(one > threshold * one.max())}
    regions = []
    while above:
        region, open_ = [], [above.pop()]
        while open_:
            row, column = open_.pop()
            region.append((row, column))
            for near in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
                if near in above:
                    above.remove(near)
                    open_.append(near)
        regions.append(region)
    return sorted(regions, key=len, reverse=True)


@pytest.mark.parametrize("threshold", [0, 0.2, 0.6])
def test_the_box_of_the_largest_region_of_random_maps(threshold):
    maps, compared = np.random.default_rng(3).standard_normal((40, 9, 7)), 0
    for box, one in zip(boxes_from_maps(maps, threshold), maps):
        largest, *others = slow_regions(one, threshold)
        if not others or len(largest) > len(others[0]):  # of several as large, any will do
            rows, columns = zip(*largest)
            np.testing.assert_array_equal(box, [min(columns), min(rows), max(columns) + 1, max(rows) + 1])
            compared += 1
    assert compared > 10


def test_by_hand_and_without_an_object():
    maps = np.zeros((3, 6, 8))
    maps[0, 1:4, 2:7], maps[0, 5, 0], maps[0, 4, 7] = 0.5, 1.0, 0.5  # touches at a corner only
    maps[1] = -1
    boxes = boxes_from_maps(maps, 0.2)
    np.testing.assert_array_equal(boxes, [[2, 1, 7, 4], [0, 0, 0, 0], [0, 0, 0, 0]])
    np.testing.assert_array_equal(boxes_from_maps(maps[:1], 0.5), [[0, 5, 1, 6]])


def test_bad_arguments():
    for wrong in (np.zeros((3, 3)), np.zeros((0, 3, 3)), np.full((1, 2, 2), np.nan)):
        with pytest.raises(InputError, match=r"maps \(N, H, W\) of finite numbers"):
            boxes_from_maps(wrong)
    for threshold in (-0.1, 1, float("nan")):
        with pytest.raises(InputError, match="a share from 0 to below 1"):
            boxes_from_maps(np.ones((1, 2, 2)), threshold)
