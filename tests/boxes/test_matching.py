"""Matching anchors and objects: hand cases, a slow loop, and objects that nobody would get."""

import numpy as np
import pytest

from keras_cv_course.boxes.matching import IGNORED, NEGATIVE, match
from keras_cv_course.errors import InputError


def slow(overlap, valid, positive, negative, force):
    matched = np.full(len(overlap), NEGATIVE)
    objects = np.flatnonzero(valid)
    for anchor, row in enumerate(overlap):
        if len(objects):
            best = max(objects, key=lambda one: (row[one], -one))
            if row[best] >= positive:
                matched[anchor] = best
            elif row[best] >= negative:
                matched[anchor] = IGNORED
    if force:
        taken = {}
        for one in objects:
            top = overlap[:, one].max()
            for anchor in np.flatnonzero(overlap[:, one] == top):
                if top > 0 and (anchor not in taken or overlap[anchor, one] > overlap[anchor, taken[anchor]]):
                    taken[anchor] = one
        for anchor, one in taken.items():
            matched[anchor] = one
    return matched


@pytest.mark.parametrize("force", [True, False])
def test_equals_the_slow_loop(force):
    rng = np.random.default_rng(4)
    for _ in range(200):
        overlap = np.round(rng.random((rng.integers(1, 12), rng.integers(1, 5))) ** 2, 1).astype("float32")
        valid = rng.random(overlap.shape[1]) < 0.7
        ours = match(overlap, valid, 0.5, 0.3, force)
        np.testing.assert_array_equal(ours, slow(overlap, valid, 0.5, 0.3, force))


def test_an_object_that_no_anchor_fits_gets_its_best_one():
    overlap = np.float32([[0.04, 0, 0, 0], [0, 0, 1, 0]]).T  # keras-hub's hand case, the other way round
    assert np.array(match(overlap, np.array([True, True]), 0.5, 0.2)).tolist() == [0, -1, 1, -1]
    assert np.array(match(overlap, np.array([True, True]), 0.5, 0.2, force=False)).tolist() == [-1, -1, 1, -1]


def test_keras_hubs_published_cases():
    """keras-hub, box_matcher_test.py: anchors are rows; below 0.2 negative, from 0.5 on positive."""
    overlap = np.float32([[0.04, 0, 0, 0], [0, 0, 1, 0]])
    assert np.asarray(match(overlap, np.ones(4, bool), 0.5, 0.2, force=False)).tolist() == [NEGATIVE, 2]
    overlap = np.float32([[0, 0.04, 0, 0.1], [0, 0, 1.0, 0], [0.1, 0, 0, 0], [0, 0, 0, 0.6]])
    assert np.asarray(match(overlap, np.ones(4, bool), 0.5, 0.2)).tolist() == [1, 2, 0, 3]
    empty = match(np.zeros((2, 0), "float32"), np.zeros(0, bool), 0.5, 0.2)
    assert np.asarray(empty).tolist() == [NEGATIVE, NEGATIVE]


def test_an_image_without_objects_has_negative_anchors_only():
    overlap = np.zeros((2, 6, 3), "float32")
    assert np.all(np.asarray(match(overlap, np.zeros((2, 3), bool))) == NEGATIVE)


def test_refuses_thresholds_the_wrong_way_round():
    with pytest.raises(InputError, match="negative=0.6"):
        match(np.zeros((2, 2), "float32"), np.ones(2, bool), 0.5, 0.6)
