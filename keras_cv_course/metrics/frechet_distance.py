"""Fréchet distance between two sets of features, each described by a Gaussian.

Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium", NeurIPS
2017, eq. 6; Dowson and Landau, "The Fréchet Distance between Multivariate Normal Distributions", 1982. With
the 2,048 features of InceptionV3's last pooling it is called FID.
"""

import numpy as np

from keras_cv_course.metrics.feature_sets import two_sets


def frechet_distance(real, generated):
    """|m - m'|^2 + trace(C + C' - 2 (C C')^(1/2)), of the means m and covariances C of two sets.

    0 for the same mean and covariance. With few images it is too large on average: compare only values of equally
    many images, and with that of other real ones.

    Args:
        real: (N, D) features of real images.
        generated: (M, D) features of generated ones.

    Returns:
        A number, 0 or more, in the square of the features' unit.

    Raises:
        InputError: fewer than two rows, other features, or numbers that are not finite.
    """
    real, generated = two_sets(real, generated)
    gap = real.mean(axis=0) - generated.mean(axis=0)
    first, second = (np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (real, generated))
    # C C' has the eigenvalues of R C' R, R the root of C: symmetric, so that no root is complex.
    root = _root(first)
    shared = np.sum(np.sqrt(np.clip(np.linalg.eigvalsh(root @ second @ root), 0, None)))
    return float(max(gap @ gap + np.trace(first) + np.trace(second) - 2 * shared, 0.0))


def _root(covariance):
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
