"""Dice loss by hand, against a slow count, void pixels, empty classes."""

import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.losses.dice import DiceLoss


def logits_of(labels, classes, confidence=50.0):
    return confidence * np.eye(classes, dtype="float32")[labels]


def test_by_hand():
    # Truth 1111, predicted 1100: Dice of class 1 is 2 * 2 / (4 + 2) = 2/3, of class 0 it is 0 / 2.
    truth, predicted = np.array([[[1, 1, 1, 1]]]), np.array([[[1, 1, 0, 0]]])
    loss = float(DiceLoss(smooth=1e-6)(truth, logits_of(predicted, 2)))
    assert abs(loss - (1 - (2 / 3 + 0) / 2)) < 1e-5


def test_perfect_is_zero_and_void_counts_nowhere():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, (2, 5, 6))
    logits = logits_of(truth, 3)
    assert float(DiceLoss()(truth, logits)) < 1e-6
    wrong = rng.normal(size=(2, 5, 6, 3)).astype("float32")
    holes = np.where(rng.random(truth.shape) < 0.3, 255, truth)
    before = float(DiceLoss()(holes, wrong))
    wrong[holes == 255] = 9.0 * rng.normal(size=(int((holes == 255).sum()), 3))
    assert abs(float(DiceLoss()(holes, wrong)) - before) < 1e-6


def test_equals_a_slow_count():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 4, (3, 4, 5))
    logits = rng.normal(size=(3, 4, 5, 4)).astype("float32")
    shares = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    dice = []
    for one in range(4):
        there = truth == one
        dice.append((2 * shares[there, one].sum() + 1) / (there.sum() + shares[..., one].sum() + 1))
    assert abs(float(DiceLoss()(truth, logits)) - (1 - np.mean(dice))) < 1e-5


def test_without_a_void_class_every_pixel_counts():
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 3, (2, 4, 5))
    logits = rng.normal(size=(2, 4, 5, 3)).astype("float32")
    assert float(DiceLoss(void=None)(truth, logits)) == float(DiceLoss()(truth, logits))
    assert float(DiceLoss(void=2)(truth, logits)) != float(DiceLoss(void=None)(truth, logits))


def test_only_void_is_finite_and_config_comes_back():
    nothing = np.full((1, 3, 3), 255)
    assert np.isfinite(float(DiceLoss()(nothing, np.zeros((1, 3, 3, 2), "float32"))))
    loss = DiceLoss(void=None, smooth=2.0)
    twin = keras.losses.deserialize(keras.losses.serialize(loss))
    assert (twin.void, twin.smooth) == (None, 2.0)
    with pytest.raises(InputError, match="got 0"):
        DiceLoss(smooth=0)
