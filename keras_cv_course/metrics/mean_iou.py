"""Segmentation quality: intersection over union of every class, and its mean.

Everingham, Van Gool, Williams, Winn and Zisserman, "The PASCAL Visual Object Classes (VOC) Challenge", IJCV 2010,
section 4.3; Long, Shelhamer and Darrell, "Fully Convolutional Networks for Semantic Segmentation", CVPR 2015,
section 5 (mean IU).
"""

import numpy as np

from keras_cv_course.errors import InputError


def confusion(truth, predicted, classes, void=255):
    """The confusion matrix: how many pixels of class i (row) are predicted as class j (column).

    Args:
        truth: (...) integers 0 to classes - 1, or void.
        predicted: same shape, integers 0 to classes - 1.
        classes: number of classes.
        void: value of the true pixels that do not count.

    Returns:
        (classes, classes) int64.

    Raises:
        InputError: shapes that differ, or a class out of range.
    """
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if truth.shape != predicted.shape:
        raise InputError(
            f"truth and prediction must have the same shape, got {truth.shape} and {predicted.shape}"
        )
    counted = truth != void
    truth, predicted = truth[counted].astype("int64"), predicted[counted].astype("int64")
    for name, values in (("truth", truth), ("prediction", predicted)):
        if values.size and not 0 <= values.min() <= values.max() < classes:
            raise InputError(
                f"classes are 0 to {classes - 1} (and {void} for void in the truth), the {name} has "
                f"{values.min()} to {values.max()}"
            )
    return np.bincount(truth * classes + predicted, minlength=classes**2).reshape(classes, classes)


def iou_by_class(table):
    """Intersection over union of each class: n_ii / (sum_j n_ij + sum_j n_ji - n_ii).

    Args:
        table: (classes, classes) confusion matrix n, rows the truth.

    Returns:
        (classes,) in [0, 1]; NaN for a class that is neither in the truth nor predicted.
    """
    table = np.asarray(table, float)
    shared = np.diag(table)
    union = table.sum(axis=0) + table.sum(axis=1) - shared
    return np.divide(shared, union, out=np.full(len(table), np.nan), where=union > 0)


def mean_of_classes(table):
    """Mean IoU of the classes that are in the truth or predicted; NaN if no pixel counts."""
    values = iou_by_class(table)
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def mean_iou(truth, predicted, classes=None, void=255):
    """Mean intersection over union of the classes that are in the truth or predicted.

    Args:
        truth, predicted, void: as in `confusion`.
        classes: number of classes; None for as many as the masks hold, which gives the same number.

    Returns:
        A number in [0, 1]; NaN if all pixels are void.

    Raises:
        InputError: as `confusion`.
    """
    classes = count_classes(truth, predicted, void) if classes is None else classes
    return mean_of_classes(confusion(truth, predicted, classes, void))


def count_classes(truth, predicted, void=255):
    """One more than the largest class that is in the truth, void aside, or predicted."""
    truth = np.asarray(truth)
    return 1 + int(max(np.max(truth, where=truth != void, initial=0), np.max(predicted)))
