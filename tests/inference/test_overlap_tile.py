"""Overlap tiles: the image itself from an identity, the middle of a larger output, what is refused."""

from functools import partial

import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.inference.overlap_tile import overlap_tile


def middle_of(windows, cut):
    return windows[:, cut : windows.shape[1] - cut, cut : windows.shape[2] - cut]


@pytest.mark.parametrize(
    "height, width, tile, margin", [(5, 7, 3, 2), (6, 6, 3, 0), (2, 9, 4, 3), (4, 3, 8, 5)]
)
def test_an_identity_returns_the_image(height, width, tile, margin):
    image = np.random.default_rng(0).random((height, width, 2))
    for cut in range(margin + 1):
        received = overlap_tile(partial(middle_of, cut=cut), image, tile, margin, batch_size=2)
        np.testing.assert_array_equal(received, image)


def test_windows_are_mirrored_beyond_the_edge_and_come_in_batches():
    image, seen = np.arange(12.0).reshape(3, 4, 1), []

    def predict(windows):
        seen.append(windows)
        return windows

    overlap_tile(predict, image, tile=2, margin=1, batch_size=3)
    assert [len(windows) for windows in seen] == [3, 1]
    # Above row 0 lies row 1, to the left of column 0 column 1: the edge is not repeated.
    np.testing.assert_array_equal(
        seen[0][0, :, :, 0], [[5, 4, 5, 6], [1, 0, 1, 2], [5, 4, 5, 6], [9, 8, 9, 10]]
    )


def test_refuses():
    image = np.zeros((5, 7, 1))
    with pytest.raises(InputError, match="square of 3 to 7 pixels"):
        overlap_tile(lambda windows: windows[:, 1:], image, 3, 2)
    with pytest.raises(InputError, match="square of 3 to 5 pixels"):
        overlap_tile(lambda windows: windows[:, 2:-2, 2:-2], image, 3, 1)
    with pytest.raises(InputError, match=r"\(5, 7\)"):
        overlap_tile(partial(middle_of, cut=0), image[..., 0], 3, 2)
    for tile, margin in ((0, 1), (2, -1)):
        with pytest.raises(InputError, match="margin 0 or more"):
            overlap_tile(partial(middle_of, cut=0), image, tile, margin)
