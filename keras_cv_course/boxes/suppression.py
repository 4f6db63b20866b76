"""Non-maximum suppression: of boxes that mean the same object, keep the surest.

Felzenszwalb, Girshick, McAllester and Ramanan, "Object Detection with Discriminatively Trained Part-Based
Models", PAMI 2010, section 3.2.3 (greedy). Shapes are static, so it works under jit and in exports.
"""

from keras import ops

from keras_cv_course.boxes.overlap import iou
from keras_cv_course.errors import InputError


def suppress(boxes, scores, threshold=0.5, most=100, classes=None):
    """Greedy suppression: take the surest box, drop all that overlap it, repeat.

    Args:
        boxes: (N, A, 4) xyxy, one row of A candidates a picture.
        scores: (N, A); a score of 0 or less is no candidate.
        threshold: boxes whose IoU with a kept one is above this are dropped.
        most: number of boxes to keep a picture.
        classes: (N, A) whole numbers: a box is dropped for one of its own class only; None: all are of one.

    Returns:
        (N, most) int32: the kept candidates, surest first (the first of equals); -1 once none is left.

    Raises:
        InputError: a threshold outside [0, 1] or nothing to keep.
    """
    if not 0 <= threshold <= 1 or most < 1:
        raise InputError(
            f"suppression needs a threshold in [0, 1] and most >= 1, got threshold={threshold}, most={most}"
        )
    boxes = ops.cast(ops.convert_to_tensor(boxes), "float32")
    scores = ops.cast(ops.convert_to_tensor(scores), "float32")
    numbers = ops.arange(ops.shape(scores)[1], dtype="int32")

    def take(rank, state):
        left, kept = state
        best = ops.cast(ops.argmax(left, axis=1), "int32")  # (N,)
        some = ops.max(left, axis=1) > 0
        box = ops.take_along_axis(boxes, best[:, None, None], axis=1)  # (N, 1, 4)
        near = iou(box, boxes) > threshold
        if classes is not None:
            near = near & (classes == ops.take_along_axis(classes, best[:, None], axis=1))
        gone = near | (numbers[None] == best[:, None])
        left = ops.where(gone, 0.0, left)
        here = ops.arange(most, dtype="int32")[None] == rank
        return left, ops.where(here, ops.where(some, best, -1)[:, None], kept)

    nothing = -ops.ones((ops.shape(scores)[0], most), dtype="int32")
    return ops.fori_loop(0, most, take, (scores, nothing))[1]


def suppress_by_class(boxes, scores, threshold=0.5, most=100, least=0.05, candidates=400):
    """Greedy suppression in each class of its own, then the surest boxes of all classes.

    Args:
        boxes: (N, A, 4) xyxy.
        scores: (N, A, C): of every class, so that one box may be several answers.
        threshold: IoU above which a box is dropped for a surer one of its class.
        most: boxes to keep a picture.
        least: answers with a score below this are dropped at once.
        candidates: at most so many answers a picture go into the suppression, the surest.

    Returns:
        boxes (N, most, 4), scores (N, most), classes (N, most) int32, surest first; rows without an answer
        are -1, 0 and -1.
    """
    boxes, scores = ops.convert_to_tensor(boxes), ops.convert_to_tensor(scores)
    classes = scores.shape[-1]
    answers = scores.shape[1] * classes
    flat = ops.reshape(scores, (-1, answers))
    flat = ops.where(flat >= least, flat, 0.0)
    flat, order = ops.top_k(flat, min(candidates, answers))
    order = ops.cast(order, "int32")
    labels = order % classes
    some = ops.take_along_axis(boxes, (order // classes)[..., None], axis=1)
    kept = suppress(some, flat, threshold, most, labels)
    found = kept >= 0
    index = ops.maximum(kept, 0)
    pick = ops.take_along_axis
    return (
        ops.where(found[..., None], pick(some, index[..., None], axis=1), -1.0),
        ops.where(found, pick(flat, index, axis=1), 0.0),
        ops.where(found, pick(labels, index, axis=1), -1),
    )
