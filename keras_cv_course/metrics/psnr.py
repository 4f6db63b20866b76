"""Peak signal-to-noise ratio: how close a restored image is to the true one, in decibels."""

import numpy as np

from keras_cv_course.errors import InputError


def psnr(truth, estimate):
    """Peak signal-to-noise ratio of images in [0, 1]: 10 log10(1 / MSE), averaged over the images.

    6 dB more means half the error in each pixel; 20 dB is an error of 0.1 a pixel.

    Args:
        truth: (N, ...) array in [0, 1].
        estimate: array of the same shape.

    Returns:
        Decibels, a float; infinite where an estimate is exact.

    Raises:
        InputError: the shapes differ.
    """
    truth, estimate = np.asarray(truth), np.asarray(estimate)
    if truth.shape != estimate.shape:
        raise InputError(f"psnr compares images of one shape, received {truth.shape} and {estimate.shape}")
    axes = tuple(range(1, truth.ndim))
    mean_squared_error = np.mean((truth.astype("float64") - estimate) ** 2, axis=axes)
    with np.errstate(divide="ignore"):
        return float(np.mean(10 * np.log10(1 / mean_squared_error)))
