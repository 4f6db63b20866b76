import numpy as np
import pytest

from keras_cv_course.data.scenes.patterns import PATTERNS

REPEATING = ("stripes", "waves", "checks", "dots")


def grid(period, side=96, fine=1):
    """Coordinates in periods of the centres of `fine` x `fine` samples a pixel."""
    at = (np.arange(side * fine, dtype="float32") + 0.5) / fine / period
    return np.meshgrid(at, at)


@pytest.mark.parametrize("name", PATTERNS)
def test_a_share_of_the_second_colour(name):
    x, y = grid(8.0)
    mix = PATTERNS[name](x - 6, y - 6, np.float32(8))
    assert mix.dtype == np.float32 and mix.shape == (96, 96)
    assert mix.min() == 0 and mix.max() == (0 if name == "plain" else 1)


@pytest.mark.parametrize("name", REPEATING)
def test_it_repeats_in_both_directions(name):
    x, y = grid(8.0)
    one = PATTERNS[name](x, y, 8.0)
    np.testing.assert_allclose(PATTERNS[name](x + 1, y, 8.0), one, atol=1e-5)
    np.testing.assert_allclose(PATTERNS[name](x, y + 2, 8.0), one, atol=1e-5)
    assert np.abs(PATTERNS[name](x + 0.5, y, 8.0) - one).mean() > 0.1


@pytest.mark.parametrize(
    "name, share", [("stripes", 0.5), ("waves", 0.5), ("checks", 0.5), ("dots", np.pi * 0.32**2)]
)
def test_the_second_colours_share(name, share):
    assert PATTERNS[name](*grid(8.0), 8.0).mean() == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize("name", REPEATING)
@pytest.mark.parametrize("period", [5.0, 12.0])
def test_edges_are_smooth_as_if_each_pixel_had_many_samples(name, period):
    """The mean of 8 x 8 hard samples a pixel, a hard one being a pattern with endlessly steep edges."""
    x, y = grid(period, fine=8)
    turn = np.radians(25)
    x, y = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
    hard = PATTERNS[name](x, y, 1e6).reshape(96, 8, 96, 8).mean(axis=(1, 3))
    x, y = (axis.reshape(96, 8, 96, 8).mean(axis=(1, 3)) for axis in (x, y))
    error = np.abs(PATTERNS[name](x, y, period) - hard)
    assert error.mean() < 0.05 and error.max() < 0.6


def test_a_gradient_goes_from_the_first_colour_to_the_second_within_two_periods():
    x = np.array([-3.0, -1, -0.5, 0, 1, 2])
    np.testing.assert_allclose(PATTERNS["gradient"](x, x, 5.0), [0, 0, 0.25, 0.5, 1, 1])
