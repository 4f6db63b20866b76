"""What one does with codes: count what they save, and walk from one to another."""

import math

import numpy as np

from keras_cv_course.errors import InputError


def compression_ratio(image_shape, latent):
    """Numbers in an image for each number in its code.

    It counts numbers, not bits: what the decoder's weights take is not counted, nor is rounding.

    Args:
        image_shape: (height, width, channels).
        latent: numbers in a code.

    Returns:
        A float: 64 / 8 = 8.0 for an image of 8x8 and a code of 8.

    Raises:
        InputError: the code holds no number.
    """
    if latent < 1:
        raise InputError(f"latent must be at least 1, got {latent}")
    return math.prod(image_shape) / latent


def interpolate(start, end, steps):
    """The straight line between arrays: (1 - t) start + t end for t from 0 to 1.

    Between codes it is a path that the decoder can draw; between images it is a cross-fade.

    Args:
        start: array, such as a code (latent,) or an image (height, width, channels).
        end: array of the same shape.
        steps: number of points, both ends included; at least 2.

    Returns:
        (steps, *shape) array of the same dtype, rounded where that holds integers: `start` first, `end` last.

    Raises:
        InputError: the shapes differ, or there are fewer than two steps.
    """
    start, end = np.asarray(start), np.asarray(end)
    if start.shape != end.shape:
        raise InputError(f"a line joins two arrays of one shape, got {start.shape} and {end.shape}")
    if steps < 2:
        raise InputError(f"a line has two ends: steps must be at least 2, got {steps}")
    t = np.linspace(0, 1, steps).reshape(-1, *[1] * start.ndim)
    line = (1 - t) * start + t * end
    return (line if start.dtype.kind == "f" else np.rint(line)).astype(start.dtype)
