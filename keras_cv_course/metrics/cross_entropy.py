"""From logits to probabilities and to a loss: what a classifier's last numbers mean.

Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.2.2.3.
"""

import numpy as np

from keras_cv_course.metrics.labels_and_logits import checked


def softmax(logits):
    """Probabilities: exp(z_k) / sum over j of exp(z_j), for each row by itself.

    Subtracting a row's largest logit from all of it changes nothing and keeps exp from overflowing.

    Args:
        logits: (N, classes) float array, of any size of numbers.

    Returns:
        (N, classes) float64; each row sums to 1.
    """
    logits = np.asarray(logits, "float64")
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def cross_entropy(labels, logits):
    """Mean of -log p(true class), in nats: 0 for sure and right, log(classes) for a fair guess.

    Computed as log(sum of exp(z_j)) - z_true, which stays finite where p itself would round to 0.

    Args:
        labels: (N,) integers, the true classes, from 0.
        logits: (N, classes) float array.

    Returns:
        A float.

    Raises:
        InputError: labels and logits do not belong together, or a label is no class.
    """
    labels, logits = checked(labels, logits)
    largest = logits.max(axis=1)
    log_sum = largest + np.log(np.exp(logits - largest[:, None]).sum(axis=1))
    return float(np.mean(log_sum - logits[np.arange(len(labels)), labels]))
