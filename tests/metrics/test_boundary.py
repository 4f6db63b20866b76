"""The measures near boundaries: by hand, against slow loops, beside void."""

import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.boundary import (
    boundary_f1,
    boundary_iou,
    mean_boundary_f1,
    outline,
    trimap_mean_iou,
)
from keras_cv_course.metrics.mean_iou import mean_iou


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
    truth, predicted = square(5, 5).astype(int), square(5, 9).astype(int)
    truth[:, :5] = 255  # the square's left side touches it
    void = truth == 255
    # Of the truth's outline the left column is gone: 8 pixels on top and below, 10 on the right, twice 1 ...
    line = outline(truth == 1)
    line[:, 5] = False
    other = outline(predicted == 1)
    hits = [
        np.mean([np.sqrt(((np.argwhere(b) - place) ** 2).sum(axis=1)).min() <= 1 for place in np.argwhere(a)])
        for a, b in ((line, other), (other, line))
    ]
    expected = 2 * hits[0] * hits[1] / sum(hits)
    assert abs(boundary_f1(truth == 1, predicted == 1, 1, void) - expected) < 1e-12
    assert boundary_f1(truth == 1, predicted == 1, 1) != expected


def test_mean_boundary_f1_takes_every_class_that_is_there():
    truth = np.stack([square(5, 5), 2 * square(3, 3)]).astype(int)
    predicted = truth.copy()
    predicted[1] = square(
        3, 3
    )  # the right place, the wrong class: its background is right, its object is not
    assert mean_boundary_f1(truth, truth) == 1
    assert mean_boundary_f1(truth, predicted) == pytest.approx((1 + 1 + 1 + 0) / 4)
    truth[1][truth[1] == 2] = 255  # void: only the background counts, and its outline touches void
    assert mean_boundary_f1(truth, np.where(truth == 255, 0, predicted)) == 1


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


def test_trimap_counts_near_boundaries_only():
    truth = square(5, 5).astype(int)[None]
    predicted = truth.copy()
    predicted[0, 10, 10] = 0  # the square's middle, five pixels from its boundary
    assert trimap_mean_iou(truth, predicted, width=2) == 1 and mean_iou(truth, predicted, 2) < 1
    predicted[0, 5, 5] = 0
    assert trimap_mean_iou(truth, predicted, width=2) < 1
    assert np.isnan(trimap_mean_iou(np.zeros((1, 6, 6), int), np.zeros((1, 6, 6), int)))


@pytest.mark.parametrize("width", [1, 2, 3.5])
def test_trimap_equals_a_slow_loop_over_pairs_of_pixels(width):
    rng = np.random.default_rng(int(10 * width))
    truth = np.zeros((3, 13, 11), int)
    for mask in truth[:2]:
        for value in (1, 2, 255):
            top, left = rng.integers(0, 8, 2)
            mask[top : top + 5, left : left + 4] = value
    predicted = np.where(rng.random(truth.shape) < 0.3, rng.integers(0, 3, truth.shape), np.minimum(truth, 2))
    table = np.zeros((3, 3))
    places = np.argwhere(np.ones(truth.shape[1:]))
    for mask, one in zip(truth, predicted, strict=True):
        for place in places:
            value = mask[tuple(place)]
            others = places[(mask.ravel() != value) & (mask.ravel() != 255)]
            if value != 255 and len(others) and ((others - place) ** 2).sum(axis=1).min() <= width**2:
                table[value, one[tuple(place)]] += 1
    shared = np.diag(table)
    union = table.sum(axis=0) + table.sum(axis=1) - shared
    expected = np.mean(shared[union > 0] / union[union > 0])
    assert abs(trimap_mean_iou(truth, predicted, width) - expected) < 1e-12


def test_boundaries_to_void_do_not_count():
    truth = np.zeros((1, 6, 12), int)
    truth[..., 4:] = 1
    truth[..., 8:] = 255
    predicted = np.minimum(truth, 1)
    predicted[..., 7] = 0  # beside void, four pixels from the boundary of 0 and 1
    assert trimap_mean_iou(truth, predicted, width=1) == 1
    # One class beside void has no boundary: NaN, and not the IoU of the pixels that touch void.
    alone = np.where(truth == 0, 255, truth)
    assert np.isnan(trimap_mean_iou(alone, predicted, width=1))
    # Void between two classes does not hide their boundary where they are near enough.
    between = np.array([[[0, 0, 0, 255, 1, 1, 1]]])
    wrong = np.array([[[0, 0, 1, 0, 1, 1, 1]]])
    assert np.isnan(trimap_mean_iou(between, wrong, width=1))
    assert trimap_mean_iou(between, wrong, width=2) == pytest.approx((0 + 1 / 2) / 2)


def test_nothing_but_void_is_defined_without_a_warning():
    void, zeros = np.full((2, 4, 5), 255), np.zeros((2, 4, 5), int)
    assert np.isnan(trimap_mean_iou(void, zeros)) and np.isnan(mean_boundary_f1(void, zeros))
    mixed, predicted = void.copy(), zeros.copy()
    mixed[0] = 0  # the other image is left out
    assert mean_boundary_f1(mixed, predicted) == 1


def test_a_predicted_outline_that_is_none_counts_zero():
    truth, predicted = np.zeros((1, 8, 8), int), np.zeros((1, 8, 8), int)
    assert mean_boundary_f1(truth, predicted) == 1
    predicted[0, 2:5, 2:5] = 1
    assert mean_boundary_f1(truth, predicted) == 0


def test_refuses():
    ones = np.ones((1, 3, 3), int)
    for measure in (boundary_f1, boundary_iou, mean_boundary_f1):
        with pytest.raises(InputError, match="same shape"):
            measure(ones, ones[0])
        with pytest.raises(InputError, match="width must be positive"):
            measure(ones, ones, width=0)
