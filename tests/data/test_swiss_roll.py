import numpy as np
import pytest
from scipy.integrate import quad

from keras_cv_course.data import swiss_roll

# The radius of the spiral (t cos t, t sin t) is its angle t.


@pytest.fixture(scope="module")
def parts():
    return swiss_roll.load()


def test_sizes_types_and_ranges(parts):
    assert [len(part) for part in parts] == [2000, 500, 500]
    for part in parts:
        assert part.points.shape == (len(part), 3) and part.points.dtype == np.float32
        assert part.position.shape == (len(part), 2) and part.position.dtype == np.float32
        x, y, z = part.points.T
        assert -0.5 < y.min() < 1 and 20 < y.max() < 21.5
        assert max(np.abs(x).max(), np.abs(z).max()) < 4.5 * np.pi + 0.5
        along, height = part.position.T
        assert 0 <= along.min() < 2 and 87 < along.max() <= swiss_roll.arc_length(4.5 * np.pi)
        assert 0 <= height.min() < 1 and 20 < height.max() <= 21


def test_arc_length_equals_numeric_integration_of_the_speed():
    def point(t):
        return np.array([t * np.cos(t), t * np.sin(t)])

    def speed(t, step=1e-4):
        return np.linalg.norm(point(t + step) - point(t - step)) / (2 * step)

    for angle in (1.5 * np.pi, 5.0, 2 * np.pi, 10.0, 4.5 * np.pi):
        length, _ = quad(speed, 1.5 * np.pi, angle)
        assert swiss_roll.arc_length(angle) == pytest.approx(length, abs=1e-5)


def test_position_belongs_to_the_point(parts):
    """The angle, found again from each point's radius alone, leads to its position within the noise."""
    for part in parts:
        x, y, z = part.points.T
        angle = np.clip(np.hypot(x, z), 1.5 * np.pi, 4.5 * np.pi)
        error = swiss_roll.arc_length(angle) - part.position[:, 0]
        # A step of 1 outwards is sqrt(1 + t^2), up to 14, along the spiral.
        assert np.abs(error).max() < 14.2 * 5 * swiss_roll.NOISE
        assert np.corrcoef(swiss_roll.arc_length(angle), part.position[:, 0])[0, 1] > 0.999
        assert np.std(y - part.position[:, 1]) == pytest.approx(swiss_roll.NOISE, rel=0.1)


def test_the_points_leave_the_sheet_by_the_stated_noise(parts):
    for part in parts:
        along = part.position[:, 0].astype("float64")
        grid = np.linspace(1.5 * np.pi, 4.5 * np.pi, 20001)
        angle = np.interp(along, swiss_roll.arc_length(grid), grid)
        x, _, z = part.points.T
        noise = np.concatenate([x - angle * np.cos(angle), z - angle * np.sin(angle)])
        assert np.std(noise) == pytest.approx(swiss_roll.NOISE, rel=0.1)


def test_the_same_points_every_time_and_none_in_two_parts(parts):
    for part, again in zip(parts, swiss_roll.load(), strict=True):
        np.testing.assert_array_equal(part.points, again.points)
        np.testing.assert_array_equal(part.position, again.position)
    assert len(np.unique(np.concatenate([part.points for part in parts]), axis=0)) == 3000
    assert len(np.unique(np.concatenate([part.position for part in parts]), axis=0)) == 3000
