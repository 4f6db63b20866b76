import numpy as np
import pytest

from keras_cv_course.augment.cutout import cut_out, random_cutout, rectangles
from keras_cv_course.errors import InputError
from tests.augment.boxed_batches import batch_of_boxes


def test_rectangles_by_hand():
    """Around the middle, cut off at the upper left, cut off at the lower right corner of 10 x 20 pixels."""
    centres = np.array([[5, 8], [0, 0], [9, 19]])
    found = rectangles(centres, np.array([[4, 6]]), 10, 20)
    np.testing.assert_array_equal(found, [[3, 5, 7, 11], [0, 0, 2, 3], [7, 16, 10, 20]])
    odd = rectangles(centres[:1], np.array([[3, 5]]), 10, 20)
    np.testing.assert_array_equal(odd, [[4, 6, 7, 11]])


def test_the_rectangle_and_nothing_else_is_filled():
    images = np.ones((2, 6, 8, 3))
    result = cut_out(images, np.array([[1, 2, 4, 7], [0, 0, 0, 0]]), fill=0.25)
    assert (result[0, 1:4, 2:7] == 0.25).all() and (result[1] == 1).all()
    assert (result[0] == 0.25).sum() == 3 * 5 * 3


def test_every_pixel_is_a_centre_equally_often(rng):
    """Squares of one pixel: each of 30 pixels is hidden in 1 of 30 images, 300 +- 17 of 9,000."""
    images = np.ones((9_000, 5, 6, 1))
    hidden = (random_cutout({"images": images}, rng, size=1)["images"] == 0)[..., 0]
    assert (hidden.sum(axis=(1, 2)) == 1).all()
    assert np.abs(hidden.sum(axis=0) - 300).max() < 75


def test_squares_at_the_edge_are_cut_off(rng):
    images = np.ones((500, 16, 16, 1))
    areas = (random_cutout({"images": images}, rng, size=8)["images"] == 0).sum(axis=(1, 2, 3))
    assert areas.max() == 64 and areas.min() == 16  # a corner hides a quarter


def test_labels_masks_and_boxes_stay(boxed, rng):
    result = random_cutout(boxed, rng)
    for field in ("labels", "masks", "boxes", "box_classes"):
        np.testing.assert_array_equal(result[field], boxed[field])
    np.testing.assert_array_equal(random_cutout(boxed, rng, size=0)["images"], boxed["images"])


def test_bad_arguments(rng):
    for size in (-1, 2.5, float("nan")):
        with pytest.raises(InputError, match="the size of the square"):
            random_cutout(batch_of_boxes(2), rng, size)
