"""Which anchor answers for which object.

Ren et al., "Faster R-CNN", NIPS 2015, section 3.1.2: an anchor is positive if it overlaps an object enough,
or if no other anchor overlaps that object more; negative if it overlaps none enough; else it does not count.
"""

from keras import ops

from keras_cv_course.errors import InputError

NEGATIVE, IGNORED = -1, -2


def match(overlap, valid, positive=0.5, negative=0.4, force=True):
    """The object of every anchor, from their IoU.

    Args:
        overlap: (..., A, K) IoU of A anchors and K objects, K of 1 or more.
        valid: (..., K) bool: rows that are objects and no padding.
        positive: IoU from which on an anchor is positive.
        negative: IoU below which it is negative; from there to `positive` it is ignored.
        force: let every object have its best anchor, however little that overlaps (but not nothing). An
            anchor that is best for two takes the one that it overlaps more, the first of equals.

    Returns:
        (..., A) int32: number of the object, -1 for a negative anchor, -2 for one to ignore.

    Raises:
        InputError: thresholds that are not 0 <= negative <= positive <= 1.
    """
    if not 0 <= negative <= positive <= 1:
        raise InputError(
            f"thresholds must be 0 <= negative <= positive <= 1, got negative={negative}, positive={positive}"
        )
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
