"""How well outlines are told: IoU and F1 of what lies near them.

Cheng, Girshick, Dollar, Berg and Kirillov, "Boundary IoU", CVPR 2021; Csurka, Larlus and Perronnin,
"What is a Good Evaluation Measure for Semantic Segmentation?", BMVC 2013 (boundary F1).
"""

import numpy as np
from scipy.ndimage import binary_dilation, binary_erosion, distance_transform_edt

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.mean_iou import confusion, iou_by_class

SQUARE = np.ones((3, 3), bool)


def trimap_mean_iou(truth, predicted, classes, width=2, void=255):
    """Mean IoU over the pixels within `width` pixels of a border between two true classes.

    Args:
        truth: (N, H, W) whole numbers, or void.
        predicted: (N, H, W).
        classes: number of classes.
        width: pixels on either side of the border that count.
        void: class of pixels that are not judged.

    Returns:
        A number in [0, 1]; NaN if there is no border.
    """
    truth, predicted = _masks(truth, predicted, width)
    judged = np.where(_near_borders(truth, width), truth, void)
    table = confusion(judged, predicted, classes, void)
    return float(np.nanmean(iou_by_class(table))) if table.sum() else float("nan")


def _near_borders(masks, width):
    near = np.zeros(masks.shape, bool)
    for picture, mask in zip(near, masks, strict=True):
        inside = np.ones(mask.shape, bool)
        for value in np.unique(mask):
            inside &= ~(mask == value) | (distance_transform_edt(mask == value) > width)
        if len(np.unique(mask)) > 1:
            picture[:] = ~inside
    return near


def boundary_iou(truth, predicted, width=2):
    """Boundary IoU of one region: the IoU of the pixels of each within `width` of its own outline.

    Args:
        truth: (H, W) bool.
        predicted: (H, W) bool.
        width: pixels.

    Returns:
        A number in [0, 1]; 1 if both are empty.
    """
    truth, predicted = _masks(truth, predicted, width)
    rims = [region & (_inner_distance(region) <= width) for region in (truth > 0, predicted > 0)]
    union = np.sum(rims[0] | rims[1])
    return float(np.sum(rims[0] & rims[1]) / union) if union else 1.0


def _inner_distance(region):
    # The picture's edge is an outline as well, as in the authors' program.
    return distance_transform_edt(np.pad(region, 1))[1:-1, 1:-1]


def boundary_f1(truth, predicted, width=2, unjudged=None):
    """F1 of one region's outline: the share of each outline that has the other's within `width` pixels.

    Args:
        truth: (H, W) bool.
        predicted: (H, W) bool.
        width: pixels.
        unjudged: (H, W) bool, pixels that do not count, nor what touches them; None if all count.

    Returns:
        The harmonic mean of precision and recall, in [0, 1]; 1 if neither has an outline, 0 if one only
        has.
    """
    truth, predicted = _masks(truth, predicted, width)
    lines = [outline(region > 0) for region in (truth, predicted)]
    if unjudged is not None and np.any(unjudged):
        judged = ~binary_dilation(unjudged, SQUARE)
        lines = [line & judged for line in lines]
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
    """Mean boundary F1 of every class that a picture has, over all pictures.

    Args:
        truth: (N, H, W) whole numbers, or void.
        predicted: (N, H, W).
        width: pixels that an outline may be off.
        void: class of pixels that are not judged.

    Returns:
        A number in [0, 1]. A picture of one class only counts as 1, or 0 where an outline was invented.
    """
    truth, predicted = _masks(truth, predicted, width)
    scores = [
        boundary_f1(mask == value, told == value, width, mask == void)
        for mask, told in zip(truth, predicted, strict=True)
        for value in np.unique(mask[mask != void])
    ]
    return float(np.mean(scores))


def outline(region):
    """The pixels of a region (H, W) bool that touch what is not the region; the edge is no outline."""
    return region & ~binary_erosion(region, SQUARE, border_value=1)


def _masks(truth, predicted, width):
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if truth.shape != predicted.shape or width <= 0:
        raise InputError(
            f"masks must be of one shape and the width positive, got {truth.shape}, {predicted.shape} and "
            f"{width}"
        )
    return truth, predicted
