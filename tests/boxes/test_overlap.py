"""IoU and GIoU: the case by hand, a slow count of pixels, and laws."""

import keras
import numpy as np

from keras_cv_course.boxes.overlap import area, giou, iou, pairwise_iou


def some(rng, count):
    low = rng.integers(0, 12, (count, 2))
    return np.concatenate([low, low + rng.integers(1, 12, (count, 2))], axis=-1).astype("float32")


def test_the_case_by_hand():
    first, second = np.float32([0, 0, 2, 2]), np.float32([1, 1, 3, 3])
    np.testing.assert_allclose(iou(first, second), 1 / 7, rtol=1e-6)
    np.testing.assert_allclose(giou(first, second), 1 / 7 - 2 / 9, rtol=1e-5)


def test_equals_counted_pixels():
    rng = np.random.default_rng(1)
    first, second = some(rng, 200), some(rng, 200)
    for one, other, overlap in zip(first, second, np.asarray(iou(first, second)), strict=True):
        sheets = np.zeros((2, 24, 24), bool)
        for sheet, (left, top, right, bottom) in zip(sheets, np.int64([one, other]), strict=True):
            sheet[top:bottom, left:right] = True
        assert abs(overlap - (sheets[0] & sheets[1]).sum() / (sheets[0] | sheets[1]).sum()) < 1e-6


def test_pairwise_is_every_pair_and_equals_keras():
    rng = np.random.default_rng(2)
    first, second = some(rng, 9), some(rng, 7)
    table = np.asarray(pairwise_iou(first, second))
    theirs = keras.utils.bounding_boxes.compute_iou(first, second, "xyxy")
    np.testing.assert_allclose(table, theirs, atol=1e-6)
    assert table.shape == (9, 7)
    np.testing.assert_allclose(np.diag(pairwise_iou(first, first)), 1, atol=1e-6)
    np.testing.assert_allclose(table.T, pairwise_iou(second, first), atol=1e-7)


def test_giou_never_above_iou_and_falls_with_distance():
    rng = np.random.default_rng(3)
    first, second = some(rng, 100), some(rng, 100)
    assert np.all(np.asarray(giou(first, second)) <= np.asarray(iou(first, second)) + 1e-6)
    apart = [giou(np.float32([0, 0, 1, 1]), np.float32([x, 0, x + 1, 1])) for x in (0.0, 0.5, 1.0, 3.0, 30.0)]
    assert np.all(np.diff(np.float64(apart)) < 0) and -1 < float(apart[-1]) < -0.9


def test_padding_overlaps_nothing_and_is_finite():
    padding, box = np.full((1, 4), -1, "float32"), np.float32([[0, 0, 5, 5]])
    assert float(iou(padding, box)[0]) == 0 and float(iou(padding, padding)[0]) == 0
    assert np.isfinite(giou(padding, padding)).all()
    assert float(area(np.float32([3, 3, 1, 1]))) == 0  # turned inside out
