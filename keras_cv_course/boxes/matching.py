"""Assigning anchors to objects.

Ren, He, Girshick and Sun, "Faster R-CNN", NIPS 2015, section 3.1.2: an anchor is positive if its IoU with an
object is high enough, or if no other anchor has a higher IoU with that object; it is negative if its IoU is
low for all objects; all others take no part in training.
"""

from keras import ops

from keras_cv_course.errors import InputError

NEGATIVE, IGNORED = -1, -2


def match(overlap, valid, positive=0.5, negative=0.4, force=True):
    """The object that each anchor is assigned to, from their IoU.

    Args:
        overlap: (..., A, K) IoU of A anchors and K objects.
        valid: (..., K) bool: False for rows of padding.
        positive: an anchor with at least this IoU is positive.
        negative: an anchor with less IoU than this is negative; from there to `positive` it is ignored.
        force: assign to each object also the anchor of the highest IoU with it (each of them, if several are
            equal), unless that IoU is 0. An anchor that is the best one of two objects takes the object of
            the higher IoU, the first of equals.

    Returns:
        (..., A) int32: the object's row, -1 for a negative anchor, -2 for one to ignore.

    Raises:
        InputError: thresholds that are not 0 <= negative <= positive <= 1.
    """
    if not 0 <= negative <= positive <= 1:
        raise InputError(
            f"thresholds must be 0 <= negative <= positive <= 1, got negative={negative}, positive={positive}"
        )
    if overlap.shape[-1] == 0:
        return ops.full(overlap.shape[:-1], NEGATIVE, dtype="int32")
    overlap = ops.where(valid[..., None, :], overlap, -1.0)
    best = ops.max(overlap, axis=-1)  # (..., A)
    objects = ops.cast(ops.argmax(overlap, axis=-1), "int32")
    matched = ops.where(best >= negative, IGNORED, NEGATIVE)
    matched = ops.where(best >= positive, objects, matched)
    if force:
        top = ops.max(overlap, axis=-2, keepdims=True)  # (..., 1, K)
        forced = (overlap == top) & (top > 0)  # (..., A, K)
        among = ops.where(forced, overlap, -1.0)
        matched = ops.where(ops.any(forced, axis=-1), ops.cast(ops.argmax(among, axis=-1), "int32"), matched)
    return ops.cast(matched, "int32")
