import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.generate.adversarial.noise_walk import noise_walk

start, end = np.random.default_rng(0).uniform(-1, 1, (2, 32))


def test_a_walk_turns_evenly_and_stays_as_far_from_0_as_noise_is():
    walk = noise_walk(start, end, 12)
    np.testing.assert_allclose(walk[[0, -1]], [start, end], atol=1e-6)
    lengths = np.linalg.norm(walk, axis=1)
    np.testing.assert_allclose(np.diff(lengths, 2), 0, atol=1e-5)
    directions = walk / lengths[:, None]
    angles = np.arccos(np.clip(np.sum(directions[1:] * directions[:-1], axis=1), -1, 1))
    np.testing.assert_allclose(angles, angles.mean(), atol=1e-3)
    # Shoemake's formula: the weights are sines of the angles that are left and that are gone.
    whole = np.arccos(start @ end / np.linalg.norm(start) / np.linalg.norm(end))
    sines = np.sin([7 / 11 * whole, 4 / 11 * whole]) / np.sin(whole)
    expected = sines[0] * start / np.linalg.norm(start) + sines[1] * end / np.linalg.norm(end)
    np.testing.assert_allclose(directions[4], expected, atol=1e-5)


def test_a_right_angle_by_hand():
    np.testing.assert_allclose(noise_walk([1, 0], [0, 3], 3), [[1, 0], [2**0.5, 2**0.5], [0, 3]], atol=1e-6)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (([1, 0], [1, 0, 0], 3), "two arrays"),
        (([1, 0], [0, 1], 1), "1 steps"),
        (([0, 0], [0, 1], 3), "finite and not 0"),
        (([1, 0], [-2, 0], 3), "opposite vectors"),
    ],
)
def test_walks_that_lead_nowhere_are_refused(bad, said):
    with pytest.raises(InputError, match=said):
        noise_walk(*bad)
