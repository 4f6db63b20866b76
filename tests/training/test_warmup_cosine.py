import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.training.warmup_cosine import warmup_cosine


def test_starts_at_zero_peaks_after_the_warm_up_and_ends_at_zero():
    schedule = warmup_cosine(0.4, steps=100, warmup=0.2)
    rates = np.array([float(schedule(step)) for step in range(101)])
    np.testing.assert_allclose(rates[:21], 0.4 * np.arange(21) / 20, atol=1e-7)
    np.testing.assert_allclose(rates[20:], 0.2 * (1 + np.cos(np.pi * np.arange(81) / 80)), atol=1e-6)


def test_bad_arguments():
    for peak in (0, -1, float("nan")):
        with pytest.raises(InputError, match="peak learning rate must be a positive number"):
            warmup_cosine(peak, 10)
    with pytest.raises(InputError, match="epochs must be at least 1"):
        warmup_cosine(0.1, 0)
