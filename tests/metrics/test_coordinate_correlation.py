import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.coordinate_correlation import coordinate_correlation

rng = np.random.default_rng(0)
along = rng.uniform(0, 90, 400)
height = rng.uniform(0, 21, 400)


def test_a_flat_code_scores_1_however_it_is_turned_mirrored_stretched_or_shifted():
    flat = np.stack([along, height], axis=1)
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    for codes in (flat, flat @ turn, flat * [-1, 1], flat * [0.01, 300] + [5, -1000]):
        assert coordinate_correlation(codes, along) == pytest.approx(1, abs=1e-9)
        assert coordinate_correlation(codes, height) == pytest.approx(1, abs=1e-9)


def test_one_code_number_gives_the_absolute_correlation():
    codes = along + 30 * rng.standard_normal(400)
    expected = np.corrcoef(codes, along)[0, 1]
    assert 0.5 < expected < 0.9
    assert coordinate_correlation(codes[:, None], along) == pytest.approx(expected)
    assert coordinate_correlation(-codes[:, None], along) == pytest.approx(expected)


def test_equals_the_root_of_scikit_learns_r_squared():
    codes = np.stack([np.sin(along / 9), along + 20 * rng.standard_normal(400)], axis=1)
    expected = np.sqrt(LinearRegression().fit(codes, along).score(codes, along))
    assert coordinate_correlation(codes, along) == pytest.approx(expected, rel=1e-10)


def test_a_sheet_folded_in_the_middle_and_noise_score_near_0():
    even = np.linspace(0, 90, 401)
    folded = np.abs(even - 45)[:, None]
    assert coordinate_correlation(folded, even) == pytest.approx(0, abs=1e-6)
    assert coordinate_correlation(rng.standard_normal((400, 2)), along) < 0.2


def test_bad_arguments():
    with pytest.raises(InputError, match=r"received \(400,\) and \(400,\)"):
        coordinate_correlation(along, along)
    with pytest.raises(InputError, match=r"received \(399, 1\) and \(400,\)"):
        coordinate_correlation(along[1:, None], along)
    with pytest.raises(InputError, match="give more points"):
        coordinate_correlation(np.ones((3, 2)), np.arange(3))
    with pytest.raises(InputError, match="the same for all points"):
        coordinate_correlation(height[:, None], np.ones(400))
