"""Nearest training neighbours: has the generator learned, or has it learned by heart?

Meehan, Chaudhuri and Dasgupta, "A Non-Parametric Test to Detect Data-Copying in Generative Models", AISTATS
2020, section 3.
"""

import numpy as np
from scipy.stats import rankdata

from keras_cv_course.metrics.feature_sets import nearest_rows, two_sets


def nearest_neighbours(made, training):
    """Each made image's nearest training image.

    Args:
        made: (M, ...) images or features.
        training: (N, ...) of the same shape a row.

    Returns:
        Euclidean distances (M,) and indices into `training` (M,).

    Raises:
        InputError: an empty set, other shapes, or numbers that are not finite.
    """
    return nearest_rows(*two_sets(made, training, least=1))


def copying(made, training, held_out):
    """The probability that a made image is closer to the training images than a held-out real one is.

    0.5: made images are as far from the training images as new real ones are. Towards 1: they are copies.
    Towards 0: they are farther away, thus not real-looking.

    Args:
        made: (M, ...) made images or features.
        training: (N, ...) what the generator was trained on.
        held_out: (K, ...) real ones that it has not seen.

    Returns:
        A number in [0, 1]; equal distances count as half.

    Raises:
        InputError: an empty set, other shapes, or numbers that are not finite.
    """
    ours, _ = nearest_neighbours(made, training)
    theirs, _ = nearest_neighbours(held_out, training)
    # The Mann-Whitney statistic: pairs in which the held-out image is the farther one.
    ranks = rankdata(np.concatenate([theirs, ours]))[: len(theirs)]
    farther = ranks.sum() - len(theirs) * (len(theirs) + 1) / 2
    return float(farther / (len(ours) * len(theirs)))
