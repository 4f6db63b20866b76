"""Softmax and cross-entropy of logits.

Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.2.2.3.
"""

import numpy as np

from keras_cv_course.metrics.labels_and_logits import checked


def softmax(logits):
    """Probabilities exp(z_k) / sum over j of exp(z_j) of each row.

    Subtracting a row's largest logit from the row does not change the result, and exp cannot overflow.

    Args:
        logits: (N, classes) float array.

    Returns:
        (N, classes) float64; each row sums to 1.
    """
    logits = np.asarray(logits, "float64")
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def cross_entropy(labels, logits):
    """Mean of -log p(true class), in nats: 0 for certain and correct, log(classes) for equal logits.

    Computed as log(sum of exp(z_j)) - z_true, which stays finite where p itself would round to 0.

    Args:
        labels: (N,) integers, the true classes, from 0.
        logits: (N, classes) float array.

    Returns:
        A float.

    Raises:
        InputError: shapes that do not match, or a label out of range.
    """
    labels, logits = checked(labels, logits)
    largest = logits.max(axis=1)
    log_sum = largest + np.log(np.exp(logits - largest[:, None]).sum(axis=1))
    return float(np.mean(log_sum - logits[np.arange(len(labels)), labels]))
