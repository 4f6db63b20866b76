"""Codes of an autoencoder: how much smaller they are than images, and the line between two of them."""

import math

import numpy as np

from keras_cv_course.errors import InputError


def compression_ratio(image_shape, latent):
    """Numbers in an image divided by numbers in its code, not rounded.

    It counts numbers, not bits, and leaves the decoder's weights out.

    Args:
        image_shape: (height, width, channels).
        latent: size of the code.

    Returns:
        A float: 64 / 8 = 8.0 for a grey image of 8x8 and a code of 8.

    Raises:
        InputError: latent is below 1.
    """
    if latent < 1:
        raise InputError(f"latent must be at least 1, received {latent}")
    return math.prod(image_shape) / latent


def interpolate(start, end, steps):
    """Points at equal distances on the straight line between arrays: (1 - t) start + t end for t from 0 to 1.

    Between codes it is a path that a decoder turns into images; between images it is a cross-fade.

    Args:
        start: array, such as a code (latent,) or an image (height, width, channels).
        end: array of the same shape.
        steps: number of points, both ends included; at least 2.

    Returns:
        (steps, *shape) array of the dtype of `start`, rounded where that holds integers: `start` first, `end`
        last.

    Raises:
        InputError: the shapes differ, or there are fewer than two steps.
    """
    start, end = np.asarray(start), np.asarray(end)
    if start.shape != end.shape:
        raise InputError(f"a line joins two arrays of one shape, received {start.shape} and {end.shape}")
    if steps < 2:
        raise InputError(f"a line has two ends: steps must be at least 2, received {steps}")
    t = np.linspace(0, 1, steps).reshape(-1, *[1] * start.ndim)
    line = (1 - t) * start + t * end
    return (line if start.dtype.kind == "f" else np.rint(line)).astype(start.dtype)
