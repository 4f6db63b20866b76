import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.psnr import psnr

rng = np.random.default_rng(0)
truth = rng.random((5, 6, 7, 3), dtype="float32")
estimate = np.clip(truth + 0.1 * rng.standard_normal(truth.shape, dtype="float32"), 0, 1)


def test_equals_scikit_image():
    expected = np.mean([peak_signal_noise_ratio(t, e, data_range=1) for t, e in zip(truth, estimate)])
    assert psnr(truth, estimate) == pytest.approx(expected, abs=1e-5)


def test_an_error_of_a_tenth_everywhere_is_20_decibels_and_half_of_it_six_more():
    assert psnr(np.zeros((2, 4, 4, 1)), np.full((2, 4, 4, 1), 0.1)) == pytest.approx(20)
    assert psnr(np.zeros((2, 4, 4, 1)), np.full((2, 4, 4, 1), 0.05)) == pytest.approx(20 + 20 * np.log10(2))


def test_exact_is_infinite():
    assert psnr(truth, truth) == np.inf


def test_other_shapes_are_refused():
    with pytest.raises(InputError, match=r"received \(5, 6, 7, 3\) and \(5, 6, 7\)"):
        psnr(truth, estimate[..., 0])
