"""Kernel distance between two sets of features: the maximum mean discrepancy, an average over pairs.

Bińkowski, Sutherland, Arbel and Gretton, "Demystifying MMD GANs", ICLR 2018, section 4. With InceptionV3's
features it is called KID.
"""

import numpy as np

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.feature_sets import two_sets


def kernel_distance(real, generated):
    """Squared maximum mean discrepancy, k(x, y) = (x . y / D + 1)^3, without bias.

        mean of k over pairs of different real ones + the same of generated ones - 2 mean of k over mixed pairs

    Unlike the Fréchet distance it is not too large for few images: 0 is expected for the same distribution,
    and small negative numbers occur.

    Args:
        real: (N, D) features of real images.
        generated: (M, D) features of generated ones.

    Returns:
        A number.

    Raises:
        InputError: fewer than two rows, other features, or numbers that are not finite.
    """
    real, generated = two_sets(real, generated)
    return float(_of_different(real) + _of_different(generated) - 2 * _kernel(real, generated).mean())


def kernel_distance_of_subsets(real, generated, size, subsets, rng):
    """The mean of `kernel_distance` over random subsets, as published, and its standard error.

    Args:
        real: (N, D) features of real images.
        generated: (M, D) features of generated ones.
        size: rows of each subset; 1,000 in the paper.
        subsets: number of subsets; 100 in the paper.
        rng: a `numpy.random.Generator`.

    Returns:
        (mean, standard error).

    Raises:
        InputError: as `kernel_distance`; a size that either set does not have, fewer than two subsets.
    """
    real, generated = two_sets(real, generated)
    most = min(len(real), len(generated))
    if not 2 <= size <= most or subsets < 2:
        raise InputError(f"expected two subsets or more, each of 2 to {most} rows, got {subsets} of {size}")
    distances = [
        kernel_distance(*(rows[rng.choice(len(rows), size, replace=False)] for rows in (real, generated)))
        for _ in range(subsets)
    ]
    return float(np.mean(distances)), float(np.std(distances, ddof=1) / np.sqrt(subsets))


def _kernel(left, right):
    return (left @ right.T / left.shape[1] + 1) ** 3


def _of_different(rows):
    table, count = _kernel(rows, rows), len(rows)
    return (table.sum() - np.trace(table)) / (count * (count - 1))
