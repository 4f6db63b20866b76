import numpy as np
import pytest

from keras_cv_course.augment.shift import random_shift, recentre, shift
from keras_cv_course.errors import InputError

rng = np.random.default_rng(0)
images = rng.random((4, 7, 9, 2), dtype="float32")


def test_each_image_is_rolled_by_its_own_pixels():
    pixels = np.array([[0, 0], [2, -3], [-1, 4], [9, 9]])
    expected = [np.roll(image, move, (0, 1)) for image, move in zip(images, pixels)]
    np.testing.assert_array_equal(shift(images, pixels), expected)
    np.testing.assert_array_equal(shift(images, (1, 2)), np.roll(images, (1, 2), (1, 2)))
    assert shift(images, (1, 2)).dtype == images.dtype


def test_recentring_undoes_any_shift():
    objects = np.zeros((3, 20, 20, 1), "float32")
    objects[:, 7:12, 8:12] = rng.random((3, 5, 4, 1))
    middle = recentre(objects)
    for move in ((3, -4), (-5, 6)):
        np.testing.assert_array_equal(recentre(shift(objects, move)), middle)
    mass = middle.sum(axis=(1, 2, 3))
    for axis in (1, 2):
        profile = middle.sum(axis=tuple({1, 2, 3} - {axis}))
        assert np.all(np.abs(profile @ np.arange(20) / mass - 9.5) <= 0.51)


def test_a_black_image_stays():
    np.testing.assert_array_equal(recentre(np.zeros((1, 5, 5, 1))), np.zeros((1, 5, 5, 1)))


def test_all_random_shifts_are_equally_likely():
    dots = np.zeros((4000, 9, 9, 1), "float32")
    dots[:, 4, 4] = 1
    batch = {"images": dots, "labels": np.arange(4000)}
    moved = random_shift(batch, np.random.default_rng(0), 2)
    counts = moved["images"].sum(axis=(0, 3))
    assert counts.sum() == 4000 and np.all(counts[2:7, 2:7] > 110) and counts[2:7, 2:7].sum() == 4000
    np.testing.assert_array_equal(moved["labels"], batch["labels"])
    still = random_shift(batch, np.random.default_rng(0), 0)
    np.testing.assert_array_equal(still["images"], dots)


def test_bad_shifts_are_refused():
    for pixels in ((1,), (1.0, 2.0), np.zeros((3, 2), int)):
        with pytest.raises(InputError, match="expected integers of shape"):
            shift(images, pixels)
    masks = np.zeros(images.shape[:3], int)
    with pytest.raises(InputError, match="images, masks; use random_crop"):
        random_shift({"images": images, "masks": masks}, rng, 1)
