import numpy as np
import pytest

from keras_cv_course.augment.crop import crop, random_crop
from keras_cv_course.errors import InputError
from tests.augment.boxed_batches import batch_of_boxes, bounds


def test_a_window_by_hand():
    images = np.arange(12, dtype="float32").reshape(1, 3, 4, 1)
    cut = crop({"images": images}, [1], [2], (2, 2))["images"]
    np.testing.assert_array_equal(cut[0, ..., 0], [[6, 7], [10, 11]])
    padded = crop({"images": images}, [0], [1], (3, 4), padding=1)["images"]
    np.testing.assert_array_equal(padded[0, ..., 0], [[0, 0, 0, 0], [0, 1, 2, 3], [4, 5, 6, 7]])


def test_the_middle_window_is_the_identity(boxed):
    middle = np.full(24, 4)
    result = crop(boxed, middle, middle, (40, 48), padding=4)
    for field, values in boxed.items():
        np.testing.assert_array_equal(result[field], values, err_msg=field)


def test_boxes_follow_the_mask_exactly(boxed, rng):
    for options in (dict(padding=6), dict(padding=0, size=(30, 36)), dict(padding=3, size=(34, 52))):
        result = random_crop(boxed, rng, **options)
        assert result["images"].shape[1:3] == result["masks"].shape[1:3] == options.get("size", (40, 48))
        seen = 0
        for index in range(24):
            assert ((result["images"][index] == 1).all(axis=-1) == (result["masks"][index] == 1)).all()
            box, area = result["boxes"][index, 0], result["masks"][index].sum()
            if (box == -1).all():
                assert area < 0.1 * boxed["masks"][index].sum() and result["box_classes"][index, 0] == -1
            else:
                seen += 1
                np.testing.assert_array_equal(box, bounds(result["masks"][index]))
                assert result["box_classes"][index, 0] == boxed["box_classes"][index, 0]
        assert seen >= 20


def test_every_place_is_equally_likely(rng):
    """Windows of 2 of 4 pixels: three places each way; 9,000 draws, 1,000 +- 30 a place."""
    images = np.tile(np.arange(16, dtype="float32").reshape(1, 4, 4, 1), (9_000, 1, 1, 1))
    corners = random_crop({"images": images}, rng, padding=0, size=(2, 2))["images"][:, 0, 0, 0]
    places, counts = np.unique(corners, return_counts=True)
    assert places.tolist() == [0, 1, 2, 4, 5, 6, 8, 9, 10]
    assert np.abs(counts - 1000).max() < 120


def test_windows_that_do_not_fit_are_refused(rng):
    batch = batch_of_boxes(2)
    for top, left, size, padding in (
        ([0, 1], [0, 0], (40, 48), 0),
        ([0, 0], [0, -1], (10, 10), 0),
        ([9, 0], [0, 0], (40, 48), 4),
    ):
        with pytest.raises(InputError, match="reach beyond images of 40 x 48"):
            crop(batch, top, left, size, padding)
    for top, size, padding in (([0], (9, 9), 0), ([0, 0], (0, 9), 0), ([0, 0], (9, 9), -1)):
        with pytest.raises(InputError, match="expected a padding of 0 or more"):
            crop(batch, top, [0, 0], size, padding)
    with pytest.raises(InputError, match="a window of 60 x 60 pixels does not fit"):
        random_crop(batch, rng, padding=4, size=(60, 60))
