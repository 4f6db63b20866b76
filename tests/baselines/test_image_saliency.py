"""Each map is highest where its name says, in images that are made so."""

import numpy as np
import pytest

from keras_cv_course.baselines.image_saliency import IMAGE_SALIENCY, colour_distance
from keras_cv_course.explain.pointing_game import peaks

STRIPES = np.where(np.arange(8) % 4 < 2, 0.8, 0.2)


def image(square):
    """A plain image of 24x32 pixels with a square of 8x8 pixels in it, and a checked one elsewhere."""
    made = np.full((24, 32, 3), 0.5, "float32")
    made[2:10, 20:28] = square
    made[14:22, 4:12] = (0.5 + 0.3 * np.where((np.indices((8, 8)).sum(axis=0)) % 2, 1, -1))[..., None]
    return made


@pytest.mark.parametrize(
    "name, square",
    [
        ("brightness", 0.9),
        ("contrast", np.where(np.arange(8) < 4, 1.0, 0.0)[None, :, None]),
        ("direction of edges", STRIPES[:, None, None]),
        ("direction of edges", STRIPES[None, :, None]),
    ],
)
def test_the_highest_place(name, square):
    [(x, y)] = peaks(IMAGE_SALIENCY[name](image(square)[None]))
    assert 20 <= x <= 28 and 2 <= y <= 10


def test_centre_and_colour():
    np.testing.assert_allclose(peaks(IMAGE_SALIENCY["centre"](np.zeros((2, 5, 7, 3)))), [[3.5, 2.5]] * 2)
    plain = np.full((1, 24, 32, 3), 0.5, "float32")
    plain[0, 2:10, 20:28] = [0.9, 0.1, 0.5]  # as bright as the background
    [(x, y)] = peaks(colour_distance(plain))
    assert 20 <= x <= 28 and 2 <= y <= 10
