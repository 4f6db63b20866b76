"""Boxes as offsets from anchors, which is what a network predicts, and back.

Girshick, Donahue, Darrell and Malik, "Rich feature hierarchies for accurate object detection and semantic
segmentation", CVPR 2014, appendix C, eq. 1 to 9.
"""

import math

from keras import ops

from keras_cv_course.boxes.formats import from_xyxy, to_xyxy

# A decoded side is at most 1000 / 16 times the anchor's, so that exp of any prediction is finite.
MAX_LOG_SCALE = math.log(1000 / 16)


def encode(boxes, anchors, variance=(0.1, 0.1, 0.2, 0.2)):
    """The offsets that turn anchors into boxes.

        t_x = (x - x_a) / w_a,  t_y = (y - y_a) / h_a,  t_w = ln(w / w_a),  t_h = ln(h / h_a)

    with centres x, y and sides w, h; each is divided by its variance, so that the four have similar ranges.

    Args:
        boxes: (..., 4) xyxy; rows of padding give finite numbers that mean nothing.
        anchors: (..., 4) xyxy, of positive width and height.
        variance: four positive numbers.

    Returns:
        (..., 4) float32: t_x, t_y, t_w, t_h.
    """
    box, anchor = from_xyxy(boxes, "center_xywh"), from_xyxy(anchors, "center_xywh")
    centre = (box[..., :2] - anchor[..., :2]) / anchor[..., 2:]
    sides = ops.log(ops.maximum(box[..., 2:], 1e-6) / anchor[..., 2:])
    return ops.concatenate([centre, sides], axis=-1) / ops.convert_to_tensor(variance, dtype="float32")


def decode(offsets, anchors, variance=(0.1, 0.1, 0.2, 0.2)):
    """The boxes at the given offsets from anchors: the inverse of `encode`.

    Args:
        offsets: (..., 4): t_x, t_y, t_w, t_h.
        anchors: (..., 4) xyxy.
        variance: as in `encode`.

    Returns:
        (..., 4) xyxy, finite for all finite offsets.
    """
    offsets = ops.cast(offsets, "float32") * ops.convert_to_tensor(variance, dtype="float32")
    anchor = from_xyxy(anchors, "center_xywh")
    centre = offsets[..., :2] * anchor[..., 2:] + anchor[..., :2]
    sides = ops.exp(ops.minimum(offsets[..., 2:], MAX_LOG_SCALE)) * anchor[..., 2:]
    return to_xyxy(ops.concatenate([centre, sides], axis=-1), "center_xywh")
