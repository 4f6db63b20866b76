"""Sharpness of images: the energy of their gradients, and their power at every spatial frequency."""

import numpy as np

from keras_cv_course.errors import InputError


def gradient_energy(images):
    """Mean squared difference of neighbouring pixels, along rows plus along columns.

    A blurred image has less of it than a sharp one, and noise has the most: compare it with that of real images.
    `_checked` turns the images into float64 and refuses other arrays.

    Args:
        images: (N, H, W, C), sides of 2 pixels or more.

    Returns:
        A number; 0 for images without any contrast.

    Raises:
        InputError: not images.
    """
    images = _checked(images)
    return float(sum(np.mean(np.diff(images, axis=axis) ** 2) for axis in (1, 2)))


def power_spectrum(images):
    """Mean power of square images by spatial frequency, all directions of one frequency together.

    Args:
        images: (N, S, S, C).

    Returns:
        (S // 2,): the mean squared amplitude of the waves with 1, 2 ... S // 2 periods across the image, each
        rounded to the nearest; the mean over all of them is of the order of the variance of a pixel.

    Raises:
        InputError: not images, or not square.
    """
    images = _checked(images)
    side = images.shape[1]
    if images.shape[2] != side:
        raise InputError(f"the spectrum is that of square images, got {images.shape}: cut them")
    power = (np.abs(np.fft.fft2(images, axes=(1, 2))) ** 2).mean(axis=(0, 3)) / side**2
    periods = np.fft.fftfreq(side) * side
    radius = np.rint(np.hypot(*np.meshgrid(periods, periods))).astype(int)
    return np.array([power[radius == number].mean() for number in range(1, side // 2 + 1)])


def spectrum_distance(images, others):
    """How different the spectra of two sets are: mean absolute difference of the logarithms (base 10).

    Args:
        images, others: (N, S, S, C) and (M, S, S, C).

    Returns:
        A number: 0 for the same spectra, 1 if one is ten times the other at every frequency.

    Raises:
        InputError: see `power_spectrum`; or sides differ.
    """
    first, second = power_spectrum(images), power_spectrum(others)
    if first.shape != second.shape:
        raise InputError(f"both sets must be of one size, got {np.shape(images)} and {np.shape(others)}")
    return float(np.mean(np.abs(np.log10(first + 1e-12) - np.log10(second + 1e-12))))


def _checked(images):
    images = np.asarray(images, "float64")
    if images.ndim != 4 or not images.size or min(images.shape[1:3]) < 2:
        raise InputError(f"images must be (N, H, W, C) of 2x2 pixels or more, got {images.shape}")
    return images
