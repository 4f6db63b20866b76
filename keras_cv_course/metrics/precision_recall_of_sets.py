"""Precision and recall of generated images: are they real-looking, and are they all that is real?

Kynkäänniemi, Karras, Laine, Lehtinen and Aila, "Improved Precision and Recall Metric for Assessing Generative
Models", NeurIPS 2019, section 2.
"""

import numpy as np
from scipy.spatial.distance import cdist

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.feature_sets import nearest_rows, two_sets


def precision_recall_of_sets(real, made, neighbour=3):
    """How many made images lie where real ones do, and how many real ones where made ones do.

    A set lies wherever a ball around one of its rows reaches; its radius is the distance to the row's k-th
    nearest neighbour in its own set. Precision falls with bad images, recall with missing kinds of them.

    Args:
        real: (N, D) features of real images.
        made: (M, D) features of made ones.
        neighbour: k; 3 in the paper.

    Returns:
        (precision, recall), each in [0, 1].

    Raises:
        InputError: sets of k rows or fewer, other features, or numbers that are not finite.
    """
    if neighbour < 1:
        raise InputError(f"neighbour must be 1 or more, got {neighbour}")
    real, made = two_sets(real, made, least=neighbour + 1)
    return _share_inside(made, real, neighbour), _share_inside(real, made, neighbour)


def _share_inside(rows, others, neighbour, block=1024):
    # The nearest row of its own set is a row itself, at distance 0.
    radii, _ = nearest_rows(others, others, neighbour + 1)
    inside = [
        np.any(cdist(rows[start : start + block], others) <= radii, axis=1)
        for start in range(0, len(rows), block)
    ]
    return float(np.mean(np.concatenate(inside)))
