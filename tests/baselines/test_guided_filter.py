"""The guided filter against its definition, window by window, and on a blurred edge."""

import numpy as np
import pytest

from keras_cv_course.baselines.guided_filter import guided_filter
from keras_cv_course.errors import InputError


def test_equals_a_regression_in_every_window():
    """Eq. 5 and 6 by least squares; away from the image's edge, where no window is cut."""
    rng = np.random.default_rng(0)
    image, maps, radius, epsilon = rng.random((11, 12, 3)), rng.random((11, 12, 2)), 1, 0.01
    sums, counts = np.zeros(maps.shape), np.zeros((11, 12, 1))
    for row in range(radius, 11 - radius):
        for column in range(radius, 12 - radius):
            window = slice(row - radius, row + radius + 1), slice(column - radius, column + radius + 1)
            guide, values = image[window].reshape(-1, 3), maps[window].reshape(-1, 2)
            # Ridge regression on the centred colours: the penalty is epsilon times the number of pixels.
            centred = guide - guide.mean(axis=0)
            penalty = len(guide) * epsilon * np.eye(3)
            slope = np.linalg.solve(centred.T @ centred + penalty, centred.T @ (values - values.mean(axis=0)))
            offset = values.mean(axis=0) - guide.mean(axis=0) @ slope
            sums[window] += image[window] @ slope + offset
            counts[window] += 1
    inside = slice(2 * radius, -2 * radius), slice(2 * radius, -2 * radius)
    received = guided_filter(maps, image, radius, epsilon)
    np.testing.assert_allclose(received[inside], (sums / counts)[inside], atol=1e-9)


def test_a_blurred_step_takes_the_guides_edge_and_a_flat_guide_gives_means():
    image = np.zeros((20, 20, 1))
    image[:, 10:] = 1
    blurred = np.tile(np.clip((np.arange(20) - 5) / 9, 0, 1)[None, :, None], (20, 1, 1))
    sharp = guided_filter(blurred, image, radius=6, epsilon=1e-6)
    assert (sharp[5, 10] - sharp[5, 9]).item() > 4 * (blurred[5, 10] - blurred[5, 9]).item()
    flat = guided_filter(blurred, 0 * image, radius=1)
    np.testing.assert_allclose(flat[5, 8], blurred[5, 8], atol=1e-9)  # a ramp's mean is its middle


def test_refuses():
    with pytest.raises(InputError, match="one size"):
        guided_filter(np.zeros((4, 4, 2)), np.zeros((4, 5, 3)))
    with pytest.raises(InputError, match="radius"):
        guided_filter(np.zeros((4, 4, 2)), np.zeros((4, 4, 3)), radius=0)
