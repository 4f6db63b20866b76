"""Intersection over union of boxes, and its generalised form, which also measures how far apart they are.

Rezatofighi, Tsoi, Gwak, Sadeghian, Reid and Savarese, "Generalized Intersection over Union: A Metric and a
Loss for Bounding Box Regression", CVPR 2019, algorithm 1.
"""

from keras import ops


def area(boxes):
    """Areas (...) of xyxy boxes (..., 4) in square pixels; 0 where x_max < x_min or y_max < y_min."""
    x_min, y_min, x_max, y_max = ops.unstack(ops.convert_to_tensor(boxes), axis=-1)
    return ops.maximum(x_max - x_min, 0) * ops.maximum(y_max - y_min, 0)


def intersection(first, second):
    """Areas that two xyxy boxes share: (..., 4) and (..., 4) -> (...); leading axes are broadcast."""
    low = ops.maximum(first[..., :2], second[..., :2])
    high = ops.minimum(first[..., 2:], second[..., 2:])
    sides = ops.maximum(high - low, 0)
    return sides[..., 0] * sides[..., 1]


def iou(first, second):
    """Intersection over union of xyxy boxes, pair by pair.

        IoU = |A and B| / |A or B|

    Args:
        first: (..., 4) float.
        second: (..., 4) float; leading axes are broadcast with those of `first`.

    Returns:
        (...) in [0, 1]; 0 where both boxes are empty (rows of padding).
    """
    shared = intersection(first, second)
    union = area(first) + area(second) - shared
    return shared / ops.maximum(union, 1e-9)


def giou(first, second):
    """Generalised IoU of xyxy boxes, pair by pair.

        GIoU = IoU - |C without (A or B)| / |C|,    C the smallest box around A and B

    Args:
        first: (..., 4) float.
        second: (..., 4) float; leading axes are broadcast with those of `first`.

    Returns:
        (...) in (-1, 1]: it goes on falling with the distance where the boxes no longer touch. 0 where both
        boxes are the same empty one (rows of padding).
    """
    shared = intersection(first, second)
    union = area(first) + area(second) - shared
    low = ops.minimum(first[..., :2], second[..., :2])
    high = ops.maximum(first[..., 2:], second[..., 2:])
    around = area(ops.concatenate([low, high], axis=-1))
    return shared / ops.maximum(union, 1e-9) - (around - union) / ops.maximum(around, 1e-9)


def pairwise_iou(first, second):
    """IoU of each box with each other: (..., N, 4) and (..., M, 4) -> (..., N, M)."""
    return iou(first[..., :, None, :], second[..., None, :, :])
