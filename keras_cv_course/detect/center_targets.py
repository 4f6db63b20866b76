"""What CenterNet is trained to predict: a heat map with a peak at each object's centre, its offset and its size.

Zhou, Wang and Krähenbühl, "Objects as Points", arXiv:1904.07850, 2019, section 3. Law and Deng, "CornerNet: Detecting
Objects as Paired Keypoints", ECCV 2018, section 3.2, for the radius of a peak.
"""

from keras import ops

from keras_cv_course.errors import InputError


def gaussian_radius(height, width, least_iou=0.7):
    """How far both corners of a box may move along each axis with an IoU of `least_iou` or more with the box.

    The smallest of three radii r, for a box of height h and width w, an IoU of o:

    - both corners move the same way: (h - r)(w - r) / (2 h w - (h - r)(w - r)) = o;
    - both move inwards: (h - 2 r)(w - 2 r) / (h w) = o;
    - both move outwards: h w / ((h + 2 r)(w + 2 r)) = o.

    (CornerNet's first program divides the roots of these equations by 2 where 2 a is due; many programs copied it.)

    Args:
        height, width: tensors of any one shape, 0 or more.
        least_iou: o, in (0, 1).

    Returns:
        Radii of that shape, in the unit of height and width.

    Raises:
        InputError: `least_iou` is not between 0 and 1.
    """
    if not 0 < least_iou < 1:
        raise InputError(f"least_iou is between 0 and 1, received {least_iou}")
    around, area = height + width, height * width
    shifted = _smaller_root(1.0, around, area * (1 - least_iou) / (1 + least_iou))
    inwards = _smaller_root(4.0, 2 * around, area * (1 - least_iou))
    outwards = -_smaller_root(4 * least_iou, 2 * least_iou * around, area * (least_iou - 1))
    return ops.minimum(ops.minimum(shifted, inwards), outwards)


def _smaller_root(a, b, c):
    """Of a r r - b r + c = 0, for a > 0."""
    return (b - ops.sqrt(ops.maximum(b * b - 4 * a * c, 0.0))) / (2 * a)


def center_targets(boxes, labels, map_size, stride, classes, least_iou=0.7):
    """Targets of one batch.

    An object of class c with its centre p in cell q of the map raises heat[q, c] to 1 and its neighbours to
    exp(-|x - q|^2 / (2 sigma^2)), where sigma = (2 r + 1) / 6 of the `gaussian_radius` r; where peaks of a class meet,
    the larger number counts (section 3). The offset is p / stride - q, lost by the map's coarseness (equation 2).

    Args:
        boxes: (N, K, 4) xyxy in pixels of the image.
        labels: (N, K) classes, -1 for a row of padding.
        map_size: (h, w), cells of the map.
        stride: R, pixels of the image from one cell to the next.
        classes: C.
        least_iou: of the radius.

    Returns:
        {"heat_map": (N, h, w, C) float32 in [0, 1], "cells": (N, K) int32, row * w + column of each object's centre,
        "offsets": (N, K, 2) float32 in [0, 1], across and down, "sizes": (N, K, 2) float32, width and height in
        cells, "valid": (N, K) float32, 1 for an object and 0 for padding}.
    """
    height, width = map_size
    boxes = ops.cast(boxes, "float32") / stride
    sizes = ops.maximum(boxes[..., 2:] - boxes[..., :2], 0.0)
    centres = (boxes[..., :2] + boxes[..., 2:]) / 2
    # A centre on the right or lower edge of the image belongs to the last cell.
    last = ops.convert_to_tensor([width - 1, height - 1], "float32")
    places = ops.clip(ops.floor(centres), 0.0, last)
    valid = ops.cast(labels >= 0, "float32")
    radii = gaussian_radius(sizes[..., 1], sizes[..., 0], least_iou)
    spread = 2 * ops.square((2 * radii + 1) / 6)[..., None]  # (N, K, 1)
    across = ops.exp(-ops.square(ops.arange(width, dtype="float32") - places[..., :1]) / spread)  # (N, K, w)
    down = ops.exp(-ops.square(ops.arange(height, dtype="float32") - places[..., 1:]) / spread)
    one_hot = ops.one_hot(ops.maximum(labels, 0), classes, dtype="float32") * valid[..., None]  # (N, K, C)
    heat = ops.zeros((ops.shape(boxes)[0], height, width, classes))
    for k in range(boxes.shape[1]):
        peak = down[:, k, :, None, None] * across[:, k, None, :, None] * one_hot[:, k, None, None, :]
        heat = ops.maximum(heat, peak)
    cells = ops.cast(places[..., 1] * width + places[..., 0], "int32")
    return {
        "heat_map": heat, "cells": cells, "offsets": (centres - places) * valid[..., None], "sizes": sizes,
        "valid": valid,
    }  # fmt: skip
