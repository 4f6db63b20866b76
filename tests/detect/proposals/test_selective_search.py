"""Selective search: it finds what is drawn, the same boxes for the same seed, and refuses what is no image."""

import numpy as np
import pytest

from keras_cv_course.boxes.recall import first_hits
from keras_cv_course.detect.proposals.selective_search import in_colour_space, selective_search
from keras_cv_course.errors import InputError


def drawn(rng):
    """Two objects on noise, the second one of two colours."""
    image = 0.5 + 0.02 * rng.standard_normal((60, 80, 3))
    image[10:30, 8:28] += [0.4, -0.3, 0]
    image[35:45, 40:70] += [-0.4, 0.3, 0]
    image[45:55, 40:70] += [-0.4, 0.1, 0.3]
    return np.clip(image, 0, 1), np.float32([[8, 10, 28, 30], [40, 35, 70, 55]])


def test_finds_plain_objects_and_those_of_two_parts():
    image, objects = drawn(np.random.default_rng(0))
    boxes = selective_search(image, np.random.default_rng(0))
    assert np.all(np.isfinite(first_hits(boxes, objects, 0.8)))
    assert boxes.dtype == np.float32 and len(np.unique(boxes, axis=0)) == len(boxes)
    assert [0, 0, 80, 60] in boxes.tolist()
    assert boxes.min() >= 0 and boxes[:, 2].max() <= 80 and boxes[:, 3].max() <= 60


def test_the_seed_decides_the_order_alone():
    image, _ = drawn(np.random.default_rng(0))
    first, again, other = (selective_search(image, np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert first.tolist() != other.tolist() and sorted(first.tolist()) == sorted(other.tolist())
    np.testing.assert_array_equal(selective_search(image, np.random.default_rng(0), most=5), first[:5])


def test_the_whole_image_is_early_and_a_grey_image_is_taken():
    image, objects = drawn(np.random.default_rng(0))
    grey = image.mean(axis=-1, keepdims=True)
    boxes = selective_search(grey, np.random.default_rng(0), spaces=("rgb",), scales=(20.0,))
    assert np.isfinite(first_hits(boxes, objects[:1], 0.5)).all()


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 1, 1), (1, 9, 3), (20, 30, 3)])
def test_an_image_of_one_colour_has_one_proposal(shape):
    boxes = selective_search(np.full(shape, 0.4), np.random.default_rng(0))
    assert boxes.tolist() == [[0, 0, shape[1], shape[0]]]


def test_colour_spaces_stay_in_their_range():
    image = np.random.default_rng(0).random((8, 8, 3))
    for space in ("rgb", "hsv", "lab"):
        seen = in_colour_space(image, space)
        assert seen.shape == image.shape and seen.min() >= 0 and seen.max() <= 1
    np.testing.assert_allclose(in_colour_space(np.ones((1, 1, 3)), "lab"), [[[1, 0.5, 0.5]]], atol=1e-3)


@pytest.mark.parametrize(
    "image, options, words",
    [
        (np.zeros((8, 8)), {}, r"needs an image \(H, W, 1\) or \(H, W, 3\), got \(8, 8\)"),
        (np.zeros((8, 8, 4)), {}, r"got \(8, 8, 4\)"),
        (np.zeros((0, 8, 3)), {}, r"got \(0, 8, 3\)"),
        (np.full((8, 8, 3), 255), {}, "divide an 8-bit image by 255"),
        (np.full((8, 8, 3), np.nan), {}, r"numbers in \[0, 1\]"),
        (np.zeros((8, 8, 3)), dict(spaces=("yuv",)), "colour spaces are"),
        (np.zeros((8, 8, 3)), dict(scales=()), "scales are positive"),
        (np.zeros((8, 8, 3)), dict(most=0), "most 0"),
    ],
)
def test_bad_input_is_refused(image, options, words):
    with pytest.raises(InputError, match=words):
        selective_search(image, np.random.default_rng(0), **options)
