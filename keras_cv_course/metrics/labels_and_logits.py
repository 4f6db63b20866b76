"""Validation of labels and logits."""

import numpy as np

from keras_cv_course.errors import InputError


def checked(labels, logits):
    """Labels and logits as arrays of matching shapes.

    Args:
        labels: (N,) integers, the true classes, from 0.
        logits: (N, classes) float array.

    Returns:
        Labels (N,) and logits (N, classes), float64.

    Raises:
        InputError: their lengths differ, there are none, or a label is out of range.
    """
    labels, logits = np.asarray(labels), np.asarray(logits, "float64")
    if logits.ndim != 2 or labels.shape != logits.shape[:1] or not len(labels):
        raise InputError(
            f"labels must be (N,) and logits (N, classes) with the same N of 1 or more, "
            f"got shapes {labels.shape} and {logits.shape}"
        )
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= logits.shape[1]:
        raise InputError(
            f"labels must be whole numbers from 0 to {logits.shape[1] - 1}, got {labels.dtype} from "
            f"{labels.min()} to {labels.max()}"
        )
    return labels, logits
