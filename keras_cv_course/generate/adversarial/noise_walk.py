"""A path from one noise vector to another that stays where the generator was trained.

White, "Sampling Generative Networks", arXiv:1609.04468, 2016, section 2.1. In many dimensions nearly all noise
vectors have about the same length. The straight line between two of them passes much nearer to 0, where a
generator has seen no noise in training; an arc does not.
"""

import numpy as np
from scipy.spatial import geometric_slerp

from keras_cv_course.errors import InputError


def noise_walk(start, end, steps):
    """Points along the arc from one noise vector to another: direction and length change evenly.

    Args:
        start, end: (latent,) arrays, neither of them 0 nor opposite to the other.
        steps: number of points, both ends included; at least 2.

    Returns:
        (steps, latent) float32.

    Raises:
        InputError: other shapes, no direction from 0, or fewer than two steps.
    """
    start, end = np.asarray(start, "float64"), np.asarray(end, "float64")
    if start.ndim != 1 or start.shape != end.shape or len(start) < 2 or steps < 2:
        raise InputError(
            "a walk joins two arrays (latent,) of two numbers or more in 2 steps or more, got "
            f"{start.shape}, {end.shape} and {steps} steps"
        )
    lengths = [np.linalg.norm(noise) for noise in (start, end)]
    if not all(np.isfinite(lengths)) or min(lengths) == 0:
        raise InputError(
            f"noise must be finite and not 0, got vectors of length {lengths[0]} and {lengths[1]}"
        )
    directions = start / lengths[0], end / lengths[1]
    if directions[0] @ directions[1] < -1 + 1e-9:
        raise InputError("no arc is the shortest between opposite vectors: draw other noise")
    time = np.linspace(0, 1, steps)
    return (np.interp(time, [0, 1], lengths)[:, None] * geometric_slerp(*directions, time)).astype("float32")
