"""Mean average precision: how good a detector is, in one number.

Everingham, Van Gool, Williams, Winn and Zisserman, "The PASCAL Visual Object Classes (VOC) Challenge", IJCV
2010, section 4.2 (eleven points; from 2010 on all points), and Lin and others, "Microsoft COCO: Common Objects
in Context", ECCV 2014, with COCO's evaluation program (101 points, IoU from 0.50 to 0.95).
"""

import numpy as np

from keras_cv_course.errors import InputError

COCO_THRESHOLDS = tuple(np.linspace(0.5, 0.95, 10).round(2))
POINTS = ("all", "voc11", "coco101")
RULES = ("voc", "coco")
TRUE_POSITIVE, FALSE_POSITIVE, NOT_COUNTED = 1, 0, -1


def match_detections(boxes, objects, thresholds, rule="coco", ignored=None):
    """Whether each detection of one class in one image is a true or a false positive.

    The detections choose an object one after the other, the most confident first:

    - "voc": each the object of the largest IoU (the first of equals). If that IoU is below the threshold, or
      the object is found already, it is a false positive. If the object is to be ignored, it is not counted;
    - "coco": each the object of the largest IoU among those that are not found yet (the last of equals); if
      that IoU is below the threshold, or none is left, it is a false positive. Objects to be ignored are
      looked at last, as COCO does with its crowds: what would be a false positive is not counted where at
      least the threshold's share of the detection's own area lies within one of them.

    Args:
        boxes: (A, 4) xyxy detections, by falling confidence.
        objects: (K, 4) xyxy, the truth.
        thresholds: T numbers, the least IoU of a true positive.
        rule: "voc" or "coco".
        ignored: (K,) bool, objects that are neither to be found nor to be missed, such as VOC's difficult
            ones; None: no object.

    Returns:
        (T, A) int8: 1 a true positive, 0 a false positive, -1 not counted.

    Raises:
        InputError: another rule.
    """
    if rule not in RULES:
        raise InputError(f"matching rules are {', '.join(RULES)}, got {rule!r}")
    verdicts = np.zeros((len(thresholds), len(boxes)), "int8")
    if not len(boxes) or not len(objects):
        return verdicts
    ignored = np.zeros(len(objects), bool) if ignored is None else np.asarray(ignored, bool)
    low = np.maximum(boxes[:, None, :2], objects[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], objects[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=-1)  # (A, K)
    own, others = (np.prod(some[:, 2:] - some[:, :2], axis=-1) for some in (boxes, objects))
    overlap = shared / np.maximum(own[:, None] + others - shared, 1e-12)
    within = shared / np.maximum(own[:, None], 1e-12)
    for level, threshold in enumerate(thresholds):
        free = np.ones(len(objects), bool)
        for number, row in enumerate(overlap):
            if rule == "voc":
                best = int(np.argmax(row))
                enough, counted = row[best] >= threshold, not ignored[best]
            else:
                candidates = np.where(free & ~ignored, row, -1.0)
                best = len(objects) - 1 - int(np.argmax(candidates[::-1]))
                least = min(threshold, 1 - 1e-10)  # as COCO's program has it
                enough = candidates[best] >= least
                counted = enough or not np.any(within[number, ignored] >= least)
                enough = enough or not counted
            if enough and not counted:
                verdicts[level, number] = NOT_COUNTED
            elif enough and free[best]:
                verdicts[level, number], free[best] = TRUE_POSITIVE, False
    return verdicts


def precision_recall(scores, verdicts, objects):
    """Precision and recall of all detections down to each score.

    Args:
        scores: (D,) of all detections of one class in all images.
        verdicts: (D,) 1, 0 or -1, as `match_detections` gives them; those of -1 are left out.
        objects: number of objects of the class, 1 or more.

    Returns:
        recall (D',) rising, precision (D',), scores (D',): of the D' counted detections, by falling score
        (detections of equal score in the order in which they came).
    """
    scores, verdicts = np.asarray(scores), np.asarray(verdicts)
    counted = verdicts != NOT_COUNTED
    scores, verdicts = scores[counted], verdicts[counted]
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(verdicts[order] == TRUE_POSITIVE)
    return found / objects, found / np.arange(1, len(order) + 1), scores[order]


def average_precision(recall, precision, points="coco101"):
    """Area under a precision-recall curve that first is made to fall: p(r) = max of p(r') over r' >= r.

    Args:
        recall: (D,) rising.
        precision: (D,).
        points: "all" integrates exactly; "voc11" is the mean at recall 0, 0.1 ... 1, where a recall of 3/10
            reaches 0.3; "coco101" is the mean at 0, 0.01 ... 1, rounded as in COCO's program.

    Returns:
        A number in [0, 1]; 0 without detections.

    Raises:
        InputError: other points.
    """
    if points not in POINTS:
        raise InputError(f"points are {', '.join(POINTS)}, got {points!r}")
    if not len(recall):
        return 0.0
    highest = np.maximum.accumulate(np.asarray(precision)[::-1])[::-1]
    if points == "all":
        return float(np.sum(np.diff(recall, prepend=0.0) * highest))
    # Both 3/10 are the same double. `np.linspace(0, 1, 11)[3]` is a larger one, and loses the point.
    at = np.arange(11) / 10 if points == "voc11" else np.linspace(0, 1, 101)
    where = np.searchsorted(recall, at, side="left")
    return float(np.mean(np.append(highest, 0.0)[where]))


def mean_average_precision(
    detections,
    truth,
    classes,
    thresholds=(0.5,),
    points="coco101",
    rule="coco",
    ignored=None,
    max_detections=100,
):
    """Average precision of each class at each IoU threshold, and the mean of all.

    Args:
        detections: boxes (N, A, 4) xyxy, scores (N, A) and labels (N, A) of N images; label -1 is padding.
        truth: boxes (N, K, 4) and labels (N, K); label -1 is padding.
        classes: number of classes C.
        thresholds: T numbers, the least IoU of a true positive; `COCO_THRESHOLDS` for COCO's AP.
        points: see `average_precision`.
        rule: see `match_detections`.
        ignored: (N, K) bool, objects that are neither hits nor misses, such as the field `difficult` of VOC's
            data; None: no object.
        max_detections: of each image and class at most so many detections count, the most confident.

    Returns:
        {"mean": number, "by_class": (C, T), "curves": {class: (recall, precision, scores)}}, the curves at the
        first threshold. A class without objects (that are not ignored) is NaN and left out of the mean; if
        all are, the mean is NaN.

    Raises:
        InputError: the shapes do not belong together, a box or score is not a number, or other points or
            rule.
    """
    boxes, scores, labels = (np.asarray(some) for some in detections)
    true_boxes, true_labels = (np.asarray(some) for some in truth)
    ignored = np.zeros(true_labels.shape, bool) if ignored is None else np.asarray(ignored, bool)
    shapes = boxes.shape, scores.shape, labels.shape, true_boxes.shape, true_labels.shape, ignored.shape
    fit = boxes.shape == (*scores.shape, 4) and true_boxes.shape == (*true_labels.shape, 4)
    fit = fit and scores.shape == labels.shape and ignored.shape == true_labels.shape
    if not fit or scores.ndim != 2 or len(boxes) != len(true_boxes):
        raise InputError(
            "mean average precision needs boxes (N, A, 4), scores (N, A), labels (N, A), true boxes "
            f"(N, K, 4), true labels and ignored (N, K), got {', '.join(map(str, shapes))}"
        )
    if not np.all(np.isfinite(boxes)) or not np.all(np.isfinite(scores)):
        raise InputError("a predicted box or score is not a finite number; did training diverge?")
    by_class, curves = np.full((classes, len(thresholds)), np.nan), {}
    for one in range(classes):
        all_scores, all_verdicts, objects = [], [], 0
        for image in range(len(boxes)):
            mine = np.flatnonzero(labels[image] == one)
            mine = mine[np.argsort(-scores[image, mine], kind="stable")][:max_detections]
            real = true_labels[image] == one
            hidden = ignored[image, real]
            objects += np.sum(~hidden)
            all_scores.append(scores[image, mine])
            found, wanted = boxes[image, mine], true_boxes[image, real]
            all_verdicts.append(match_detections(found, wanted, thresholds, rule, hidden))
        if not objects:
            continue
        together, verdicts = np.concatenate(all_scores), np.concatenate(all_verdicts, axis=1)
        for level in range(len(thresholds)):
            curve = precision_recall(together, verdicts[level], objects)
            by_class[one, level] = average_precision(*curve[:2], points)
            if level == 0:
                curves[one] = curve
    known = ~np.isnan(by_class[:, 0])
    mean = float(by_class[known].mean()) if known.any() else float("nan")
    return {"mean": mean, "by_class": by_class, "curves": curves}
