"""The digits that exercises are shown on."""

import numpy as np
from sklearn.datasets import load_digits

from keras_cv_course.classroom.example_images import digits


def test_digits_are_those_asked_for_enlarged():
    images, known = digits(3, 8, times=2), load_digits()
    assert images.shape == (2, 16, 16, 1) and images.dtype == "float32"
    assert known.target[[3, 8]].tolist() == [3, 8]
    np.testing.assert_array_equal(images[:, ::2, 1::2, 0] * 16, known.images[[3, 8]])
    assert images.min() == 0 and images.max() == 1
