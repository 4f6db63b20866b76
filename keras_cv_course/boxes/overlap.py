"""How much two boxes share: intersection over union, and its form that feels distance.

Rezatofighi, Tsoi, Gwak, Sadeghian, Reid and Savarese, "Generalized Intersection over Union", CVPR 2019.
"""

from keras import ops


def area(boxes):
    """Areas (...) of xyxy boxes (..., 4); 0 for a box turned inside out."""
    x_min, y_min, x_max, y_max = ops.unstack(boxes, axis=-1)
    return ops.maximum(x_max - x_min, 0) * ops.maximum(y_max - y_min, 0)


def intersection(first, second):
    """Areas that xyxy boxes share; the leading axes are broadcast: (..., 4) and (..., 4) -> (...)."""
    low = ops.maximum(first[..., :2], second[..., :2])
    high = ops.minimum(first[..., 2:], second[..., 2:])
    sides = ops.maximum(high - low, 0)
    return sides[..., 0] * sides[..., 1]


def iou(first, second):
    """Intersection over union of xyxy boxes, one by one: |A and B| / |A or B|.

    Args:
        first: (..., 4) float.
        second: (..., 4), leading axes that broadcast with the first's.

    Returns:
        (...) in [0, 1]; 0 where both boxes are empty (rows of padding).
    """
    shared = intersection(first, second)
    union = area(first) + area(second) - shared
    return shared / ops.maximum(union, 1e-9)


def giou(first, second):
    """Generalised IoU (algorithm 1): the IoU less the empty share of the smallest box around both.

    Args and returns as `iou`, but in (-1, 1]: boxes that do not touch still tell how far apart they are.
    """
    shared = intersection(first, second)
    union = area(first) + area(second) - shared
    low = ops.minimum(first[..., :2], second[..., :2])
    high = ops.maximum(first[..., 2:], second[..., 2:])
    around = area(ops.concatenate([low, high], axis=-1))
    return shared / ops.maximum(union, 1e-9) - (around - union) / ops.maximum(around, 1e-9)


def pairwise_iou(first, second):
    """IoU of every box with every other: (..., N, 4) and (..., M, 4) -> (..., N, M)."""
    return iou(first[..., :, None, :], second[..., None, :, :])
