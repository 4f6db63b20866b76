"""The border weights of the U-Net paper against a slow loop."""

import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.losses.border_weights import border_weights


def test_equals_a_slow_loop():
    instances = np.zeros((12, 14), int)
    instances[2:6, 1:5], instances[1:7, 7:10], instances[9:11, 3:12] = 1, 2, 5
    expected = np.ones(instances.shape)
    for y in range(12):
        for x in range(14):
            if instances[y, x] == 0:
                d = []
                for number in (1, 2, 5):
                    places = np.argwhere(instances == number)
                    d.append(np.sqrt(((places - [y, x]) ** 2).sum(axis=1)).min())
                first, second = sorted(d)[:2]
                expected[y, x] += 10 * np.exp(-((first + second) ** 2) / (2 * 3.0**2))
    np.testing.assert_allclose(border_weights(instances, 10, 3, balance=False), expected, rtol=1e-5)


def test_balanced_weights_give_each_half_and_gaps_more():
    instances = np.zeros((20, 20), int)
    instances[5:15, 3:9] = 1
    alone = border_weights(instances)
    assert (
        abs(alone[instances == 0].sum() - alone[instances == 1].sum()) < 1e-3 and abs(alone.mean() - 1) < 1e-6
    )
    instances[5:15, 10:16] = 2  # a gap of one pixel
    weights = border_weights(instances)
    assert weights[10, 9] == weights.max() > 10 * weights[0, 0]


def test_background_alone_and_bad_input():
    assert np.all(border_weights(np.zeros((4, 4), int)) == 1)
    assert np.all(border_weights(np.ones((4, 4), int)) == 1)
    with pytest.raises(InputError, match="float64"):
        border_weights(np.zeros((4, 4)))
    with pytest.raises(InputError, match="sigma must be positive and w0 0 or more, got 0 and 10"):
        border_weights(np.zeros((4, 4), int), sigma=0)
    with pytest.raises(InputError, match="got 5.0 and -1"):
        border_weights(np.zeros((4, 4), int), w0=-1)
