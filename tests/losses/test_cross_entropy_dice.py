"""Cross-entropy plus Dice against slow counts: void pixels, weights, Dice alone taken away."""

import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.losses.cross_entropy_dice import CrossEntropyDice
from keras_cv_course.losses.dice import DiceLoss


@pytest.fixture
def some():
    rng = np.random.default_rng(0)
    masks = rng.integers(0, 4, (2, 5, 6))
    masks[rng.random(masks.shape) < 0.3] = 255
    return masks, rng.normal(0, 2, (2, 5, 6, 4)).astype("float32")


def cross_entropies(masks, logits):
    """-log p of each pixel that counts, 0 of the others."""
    logits = logits.astype("float64")
    log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    slow = np.zeros(masks.shape)
    for place in np.argwhere(masks != 255):
        slow[tuple(place)] = -log_p[(*place, masks[tuple(place)])]
    return slow


def test_equals_a_slow_count(some):
    masks, logits = some
    pixels = cross_entropies(masks, logits)[masks != 255].mean()
    dice = float(DiceLoss()(masks, logits))
    assert abs(float(CrossEntropyDice(dice=0)(masks, logits)) - pixels) < 1e-5
    assert abs(float(CrossEntropyDice(dice=0.7)(masks, logits)) - (pixels + 0.7 * dice)) < 1e-5


def test_what_stands_at_void_pixels_counts_nowhere(some):
    masks, logits = some
    before = float(CrossEntropyDice()(masks, logits))
    logits[masks == 255] = 50 * np.random.default_rng(1).normal(size=logits[masks == 255].shape)
    assert abs(float(CrossEntropyDice()(masks, logits)) - before) < 1e-6


def test_weights_weigh_pixels(some):
    masks, logits = some
    weights = np.random.default_rng(2).uniform(0.5, 9, masks.shape).astype("float32")
    expected = (weights * cross_entropies(masks, logits))[masks != 255].sum() / (masks != 255).sum()
    received = float(CrossEntropyDice(dice=0)(masks, logits, sample_weight=weights))
    assert abs(received - expected) < 1e-4


def test_without_a_void_class_every_pixel_counts(some):
    masks, logits = some
    masks = np.where(masks == 255, 0, masks)
    received = float(CrossEntropyDice(dice=0, void=None)(masks, logits))
    assert abs(received - cross_entropies(masks, logits).mean()) < 1e-5
    assert abs(received - float(CrossEntropyDice(dice=0)(masks, logits))) < 1e-5


def test_logits_of_half_precision_are_taken_in_float32(some):
    """A sum over thousands of pixels needs more than the eleven bits of float16."""
    masks, logits = some
    half = logits.astype("float16")
    received = CrossEntropyDice(dtype="float16").call(masks, keras.ops.convert_to_tensor(half))
    assert keras.backend.standardize_dtype(received.dtype) == "float32"
    exact = CrossEntropyDice().call(masks, half.astype("float32"))
    np.testing.assert_array_equal(received, exact)


def test_only_void_is_finite_and_config_comes_back():
    nothing = np.full((1, 3, 3), 255)
    assert np.isfinite(float(CrossEntropyDice()(nothing, np.zeros((1, 3, 3, 2), "float32"))))
    twin = keras.losses.deserialize(keras.losses.serialize(CrossEntropyDice(dice=0.3, void=None)))
    assert (twin.dice, twin.void) == (0.3, None)
    with pytest.raises(InputError, match="got -1"):
        CrossEntropyDice(dice=-1)
