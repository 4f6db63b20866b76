import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.reconstruct.latent_space import compression_ratio, interpolate


def test_a_line_starts_and_ends_at_its_ends():
    start, end = np.random.default_rng(0).random((2, 3, 2), dtype="float32")
    for steps in (2, 5):
        line = interpolate(start, end, steps)
        assert line.shape == (steps, 3, 2) and line.dtype == start.dtype
        np.testing.assert_array_equal(line[[0, -1]], [start, end])
    np.testing.assert_allclose(line[2], (start + end) / 2, atol=1e-6)
    np.testing.assert_allclose(
        np.diff(line, axis=0), np.broadcast_to((end - start) / 4, (4, 3, 2)), atol=1e-6
    )


def test_compression_counts_numbers():
    assert compression_ratio((8, 8, 1), 8) == 8
    assert compression_ratio((4, 6, 3), 16) == 4.5


def test_bad_arguments():
    with pytest.raises(InputError, match="at least 1"):
        compression_ratio((8, 8, 1), 0)
    with pytest.raises(InputError, match="at least 2"):
        interpolate(np.zeros(3), np.ones(3), 1)
    with pytest.raises(InputError, match="one shape"):
        interpolate(np.zeros(3), np.ones(4), 5)
