import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.kernel_distance import kernel_distance, kernel_distance_of_subsets

rng = np.random.default_rng(1)


def slow(real, made):
    def k(x, y):
        return (np.dot(x, y) / len(x) + 1) ** 3

    def mean(values):
        return sum(values) / len(values)

    own = [
        mean([k(x, y) for i, x in enumerate(rows) for j, y in enumerate(rows) if i != j])
        for rows in (real, made)
    ]
    return sum(own) - 2 * mean([k(x, y) for x in real for y in made])


def test_equals_the_slow_loop():
    real, made = rng.standard_normal((7, 3)), rng.standard_normal((5, 3)) + 0.5
    assert kernel_distance(real, made) == pytest.approx(slow(real, made), rel=1e-12)


def test_two_points():
    """All at 1 and all at 0, one feature: k is 8, 1 and 1, 8 + 1 - 2 = 7."""
    assert kernel_distance(np.ones((3, 1)), np.zeros((4, 1))) == pytest.approx(7)


def test_it_is_0_on_average_for_one_distribution_and_for_few_images():
    distances = [kernel_distance(*rng.standard_normal((2, 10, 4))) for _ in range(2000)]
    error = np.std(distances) / np.sqrt(2000)
    assert abs(np.mean(distances)) < 4 * error
    assert min(distances) < 0 < max(distances)


def test_its_expectation_for_two_normal_distributions():
    """x ~ N(0, 1), y ~ N(0, 4): E k = 1 + 3 E[x x'] + 3 E[x^2] E[x'^2] + 0, so 4 + 49 - 2 * 13 = 27."""
    distances = [
        kernel_distance(rng.standard_normal((40, 1)), 2 * rng.standard_normal((40, 1))) for _ in range(2000)
    ]
    assert np.mean(distances) == pytest.approx(27, abs=4 * np.std(distances) / np.sqrt(2000))


def test_subsets_agree_with_the_whole():
    real, made = rng.standard_normal((300, 4)), rng.standard_normal((200, 4)) + 0.3
    mean, error = kernel_distance_of_subsets(real, made, 100, 50, np.random.default_rng(0))
    assert 0 < error < 0.1
    assert mean == pytest.approx(kernel_distance(real, made), abs=4 * error)
    # A subset of all is all.
    all_of_it = kernel_distance_of_subsets(real[:200], made, 200, 2, np.random.default_rng(0))
    assert all_of_it == pytest.approx((kernel_distance(real[:200], made), 0), abs=1e-12)


def test_bad_sets_are_refused():
    sets = rng.standard_normal((2, 6, 3))
    with pytest.raises(InputError, match="2 to 6 rows, got 5 of 7"):
        kernel_distance_of_subsets(*sets, 7, 5, rng)
    with pytest.raises(InputError, match=r"got \(1, 3\)"):
        kernel_distance(sets[0][:1], sets[1])
