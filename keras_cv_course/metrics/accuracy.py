"""Accuracy: the share of correct predictions."""

import numpy as np

from keras_cv_course.metrics.labels_and_logits import checked


def accuracy(labels, logits):
    """Share of the rows whose largest logit is that of the true class.

    Args:
        labels: (N,) integers, the true classes, from 0.
        logits: (N, classes) float array, or probabilities.

    Returns:
        A float in [0, 1].

    Raises:
        InputError: shapes that do not match, or a label out of range.
    """
    labels, logits = checked(labels, logits)
    return float(np.mean(logits.argmax(axis=1) == labels))
