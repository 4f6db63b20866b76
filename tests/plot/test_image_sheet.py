"""Images laid out in rows: every one in its place, white between them."""

import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.plot.image_sheet import eight_bits, image_sheet


def test_eight_bits_round_to_the_nearest_and_clip():
    assert eight_bits(np.array([-1, 0, 0.5 / 255 - 1e-6, 0.5 / 255 + 1e-6, 1, 2])).tolist() == [
        0, 0, 0, 1, 255, 255,
    ]  # fmt: skip


@pytest.mark.parametrize("channels", [1, 3])
def test_a_sheet_has_each_image_in_its_place(channels):
    some = np.random.default_rng(1).integers(0, 200, (5, 3, 2, channels), dtype="uint8")
    image = image_sheet(some, columns=3, enlarge=2, gap=1)
    assert image.shape == (2 * (2 * 4 - 1), 2 * (3 * 3 - 1)) + (() if channels == 1 else (3,))
    small = image[::2, ::2].reshape(7, 8, channels)
    np.testing.assert_array_equal(small, image[1::2, 1::2].reshape(7, 8, channels))
    for number, image in enumerate(some):
        top, left = 4 * (number // 3), 3 * (number % 3)
        np.testing.assert_array_equal(small[top : top + 3, left : left + 2], image)
        small[top : top + 3, left : left + 2] = 255
    assert (small == 255).all()


def test_a_sheet_without_gap_is_full():
    assert (
        image_sheet(np.zeros((4, 2, 2, 1), "uint8"), columns=2, gap=0).tolist() == np.zeros((4, 4)).tolist()
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((np.zeros((2, 4, 4, 1)),), r"got \(2, 4, 4, 1\) float64"),
        ((np.zeros((2, 4, 4), "uint8"),), r"got \(2, 4, 4\) uint8"),
        ((np.zeros((0, 4, 4, 1), "uint8"),), "a sheet needs"),
        ((np.zeros((2, 4, 4, 1), "uint8"), 0), "columns and enlarge must be 1 or more"),
    ],
)
def test_what_is_no_sheet_is_refused(arguments, said):
    with pytest.raises(InputError, match=said):
        image_sheet(*arguments)
