"""Precision and recall of generated images: how many look real, and how much of the real set they cover.

Kynkäänniemi, Karras, Laine, Lehtinen and Aila, "Improved Precision and Recall Metric for Assessing Generative
Models", NeurIPS 2019, section 2.
"""

import numpy as np
from scipy.spatial.distance import cdist

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.feature_sets import nearest_rows, two_sets


def precision_recall_of_sets(real, generated, neighbour=3):
    """The shares of generated images among the real ones, and of real images among the generated ones.

    A row is among a set if it is inside a ball around one of the set's rows, whose radius is that row's distance to
    its k-th nearest neighbour in its own set. Precision falls with bad images, recall with missing kinds of them.
    Balls around more rows reach farther: give both sets equally many.

    Args:
        real: (N, D) features of real images.
        generated: (M, D) features of generated ones.
        neighbour: k; 3 in the paper.

    Returns:
        (precision, recall), each in [0, 1].

    Raises:
        InputError: sets of k rows or fewer, other features, or numbers that are not finite.
    """
    if neighbour < 1:
        raise InputError(f"neighbour must be 1 or more, got {neighbour}")
    real, generated = two_sets(real, generated, minimum=neighbour + 1)
    return _share_inside(generated, real, neighbour), _share_inside(real, generated, neighbour)


def _share_inside(rows, others, neighbour, block=1024):
    # The nearest row of its own set is the row itself, at distance 0.
    radii, _ = nearest_rows(others, others, neighbour + 1)
    inside = [
        np.any(cdist(rows[start : start + block], others) <= radii, axis=1)
        for start in range(0, len(rows), block)
    ]
    return float(np.mean(np.concatenate(inside)))
