"""Mean IoU and the boundary measures: by hand, against scikit-learn and Keras, slow loops."""

import keras
import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, jaccard_score

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.boundary import (
    boundary_f1,
    boundary_iou,
    mean_boundary_f1,
    outline,
    trimap_mean_iou,
)
from keras_cv_course.metrics.mean_iou import confusion, iou_by_class, mean_iou


def test_equals_scikit_learn_and_keras():
    rng = np.random.default_rng(0)
    truth, told = rng.integers(0, 4, (2, 3, 30, 20))
    np.testing.assert_array_equal(confusion(truth, told, 4), confusion_matrix(truth.ravel(), told.ravel()))
    np.testing.assert_allclose(
        iou_by_class(confusion(truth, told, 4)), jaccard_score(truth.ravel(), told.ravel(), average=None)
    )
    theirs = keras.metrics.MeanIoU(4)
    theirs.update_state(truth, told)
    assert abs(mean_iou(truth, told, 4) - float(theirs.result())) < 1e-6


def test_void_pixels_count_nowhere_and_absent_classes_are_left_out():
    truth, told = np.array([0, 0, 1, 255]), np.array([0, 1, 1, 2])
    # class 0: 1 of 2, class 1: 1 of 2, class 2: only on void.
    np.testing.assert_array_equal(iou_by_class(confusion(truth, told, 4)), [0.5, 0.5, np.nan, np.nan])
    assert mean_iou(truth, told, 4) == 0.5
    with pytest.raises(InputError, match="0 to 7"):
        confusion(np.array([0, 7]), np.array([0, 1]), 3)
    with pytest.raises(InputError, match=r"\(2,\) and \(3,\)"):
        confusion(np.zeros(2, int), np.zeros(3, int), 3)


def square(top, left, side=10, size=24):
    mask = np.zeros((size, size), bool)
    mask[top : top + side, left : left + side] = True
    return mask


def test_outline_is_the_pixels_that_touch_the_outside():
    assert outline(square(5, 5)).sum() == 36
    assert outline(np.ones((6, 6), bool)).sum() == 0


def test_boundary_f1_by_hand():
    one = square(5, 5)
    assert boundary_f1(one, one) == 1
    assert boundary_f1(one, square(5, 6), width=1) == 1  # one pixel off is within one pixel
    assert boundary_f1(one, square(5, 8), width=2) < 1
    assert boundary_f1(one, np.zeros_like(one)) == 0 and boundary_f1(one[:2, :2], one[:2, :2]) == 1


def test_outlines_along_void_do_not_count():
    truth, told = square(5, 5).astype(int), square(5, 9).astype(int)
    truth[:, :5] = 255  # the square's left side touches it
    void = truth == 255
    # Of the truth's outline the left column is gone: 8 pixels on top and below, 10 on the right, twice 1 ...
    line = outline(truth == 1)
    line[:, 5] = False
    other = outline(told == 1)
    hits = [
        np.mean([np.sqrt(((np.argwhere(b) - place) ** 2).sum(axis=1)).min() <= 1 for place in np.argwhere(a)])
        for a, b in ((line, other), (other, line))
    ]
    expected = 2 * hits[0] * hits[1] / sum(hits)
    assert abs(boundary_f1(truth == 1, told == 1, 1, void) - expected) < 1e-12
    assert boundary_f1(truth == 1, told == 1, 1) != expected


def test_mean_boundary_f1_takes_every_class_that_is_there():
    truth = np.stack([square(5, 5), 2 * square(3, 3)]).astype(int)
    told = truth.copy()
    told[1] = square(3, 3)  # the right place, the wrong class: its ground is right, its object is not
    assert mean_boundary_f1(truth, truth) == 1
    assert mean_boundary_f1(truth, told) == pytest.approx((1 + 1 + 1 + 0) / 4)
    truth[1][truth[1] == 2] = 255  # void: only the ground is judged, and its outline touches void
    assert mean_boundary_f1(truth, np.where(truth == 255, 0, told)) == 1


def test_boundary_iou_equals_a_slow_loop_and_is_stricter_than_iou():
    one, other = square(5, 5), square(5, 7)

    def rim(region, width):
        near = np.zeros_like(region)
        outside = np.argwhere(~np.pad(region, 1)) - 1
        for place in np.argwhere(region):
            near[tuple(place)] = np.sqrt(((outside - place) ** 2).sum(axis=1)).min() <= width
        return near

    rims = rim(one, 2), rim(other, 2)
    expected = (rims[0] & rims[1]).sum() / (rims[0] | rims[1]).sum()
    assert abs(boundary_iou(one, other, 2) - expected) < 1e-12
    assert boundary_iou(one, other, 2) < (one & other).sum() / (one | other).sum()
    # Once the rim is the whole region, it is the IoU.
    assert abs(boundary_iou(one, other, 20) - (one & other).sum() / (one | other).sum()) < 1e-12


def test_trimap_counts_near_borders_only():
    truth = square(5, 5).astype(int)[None]
    told = truth.copy()
    told[0, 10, 10] = 0  # the square's middle, five pixels from its border
    assert trimap_mean_iou(truth, told, 2, width=2) == 1 and mean_iou(truth, told, 2) < 1
    told[0, 5, 5] = 0
    assert trimap_mean_iou(truth, told, 2, width=2) < 1
    assert np.isnan(trimap_mean_iou(np.zeros((1, 6, 6), int), np.zeros((1, 6, 6), int), 2))
