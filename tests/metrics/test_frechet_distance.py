import numpy as np
import pytest
from scipy.linalg import sqrtm

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.frechet_distance import frechet_distance

rng = np.random.default_rng(0)
real = rng.standard_normal((60, 5)) @ rng.standard_normal((5, 5))
generated = rng.standard_normal((40, 5)) @ rng.standard_normal((5, 5)) + 1


def test_equals_the_formula_with_a_matrix_root():
    first, second = (np.cov(rows, rowvar=False) for rows in (real, generated))
    expected = np.sum((real.mean(0) - generated.mean(0)) ** 2)
    expected += np.trace(first + second - 2 * np.real(sqrtm(first @ second)))
    assert frechet_distance(real, generated) == pytest.approx(expected, rel=1e-9)


def test_one_feature_is_the_difference_of_means_and_of_standard_deviations():
    left, right = rng.normal(1, 2, (50, 1)), rng.normal(-3, 0.5, (70, 1))
    expected = (left.mean() - right.mean()) ** 2 + (left.std(ddof=1) - right.std(ddof=1)) ** 2
    assert frechet_distance(left, right) == pytest.approx(expected, rel=1e-9)


def test_nothing_but_a_shift_costs_its_square():
    assert frechet_distance(real, real + [3, 0, 0, 0, 4]) == pytest.approx(25, rel=1e-9)
    assert frechet_distance(real, real[::-1]) == pytest.approx(0, abs=1e-9)


def test_twice_as_large_costs_the_trace():
    # C' = 4 C: trace(C + 4 C - 2 * 2 C) = trace C.
    centred = real - real.mean(0)
    assert frechet_distance(centred, 2 * centred) == pytest.approx(np.trace(np.cov(real.T)), rel=1e-9)


def test_order_and_rotation_do_not_matter():
    turn, _ = np.linalg.qr(rng.standard_normal((5, 5)))
    there = frechet_distance(real, generated)
    assert frechet_distance(generated, real) == pytest.approx(there, rel=1e-9)
    assert frechet_distance(real @ turn, generated @ turn) == pytest.approx(there, rel=1e-9)


def test_fewer_images_than_features():
    """Two flat clouds in different planes: trace(C C')^(1/2) is 0, and no root goes astray."""
    left, right = np.zeros((4, 30)), np.zeros((4, 30))
    left[:, :2], right[:, 2:4] = rng.standard_normal((2, 4, 2))
    spread = sum(np.var(rows, axis=0, ddof=1).sum() for rows in (left, right))
    gap = np.sum((left.mean(0) - right.mean(0)) ** 2)
    assert frechet_distance(left, right) == pytest.approx(spread + gap, rel=1e-6)


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        (real, generated[:, :3], r"got \(60, 5\) and \(40, 3\)"),
        (real[:1], generated, r"got \(1, 5\)"),
        (real[0], generated[0], "two sets"),
        (real, generated * np.nan, "finite"),
    ],
)
def test_sets_that_cannot_be_compared_are_refused(left, right, said):
    with pytest.raises(InputError, match=said):
        frechet_distance(left, right)
