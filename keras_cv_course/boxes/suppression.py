"""Non-maximum suppression: of several detections of one object, keep the most confident.

Felzenszwalb, Girshick, McAllester and Ramanan, "Object Detection with Discriminatively Trained Part-Based
Models", PAMI 2010, section 7.2 (greedy). Shapes are static, so it works under jit and in exports.
"""

from keras import ops

from keras_cv_course.boxes.overlap import iou
from keras_cv_course.errors import InputError


def non_max_suppression(boxes, scores, iou_threshold=0.5, max_detections=100, classes=None):
    """Greedy suppression: keep the box of the highest score, drop all that overlap it, repeat.

    Args:
        boxes: (N, A, 4) xyxy, A detections an image.
        scores: (N, A); a detection with a score of 0 or less is never kept.
        iou_threshold: boxes whose IoU with a kept one is above this are dropped.
        max_detections: boxes to keep an image, at most.
        classes: (N, A) integers: a box is dropped only for one of its own class; None: all are of one class.

    Returns:
        (N, max_detections) int32: rows of the kept detections by falling score (the first of equals first);
        -1 once none is left.

    Raises:
        InputError: an IoU threshold outside [0, 1], or fewer than one detection to keep.
    """
    if not 0 <= iou_threshold <= 1 or max_detections < 1:
        raise InputError(
            "suppression needs an IoU threshold in [0, 1] and one detection or more to keep, got "
            f"iou_threshold={iou_threshold}, max_detections={max_detections}"
        )
    boxes = ops.cast(ops.convert_to_tensor(boxes), "float32")
    scores = ops.cast(ops.convert_to_tensor(scores), "float32")
    classes = None if classes is None else ops.convert_to_tensor(classes)
    rows = ops.arange(ops.shape(scores)[1], dtype="int32")

    def keep_one(rank, state):
        remaining, kept = state
        best = ops.cast(ops.argmax(remaining, axis=1), "int32")  # (N,)
        any_left = ops.max(remaining, axis=1) > 0
        box = ops.take_along_axis(boxes, best[:, None, None], axis=1)  # (N, 1, 4)
        overlapping = iou(box, boxes) > iou_threshold
        if classes is not None:
            overlapping = overlapping & (classes == ops.take_along_axis(classes, best[:, None], axis=1))
        dropped = overlapping | (rows[None] == best[:, None])
        remaining = ops.where(dropped, 0.0, remaining)
        here = ops.arange(max_detections, dtype="int32")[None] == rank
        return remaining, ops.where(here, ops.where(any_left, best, -1)[:, None], kept)

    none = -ops.ones((ops.shape(scores)[0], max_detections), dtype="int32")
    return ops.fori_loop(0, max_detections, keep_one, (scores, none))[1]


def multiclass_non_max_suppression(
    boxes, scores, iou_threshold=0.5, max_detections=100, score_threshold=0.05, max_candidates=400
):
    """Greedy suppression in each class for itself, then the most confident detections of all classes.

    Args:
        boxes: (N, A, 4) xyxy.
        scores: (N, A, C), one for each class: a box may be a detection of several classes.
        iou_threshold: boxes whose IoU with a kept one of the same class is above this are dropped.
        max_detections: detections to keep an image, at most.
        score_threshold: detections with a lower score are dropped first.
        max_candidates: at most so many detections an image, those of the highest scores, enter suppression.

    Returns:
        boxes (N, max_detections, 4), scores (N, max_detections), classes (N, max_detections) int32, by
        falling score; rows without a detection are -1, 0 and -1.

    Raises:
        InputError: as `non_max_suppression`.
    """
    boxes, scores = ops.convert_to_tensor(boxes), ops.convert_to_tensor(scores)
    classes = scores.shape[-1]
    count = scores.shape[1] * classes
    flat = ops.reshape(scores, (-1, count))
    flat = ops.where(flat >= score_threshold, flat, 0.0)
    flat, order = ops.top_k(flat, min(max_candidates, count))
    order = ops.cast(order, "int32")
    labels = order % classes
    candidates = ops.take_along_axis(boxes, (order // classes)[..., None], axis=1)
    kept = non_max_suppression(candidates, flat, iou_threshold, max_detections, labels)
    found = kept >= 0
    index = ops.maximum(kept, 0)
    take = ops.take_along_axis
    return (
        ops.where(found[..., None], take(candidates, index[..., None], axis=1), -1.0),
        ops.where(found, take(flat, index, axis=1), 0.0),
        ops.where(found, take(labels, index, axis=1), -1),
    )
