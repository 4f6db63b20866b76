"""Nearest training images of generated ones: has a generator memorised its training set?

Meehan, Chaudhuri and Dasgupta, "A Non-Parametric Test to Detect Data-Copying in Generative Models", AISTATS 2020,
section 3.
"""

import numpy as np
from scipy.stats import rankdata

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.feature_sets import nearest_rows, two_sets


def nearest_neighbours(generated, training):
    """Each generated image's nearest training image.

    Args:
        generated: (M, ...) images or features.
        training: (N, ...) of the same shape a row.

    Returns:
        Euclidean distances (M,) and indices into `training` (M,).

    Raises:
        InputError: an empty set, other shapes, or numbers that are not finite.
    """
    return nearest_rows(*two_sets(generated, training, minimum=1))


def copying(generated, training, held_out, shift=0):
    """The probability that a generated image is closer to the training images than a held-out real one is.

    0.5: generated images are as far from the training images as new real ones are. Towards 1: they are copies.
    Towards 0: they are farther away, and less like real images.

    Args:
        generated: (M, ...) images or features.
        training: (N, ...) what the generator was trained on.
        held_out: (K, ...) real ones that it has not seen.
        shift: for images (M, H, W, C): also compare them moved by up to so many pixels in either direction, each at
            its nearest, and return the larger probability: copies that were moved are found, too.

    Returns:
        A number in [0, 1]; equal distances count as half.

    Raises:
        InputError: an empty set, other shapes, or numbers that are not finite; a shift of rows that are no images.
    """
    found = [_closer(nearest_neighbours(generated, training)[0], nearest_neighbours(held_out, training)[0])]
    if shift:
        if np.ndim(generated) != 4:
            raise InputError(f"only images (N, H, W, C) can be shifted, got {np.shape(generated)}")
        found.append(
            _closer(*(_moved_distances(images, training, shift) for images in (generated, held_out)))
        )
    return max(found)


def _closer(ours, theirs):
    """The Mann-Whitney statistic: the share of pairs in which the held-out image is the farther one."""
    ranks = rankdata(np.concatenate([theirs, ours]))[: len(theirs)]
    farther = ranks.sum() - len(theirs) * (len(theirs) + 1) / 2
    return float(farther / (len(ours) * len(theirs)))


def _moved_distances(images, training, shift):
    """(N,) distances of images to their nearest training images over all moves by up to `shift` pixels."""
    height, width = np.shape(images)[1:3]
    padded = np.pad(images, ((0, 0), (shift, shift), (shift, shift), (0, 0)), mode="edge")
    moves = [(top, left) for top in range(2 * shift + 1) for left in range(2 * shift + 1)]
    moved = (padded[:, top : top + height, left : left + width] for top, left in moves)
    return np.min([nearest_neighbours(one, training)[0] for one in moved], axis=0)
