"""Recall at N: by hand, against a loop with another IoU, its laws, and what is refused."""

import numpy as np
import pytest

from keras_cv_course.boxes.overlap import pairwise_iou
from keras_cv_course.boxes.recall import first_hits, recall_at
from keras_cv_course.errors import InputError


def some(rng, count):
    low = rng.integers(0, 12, (count, 2))
    return np.concatenate([low, low + rng.integers(1, 12, (count, 2))], axis=-1).astype("float32")


def test_by_hand():
    proposals = [[0, 0, 4, 4], [0, 0, 4, 2], [10, 10, 12, 12]]
    objects = np.float32([[[0, 0, 4, 1], [0, 0, 4, 4], [50, 50, 60, 60], [-1] * 4]])
    # IoU of the first object with the proposals: 1/4, exactly 1/2, 0.
    assert first_hits(proposals, objects[0, :3]).tolist() == [1, 0, np.inf]
    assert recall_at([proposals], objects, [1, 2, 3]).tolist() == pytest.approx([1 / 3, 2 / 3, 2 / 3])


def test_equals_the_places_in_a_table_of_iou():
    rng = np.random.default_rng(0)
    proposals, objects = (
        [some(rng, count) for count in (40, 3, 0)],
        np.stack([some(rng, 5) for _ in range(3)]),
    )
    found = []
    for boxes, real in zip(proposals[:2], objects, strict=False):
        found += [
            np.append(np.flatnonzero(row >= 0.4499), np.inf)[0]
            for row in np.asarray(pairwise_iou(real, boxes))
        ]
    found += [np.inf] * 5
    recall = recall_at(proposals, objects, [1, 3, 10, 40], 0.4499)
    np.testing.assert_allclose(recall, [np.mean(np.array(found) < count) for count in (1, 3, 10, 40)])
    assert np.all(np.diff(recall) >= 0)
    assert recall_at(list(objects), objects, [5], 1.0) == 1


def test_images_without_objects_add_nothing():
    rng = np.random.default_rng(1)
    objects = np.stack([some(rng, 2), np.full((2, 4), -1.0)])
    assert recall_at([objects[0], some(rng, 9)], objects, [2]) == 1


@pytest.mark.parametrize(
    "proposals, objects, counts, threshold, words",
    [
        ([np.zeros((0, 4))], np.full((1, 2, 4), -1.0), [1], 0.5, "an object to be found"),
        ([], np.zeros((0, 2, 4)), [1], 0.5, "an object to be found"),
        ([np.zeros((0, 4))], np.ones((1, 2, 4)), [0, 5], 0.5, "one proposal or more"),
        ([np.zeros((0, 4))], np.ones((1, 2, 4)), [], 0.5, "one proposal or more"),
        ([np.zeros((0, 4))], np.ones((1, 2, 4)), [5], 0.0, r"in \(0, 1\]"),
        ([np.zeros((0, 4))], np.ones((2, 2, 4)), [5], 0.5, "1 for 2 images"),
    ],
)
def test_refused(proposals, objects, counts, threshold, words):
    with pytest.raises(InputError, match=words):
        recall_at(proposals, objects, counts, threshold)
