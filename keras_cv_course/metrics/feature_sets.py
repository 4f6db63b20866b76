"""Two sets of features: what the measures of generated images compare."""

import numpy as np
from scipy.spatial.distance import cdist

from keras_cv_course.errors import InputError


def two_sets(real, made, least=2):
    """Both sets as float64 matrices, one row an image.

    Args:
        real: (N, ...) features, or images, whose pixels are then the features.
        made: (M, ...) of the same shape a row.
        least: rows that each must have.

    Returns:
        (N, D) and (M, D) float64.

    Raises:
        InputError: too few rows, other shapes, or a number that is not finite.
    """
    real, made = (np.asarray(rows, "float64") for rows in (real, made))
    if min(real.ndim, made.ndim) < 2 or real.shape[1:] != made.shape[1:] or min(len(real), len(made)) < least:
        raise InputError(
            f"expected two sets of {least} or more rows with the same features, got {real.shape} and "
            f"{made.shape}"
        )
    if not np.isfinite(real).all() or not np.isfinite(made).all():
        raise InputError("features must be finite numbers; got NaN or infinity: look at the images first")
    return real.reshape(len(real), -1), made.reshape(len(made), -1)


def nearest_rows(rows, others, neighbour=1, block=1024):
    """The distance of each row to its k-th nearest other row, and which one that is.

    Args:
        rows: (N, D).
        others: (M, D).
        neighbour: k; 1 for the nearest.
        block: rows that are compared at once.

    Returns:
        Euclidean distances (N,) and indices into `others` (N,).
    """
    distances, indices = [], []
    for start in range(0, len(rows), block):
        table = cdist(rows[start : start + block], others)
        index = np.argpartition(table, neighbour - 1, axis=1)[:, neighbour - 1]
        indices.append(index)
        distances.append(table[np.arange(len(table)), index])
    return np.concatenate(distances), np.concatenate(indices)
