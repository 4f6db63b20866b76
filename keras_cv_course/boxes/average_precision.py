"""Mean average precision: how good a detector is, in one number.

Everingham, Van Gool, Williams, Winn and Zisserman, "The PASCAL Visual Object Classes (VOC) Challenge",
IJCV 2010, section 4.2 (11 points; from 2010 on all points), and Lin et al., "Microsoft COCO", ECCV 2014,
with the evaluation of its server (101 points, IoU from 0.50 to 0.95).
"""

import numpy as np

from keras_cv_course.errors import InputError

COCO_THRESHOLDS = tuple(np.linspace(0.5, 0.95, 10).round(2))
POINTS = ("all", "voc11", "coco101")


def hits(boxes, scores, objects, thresholds):
    """Which detections of one class in one picture are right: each object is found once, by the surest.

    Args:
        boxes: (A, 4) xyxy detections, surest first.
        scores: (A,), falling.
        objects: (K, 4) xyxy, the truth.
        thresholds: IoU from which on a detection may count as an object's.

    Returns:
        (thresholds, A) bool. A detection takes the free object that it overlaps most; a second one on the
        same object is wrong.
    """
    right = np.zeros((len(thresholds), len(boxes)), bool)
    if not len(boxes) or not len(objects):
        return right
    low = np.maximum(boxes[:, None, :2], objects[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], objects[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=-1)
    areas = [np.prod(some[:, 2:] - some[:, :2], axis=-1) for some in (boxes, objects)]
    overlap = shared / np.maximum(areas[0][:, None] + areas[1] - shared, 1e-12)  # (A, K)
    for level, threshold in enumerate(thresholds):
        free = np.ones(len(objects), bool)
        for number in range(len(scores)):
            candidates = np.where(free, overlap[number], -1.0)
            # Of equals the last, as COCO's server does.
            best = len(objects) - 1 - int(np.argmax(candidates[::-1]))
            if candidates[best] >= min(threshold, 1 - 1e-10):
                right[level, number], free[best] = True, False
    return right


def precision_recall(scores, right, objects):
    """Precision and recall as the score that counts as an answer falls.

    Args:
        scores: (D,) of all detections of one class in all pictures.
        right: (D,) bool.
        objects: number of objects of the class, 1 or more.

    Returns:
        recall (D,) rising, precision (D,); detections in order of falling score.
    """
    order = np.argsort(-np.asarray(scores), kind="stable")
    found = np.cumsum(np.asarray(right)[order])
    return found / objects, found / np.arange(1, len(order) + 1)


def average_precision(recall, precision, points="coco101"):
    """Area under a precision-recall curve that first is made to fall: p(r) = max of p(r') over r' >= r.

    Args:
        recall: (D,) rising.
        precision: (D,).
        points: "all" integrates exactly, "voc11" averages at recall 0, 0.1 ... 1, "coco101" at 0, 0.01 ... 1.

    Returns:
        A number in [0, 1]; 0 without detections.

    Raises:
        InputError: other points.
    """
    if points not in POINTS:
        raise InputError(f"points are {', '.join(POINTS)}, got {points!r}")
    if not len(recall):
        return 0.0
    best = np.maximum.accumulate(np.asarray(precision)[::-1])[::-1]
    if points == "all":
        return float(np.sum(np.diff(recall, prepend=0.0) * best))
    at = np.linspace(0, 1, 11 if points == "voc11" else 101)
    where = np.searchsorted(recall, at, side="left")
    return float(np.mean(np.append(best, 0.0)[where]))


def mean_average_precision(detections, truth, classes, thresholds=(0.5,), points="coco101", most=100):
    """Average precision of every class at every IoU threshold, and their mean.

    Args:
        detections: boxes (N, A, 4) xyxy, scores (N, A) and labels (N, A) of N pictures; label -1 is no
            detection.
        truth: boxes (N, K, 4) and labels (N, K); label -1 is no object.
        classes: number of classes C.
        thresholds: IoU from which on a detection is right; `COCO_THRESHOLDS` for COCO's figure.
        points: see `average_precision`.
        most: of every picture and class the surest so many detections count.

    Returns:
        {"mean": number, "by_class": (C, thresholds), "curves": {class: (recall, precision, scores)}}, the
        curves at the first threshold.
        A class without objects is NaN and left out of the mean; if no class has any the mean is NaN.

    Raises:
        InputError: the shapes do not belong together, or a box or score is not a number.
    """
    boxes, scores, labels = (np.asarray(some) for some in detections)
    true_boxes, true_labels = (np.asarray(some) for some in truth)
    shapes = boxes.shape, scores.shape, labels.shape, true_boxes.shape, true_labels.shape
    fit = boxes.shape == (*scores.shape, 4) and true_boxes.shape == (*true_labels.shape, 4)
    if not fit or scores.shape != labels.shape or scores.ndim != 2 or len(boxes) != len(true_boxes):
        raise InputError(
            "mean average precision needs boxes (N, A, 4), scores (N, A), labels (N, A) and true "
            f"boxes (N, K, 4), labels (N, K), got {', '.join(map(str, shapes))}"
        )
    if not np.all(np.isfinite(boxes)) or not np.all(np.isfinite(scores)):
        raise InputError("a predicted box or score is not a finite number; did training diverge?")
    by_class, curves = np.full((classes, len(thresholds)), np.nan), {}
    for one in range(classes):
        all_scores, all_right, objects = [], [], 0
        for picture in range(len(boxes)):
            mine = np.flatnonzero(labels[picture] == one)
            mine = mine[np.argsort(-scores[picture, mine], kind="stable")][:most]
            real = true_boxes[picture, true_labels[picture] == one]
            objects += len(real)
            all_scores.append(scores[picture, mine])
            all_right.append(hits(boxes[picture, mine], scores[picture, mine], real, thresholds))
        if not objects:
            continue
        together, right = np.concatenate(all_scores), np.concatenate(all_right, axis=1)
        for level in range(len(thresholds)):
            recall, precision = precision_recall(together, right[level], objects)
            by_class[one, level] = average_precision(recall, precision, points)
            if level == 0:
                curves[one] = recall, precision, np.sort(together)[::-1]
    known = ~np.isnan(by_class[:, 0])
    mean = float(by_class[known].mean()) if known.any() else float("nan")
    return {"mean": mean, "by_class": by_class, "curves": curves}
