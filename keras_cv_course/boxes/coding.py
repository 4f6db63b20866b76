"""Boxes as small corrections of anchors: what a network is asked to predict, and back.

Girshick, Donahue, Darrell and Malik, "Rich feature hierarchies", CVPR 2014, appendix C, eq. 1 to 9.
"""

import math

from keras import ops

from keras_cv_course.boxes.formats import from_xyxy, to_xyxy

# A width of 1000 / 16 times the anchor's is the most that is decoded: exp of a wild output stays finite.
MOST = math.log(1000 / 16)


def encode(boxes, anchors, variance=(0.1, 0.1, 0.2, 0.2)):
    """The corrections that turn anchors into boxes.

    t_x = (x - x_a) / w_a, t_y = (y - y_a) / h_a, t_w = ln(w / w_a), t_h = ln(h / h_a), each divided by its
    variance, so that the four vary about equally.

    Args:
        boxes: (..., 4) xyxy; rows of padding give finite numbers that mean nothing.
        anchors: (..., 4) xyxy, of positive width and height.
        variance: four positive numbers.

    Returns:
        (..., 4) float32.
    """
    box, anchor = from_xyxy(boxes, "center_xywh"), from_xyxy(anchors, "center_xywh")
    place = (box[..., :2] - anchor[..., :2]) / anchor[..., 2:]
    size = ops.log(ops.maximum(box[..., 2:], 1e-6) / anchor[..., 2:])
    return ops.concatenate([place, size], axis=-1) / ops.convert_to_tensor(variance, dtype="float32")


def decode(codes, anchors, variance=(0.1, 0.1, 0.2, 0.2)):
    """The boxes that corrected anchors are: the inverse of `encode`.

    Args:
        codes: (..., 4) corrections.
        anchors: (..., 4) xyxy.
        variance: as in `encode`.

    Returns:
        (..., 4) xyxy, finite for any finite codes.
    """
    codes = codes * ops.convert_to_tensor(variance, dtype="float32")
    anchor = from_xyxy(anchors, "center_xywh")
    place = codes[..., :2] * anchor[..., 2:] + anchor[..., :2]
    size = ops.exp(ops.minimum(codes[..., 2:], MOST)) * anchor[..., 2:]
    return to_xyxy(ops.concatenate([place, size], axis=-1), "center_xywh")
