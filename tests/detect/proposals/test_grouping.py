"""The hierarchy: merger by merger as a slow loop, its root, and the tree that the mergers form."""

import numpy as np
import pytest

from keras_cv_course.detect.proposals.grouping import ALL_FOUR, grouping
from keras_cv_course.detect.proposals.regions import Regions, describe, neighbours
from keras_cv_course.errors import InputError
from sprints.day2.exercises.slow_regions import slow_grouping, some_regions


@pytest.mark.parametrize("measures", [ALL_FOUR, ("texture", "size", "fill"), ("colour",)])
def test_equals_the_slow_loop(measures):
    rng = np.random.default_rng(0)
    for count in (2, 5, 12, 20):
        values, _ = some_regions(rng, count)
        chain = [(i, i + 1) for i in range(count - 1)]
        extra = [tuple(sorted(rng.choice(count, 2, replace=False))) for _ in range(count)]
        pairs = np.array(sorted(set(chain) | set(extra)))
        boxes, parents = grouping(Regions(**values), pairs, 900, measures)
        slow_boxes, slow_parents = slow_grouping(values, pairs, 900, measures)
        np.testing.assert_array_equal(parents, slow_parents)
        np.testing.assert_allclose(boxes, slow_boxes)


def test_the_root_is_the_image_and_every_region_is_merged_once():
    rng = np.random.default_rng(1)
    segments = np.kron(np.arange(12).reshape(3, 4), np.ones((5, 6), int))
    boxes, parents = grouping(describe(rng.random((15, 24, 3)), segments), neighbours(segments), 360)
    assert boxes.shape == (23, 4) and boxes[-1].tolist() == [0, 0, 24, 15]
    assert sorted(parents.ravel()) == list(range(22))
    for number, (one, other) in enumerate(parents, start=12):  # a parent's box is around its children's
        np.testing.assert_array_equal(boxes[number][:2], np.minimum(boxes[one], boxes[other])[:2])
        np.testing.assert_array_equal(boxes[number][2:], np.maximum(boxes[one], boxes[other])[2:])


def test_one_region_is_its_own_root_and_regions_apart_are_refused():
    rng = np.random.default_rng(2)
    values, _ = some_regions(rng, 4)
    regions = Regions(**values)
    boxes, parents = grouping(regions[:1], np.zeros((0, 2), int), 900)
    assert boxes.tolist() == regions.boxes[:1].tolist() and parents.shape == (0, 2)
    before = regions.sizes.copy()
    with pytest.raises(InputError, match="2 regions are left"):
        grouping(regions, np.array([[0, 1], [2, 3]]), 900)
    np.testing.assert_array_equal(regions.sizes, before)
