"""Accuracy: the share of right predictions."""

import numpy as np

from keras_cv_course.metrics.labels_and_logits import checked


def accuracy(labels, logits):
    """Share of the rows whose largest number is that of the true class.

    Args:
        labels: (N,) integers, the true classes, from 0.
        logits: (N, classes) float array; probabilities give the same.

    Returns:
        A float in [0, 1].

    Raises:
        InputError: labels and logits do not belong together, or a label is no class.
    """
    labels, logits = checked(labels, logits)
    return float(np.mean(logits.argmax(axis=1) == labels))
