"""Which windows of an image a detector learns from: the objects, and the background that it finds hard.

Dalal and Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005, section 4.
"""

import numpy as np
from keras import ops

from keras_cv_course.boxes.overlap import pairwise_iou

BACKGROUND, IGNORED = -1, -2


def window_labels(windows, boxes, labels, positive=0.6, negative=0.3):
    """What each window shows.

    Args:
        windows: (A, 4) xyxy.
        boxes: (K, 4) xyxy, the objects of the image; K may be 0.
        labels: (K,) their classes, -1 for padding.
        positive: least IoU of a window that shows an object.
        negative: a window of a smaller IoU with every object is background.

    Returns:
        (A,) int: the class of the object with the largest IoU, where that is `positive` or more; -1, background,
        where it is below `negative`; -2 between: such a window teaches nothing.
    """
    real = labels >= 0
    if not real.any():
        return np.full(len(windows), BACKGROUND)
    overlap = ops.convert_to_numpy(pairwise_iou(windows, boxes[real]))  # (A, objects)
    best, classes = overlap.max(axis=1), labels[real][overlap.argmax(axis=1)]
    return np.where(best >= positive, classes, np.where(best < negative, BACKGROUND, IGNORED))


def hardest(scores, known, most):
    """The windows of background that score highest.

    Args:
        scores: (A, C) distances to the classes' hyperplanes.
        known: (A,) as `window_labels` gives them.
        most: so many at most.

    Returns:
        (M,) int rows by falling score: background with a score above -1 for some class, within or beyond the
        margin of the SVM. Others would not change it.
    """
    highest = np.where(known == BACKGROUND, scores.max(axis=1), -np.inf)
    order = np.argsort(-highest, kind="stable")[:most]
    return order[highest[order] > -1]
