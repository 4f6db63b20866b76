"""How well the classes of pixels are told: intersection over union of every class, and their mean.

Everingham et al., "The PASCAL Visual Object Classes Challenge", IJCV 2010, section 4.3.
"""

import numpy as np

from keras_cv_course.errors import InputError


def confusion(truth, predicted, classes, void=255):
    """How many pixels of each class (row) were told to be of each (column); void pixels count nowhere.

    Args:
        truth: (...) whole numbers 0 to classes - 1, or void.
        predicted: same shape, 0 to classes - 1.
        classes: number of classes.
        void: class of pixels that are not judged.

    Returns:
        (classes, classes) int64.

    Raises:
        InputError: shapes that differ, or a class out of range.
    """
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if truth.shape != predicted.shape:
        raise InputError(
            f"truth and prediction must be of one shape, got {truth.shape} and {predicted.shape}"
        )
    judged = truth != void
    truth, predicted = truth[judged].astype("int64"), predicted[judged].astype("int64")
    for name, values in (("truth", truth), ("prediction", predicted)):
        if values.size and not 0 <= values.min() <= values.max() < classes:
            raise InputError(
                f"classes are 0 to {classes - 1} (and {void} for void in the truth), the {name} has "
                f"{values.min()} to {values.max()}"
            )
    return np.bincount(truth * classes + predicted, minlength=classes**2).reshape(classes, classes)


def iou_by_class(table):
    """Intersection over union of each class from a confusion table.

    Args:
        table: (classes, classes), rows the truth.

    Returns:
        (classes,) in [0, 1]; NaN for a class that is neither there nor predicted.
    """
    table = np.asarray(table, float)
    shared = np.diag(table)
    union = table.sum(axis=0) + table.sum(axis=1) - shared
    return np.divide(shared, union, out=np.full(len(table), np.nan), where=union > 0)


def mean_iou(truth, predicted, classes, void=255):
    """Mean over the classes that are there or predicted of intersection over union; see `confusion`."""
    return float(np.nanmean(iou_by_class(confusion(truth, predicted, classes, void))))
