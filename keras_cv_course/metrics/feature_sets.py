"""Two sets of features: what the measures of generated images compare."""

import numpy as np

from keras_cv_course.errors import InputError


def two_sets(real, generated, minimum=2):
    """Both sets as float64 matrices, one row an image.

    Args:
        real: (N, ...) features, or images, whose pixels are then the features.
        generated: (M, ...) of the same shape a row.
        minimum: rows that each must have.

    Returns:
        (N, D) and (M, D) float64.

    Raises:
        InputError: too few rows, other shapes, or a number that is not finite.
    """
    real, generated = (np.asarray(rows, "float64") for rows in (real, generated))
    alike = min(real.ndim, generated.ndim) >= 2 and real.shape[1:] == generated.shape[1:]
    if not alike or min(len(real), len(generated)) < minimum:
        raise InputError(
            f"expected two sets of {minimum} or more rows with the same features, got {real.shape} and "
            f"{generated.shape}"
        )
    if not np.isfinite(real).all() or not np.isfinite(generated).all():
        raise InputError("features must be finite numbers; got NaN or infinity: check the images first")
    return real.reshape(len(real), -1), generated.reshape(len(generated), -1)


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
    squares = np.sum(others**2, axis=1)
    for start in range(0, len(rows), block):
        some = rows[start : start + block]
        # |x - y|^2 less |x|^2: a matrix product finds the neighbour, the distance is then computed without it.
        table = squares - 2 * some @ others.T
        index = np.argpartition(table, neighbour - 1, axis=1)[:, neighbour - 1]
        indices.append(index)
        distances.append(np.linalg.norm(some - others[index], axis=1))
    return np.concatenate(distances), np.concatenate(indices)
