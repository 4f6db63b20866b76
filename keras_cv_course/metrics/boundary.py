"""Segmentation quality near the boundaries between classes: IoU and F1.

Kohli, Ladický and Torr, "Robust Higher Order Potentials for Enforcing Label Consistency", IJCV 2009 (pixels in a
band around the boundaries, a "trimap"); Csurka, Larlus and Perronnin, "What is a Good
Evaluation Measure for Semantic Segmentation?", BMVC 2013 (boundary F1); Cheng, Girshick, Dollár, Berg and
Kirillov, "Boundary IoU: Improving Object-Centric Image Segmentation Evaluation", CVPR 2021.
"""

import numpy as np
from scipy.ndimage import binary_dilation, binary_erosion, distance_transform_edt

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.mean_iou import confusion, count_classes, mean_of_classes

SQUARE = np.ones((3, 3), bool)


def trimap_mean_iou(truth, predicted, width=2, void=255):
    """Mean IoU over the pixels that lie within `width` pixels of a boundary between two true classes.

    A pixel counts where the nearest pixel of another class is at most `width` pixels away (Euclidean distance
    of their centres). Void is no class: void pixels do not count, and where a class meets void there is no
    boundary.

    Args:
        truth: (N, H, W) integers, the classes from 0 on, or void.
        predicted: (N, H, W) integers.
        width: pixels on either side of the boundary that count.
        void: value of the pixels that do not count.

    Returns:
        A number in [0, 1]; NaN if no two classes share an image, so that there is no boundary.

    Raises:
        InputError: shapes that differ, a width that is not positive, a class below 0.
    """
    truth, predicted = _checked(truth, predicted, width)
    counted = np.where(_near_boundaries(truth, width, void), truth, void)
    return mean_of_classes(confusion(counted, predicted, count_classes(truth, predicted, void), void))


def _near_boundaries(masks, width, void=255):
    """(N, H, W) bool: the pixels of a class that have another class, and not void, within `width` pixels."""
    near = np.zeros(masks.shape, bool)
    for image, mask in zip(near, masks, strict=True):
        values = np.unique(mask[mask != void])
        for value in values if len(values) > 1 else ():
            others = (mask != value) & (mask != void)
            image |= (mask == value) & (distance_transform_edt(~others) <= width)
    return near


def boundary_iou(truth, predicted, width=2):
    """Boundary IoU of one region: the IoU of the pixels of each mask within `width` of its own outline.

    Args:
        truth: (H, W) bool.
        predicted: (H, W) bool.
        width: pixels; the image's edge is an outline as well, as in the authors' program.

    Returns:
        A number in [0, 1]; 1 if both are empty.

    Raises:
        InputError: shapes that differ, a width that is not positive.
    """
    truth, predicted = _checked(truth, predicted, width)
    bands = [region & (_inner_distance(region) <= width) for region in (truth > 0, predicted > 0)]
    union = np.sum(bands[0] | bands[1])
    return float(np.sum(bands[0] & bands[1]) / union) if union else 1.0


def _inner_distance(region):
    return distance_transform_edt(np.pad(region, 1))[1:-1, 1:-1]


def boundary_f1(truth, predicted, width=2, ignored=None):
    """F1 of one region's outline.

    Recall is the share of the true outline's pixels that have a pixel of the predicted outline within `width`
    pixels; precision is the same with the two exchanged. Their harmonic mean is 2 P R / (P + R).

    Args:
        truth: (H, W) bool.
        predicted: (H, W) bool.
        width: pixels that an outline may be off.
        ignored: (H, W) bool, pixels that do not count; outline pixels that touch them, also at a corner, do
            not count either. None if all count.

    Returns:
        A number in [0, 1]; 1 if neither region has an outline, 0 if only one has.

    Raises:
        InputError: shapes that differ, a width that is not positive.
    """
    truth, predicted = _checked(truth, predicted, width)
    lines = [outline(region > 0) for region in (truth, predicted)]
    if ignored is not None and np.any(ignored):
        counted = ~binary_dilation(ignored, SQUARE)
        lines = [line & counted for line in lines]
    if not any(line.any() for line in lines):
        return 1.0
    if not all(line.any() for line in lines):
        return 0.0
    recall, precision = (
        np.mean(distance_transform_edt(~other)[line] <= width)
        for line, other in zip(lines, reversed(lines), strict=True)
    )
    return float(2 * precision * recall / (precision + recall)) if precision + recall else 0.0


def mean_boundary_f1(truth, predicted, width=2, void=255):
    """Boundary F1 of every true class of every image, averaged.

    Args:
        truth: (N, H, W) integers, or void.
        predicted: (N, H, W) integers.
        width: pixels that an outline may be off.
        void: value of the pixels that do not count.

    Returns:
        A number in [0, 1]; NaN if all pixels are void. An image of a single class counts 1, or 0 where an
        outline is predicted.

    Raises:
        InputError: shapes that differ, a width that is not positive.
    """
    truth, predicted = _checked(truth, predicted, width)
    scores = [
        boundary_f1(true_mask == value, mask == value, width, true_mask == void)
        for true_mask, mask in zip(truth, predicted, strict=True)
        for value in np.unique(true_mask[true_mask != void])
    ]
    return float(np.mean(scores)) if scores else float("nan")


def outline(region):
    """The pixels of a region, (H, W) bool, that touch a pixel outside it, also at a corner.

    The image's edge is no outline: beyond it the region is taken to go on.
    """
    return region & ~binary_erosion(region, SQUARE, border_value=1)


def _checked(truth, predicted, width):
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if truth.shape != predicted.shape or width <= 0:
        raise InputError(
            f"masks must have the same shape and the width must be positive, got {truth.shape}, "
            f"{predicted.shape} and {width}"
        )
    return truth, predicted
