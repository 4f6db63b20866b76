"""The focal loss of heat maps: by hand, against a slow sum, its special cases, and far logits."""

import math

import keras
import numpy as np

from keras_cv_course.losses.penalty_reduced_focal import penalty_reduced_focal_loss


def loss(heat_map, logits, **options):
    return float(penalty_reduced_focal_loss(np.asarray(heat_map, "float32"), np.float32(logits), **options))


def logit(p):
    return math.log(p / (1 - p))


def test_one_place_by_hand():
    shape = (1, 1, 1, 1)
    assert abs(loss(np.ones(shape), np.full(shape, logit(0.9))) - 0.01 * -math.log(0.9)) < 1e-7
    assert abs(loss(np.zeros(shape), np.full(shape, logit(0.1))) - 0.01 * -math.log(0.9)) < 1e-7
    # Half a step from a peak: a sixteenth of the penalty.
    expected = 0.5**4 * 0.3**2 * -math.log(0.7)
    assert abs(loss(np.full(shape, 0.5), np.full(shape, logit(0.3))) - expected) < 1e-6


def test_equals_a_slow_sum():
    rng = np.random.default_rng(0)
    heat = np.where(rng.random((2, 3, 4, 5)) < 0.1, 1, rng.random((2, 3, 4, 5))).astype("float32")
    logits = rng.normal(0, 2, heat.shape)
    total, peaks = 0.0, 0
    for y, x in zip(heat.ravel().tolist(), logits.ravel().tolist(), strict=True):
        p = 1 / (1 + math.exp(-x))
        if y == 1:
            total, peaks = total + (1 - p) ** 1.5 * math.log(p), peaks + 1
        else:
            total += (1 - y) ** 3 * p**1.5 * math.log(1 - p)
    assert peaks > 3
    assert abs(loss(heat, logits, alpha=1.5, beta=3.0) + total / peaks) < 1e-4


def test_without_both_exponents_it_is_binary_cross_entropy():
    rng = np.random.default_rng(1)
    truth = (rng.random((2, 4, 4, 3)) < 0.2).astype("float32")
    logits = rng.normal(0, 2, truth.shape).astype("float32")
    entropy = keras.losses.BinaryCrossentropy(from_logits=True, reduction="sum")
    expected = float(entropy(truth[..., None], logits[..., None])) / truth.sum()
    assert abs(loss(truth, logits, alpha=0.0, beta=0.0) - expected) < 1e-4


def test_without_a_peak_and_for_far_logits_it_is_finite():
    empty = np.zeros((1, 2, 2, 1))
    assert loss(empty, empty - 100) < 1e-6
    assert abs(loss(empty, empty + 100) - 400) < 1e-3
    assert abs(loss(empty + 1, empty - 100) - 100) < 1e-3
