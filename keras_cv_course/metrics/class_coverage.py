"""Class coverage: does a generator make every class, or has it collapsed to a few (mode collapse)?"""

import numpy as np

from keras_cv_course.errors import InputError


def class_shares(labels, classes):
    """The share of each class, (classes,), among the labels (N,) that a classifier gave to generated images.

    Raises:
        InputError: no labels, or one that is not a whole number from 0 to below `classes`.
    """
    labels = np.asarray(labels)
    whole = labels.size and labels.ndim == 1 and np.issubdtype(labels.dtype, np.integer)
    if not whole or labels.min() < 0 or labels.max() >= classes:
        raise InputError(f"labels must be (N,) whole numbers from 0 to {classes - 1}, got {labels!r}")
    return np.bincount(labels, minlength=classes) / len(labels)


def class_coverage(labels, classes, threshold=0.2):
    """The share of the classes that are generated often enough.

    Args:
        labels: (N,) classes of generated images.
        classes: number of classes.
        threshold: a class counts if its share is at least `threshold` / classes. The classifier's own mistakes give
            a few images even to a class that is missing.

    Returns:
        A number in [0, 1]: 1 if no class is missing.

    Raises:
        InputError: see `class_shares`.
    """
    return float(np.mean(class_shares(labels, classes) * classes >= threshold))


def effective_classes(labels, classes):
    """e^(entropy of the shares): `classes` if all are generated equally often, 1 if only one is.

    Raises:
        InputError: see `class_shares`.
    """
    shares = class_shares(labels, classes)
    shares = shares[shares > 0]
    return float(np.exp(-np.sum(shares * np.log(shares))))
