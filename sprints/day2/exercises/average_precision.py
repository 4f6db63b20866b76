"""The exercise of day2.boxes on average precision: matches, precision and recall, the area below their curve."""

import numpy as np

from keras_cv_course.classroom import Exercise, close_to, equal_to
from keras_cv_course.classroom.shared_checks import all_refused
from sprints.day2.exercises import slow_boxes
from sprints.day2.exercises.slow_boxes import some_boxes

precision = Exercise(
    "precision",
    "true and false positives by VOC's and by COCO's rule, and the area below the curve",
    definitions=("match_detections", "precision_recall", "average_precision"),
    points=5,
    hints=(
        "VOC: the best object of all; COCO: the best of those that are free. The docstring has both rules.",
        "`free` remembers which objects are found: a second detection of one object is a false positive.",
        "Of the sorted detections, np.cumsum of the true positives is what was found so far.",
        "First let precision fall: from the right, the largest so far. Then read it at recall 0, 0.01 ... 1.",
        "What to reach: right, wrong, right for two objects: 5/6 by all points.",
    ),
)


@precision.check
def check_two_rules_by_hand(mine):
    """Five detections of three objects, one of which is to be ignored, at two thresholds."""
    objects = np.float64([[0, 0, 10, 10], [3, 0, 13, 10], [20, 0, 30, 10]])
    boxes = np.float64([[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 9], [20, 0, 30, 10], [50, 0, 60, 10]])
    ignored = np.array([False, False, True])
    attempt = "row 1 has IoU 9/11 with the first object, which is found, and 2/3 with the second"
    for rule, expected in (
        ("voc", [[1, 0, -1, -1, 0], [1, 0, -1, -1, 0]]), ("coco", [[1, 1, -1, -1, 0], [1, 0, -1, -1, 0]])
    ):  # fmt: skip
        received = np.asarray(mine.match_detections(boxes, objects, (0.5, 0.75), rule, ignored))
        equal_to(received.tolist(), expected, f"verdicts by the rule {rule!r}", attempt)
    none = mine.match_detections(boxes, objects[:0], (0.5,), "voc")
    equal_to(np.asarray(none).tolist(), [[0] * 5], "verdicts without objects", "all are false positives")
    all_refused(mine.match_detections, {"the rule 'kitti'": (boxes, objects, (0.5,), "kitti")})


@precision.check(points=1)
def check_random_matches(mine, rng):
    """Random sets by both rules, against a slow loop."""
    for _ in range(30):
        boxes, objects = some_boxes(rng, 8).astype("float64"), some_boxes(rng, 5).astype("float64")
        for rule in ("voc", "coco"):
            received = np.asarray(mine.match_detections(boxes, objects, (0.3,), rule)).tolist()
            expected = [slow_boxes.matches(boxes, objects, 0.3, rule)]
            attempt = "one detection after the other; a found object stays found"
            equal_to(received, expected, f"verdicts by the rule {rule!r}", attempt)


@precision.check(points=1)
def check_precision_and_recall(mine, rng):
    """Four detections in a random order, one of which is not counted."""
    order = rng.permutation(4)
    scores, verdicts = np.array([0.9, 0.7, 0.5, 0.2])[order], np.array([1, -1, 1, 0])[order]
    recall, share, kept = mine.precision_recall(scores, verdicts, 4)
    attempt = "by falling score: true positive, not counted, true positive, false positive; four objects"
    close_to(kept, [0.9, 0.5, 0.2], 1e-9, "scores", attempt)
    close_to(recall, [0.25, 0.5, 0.5], 1e-9, "recall", attempt)
    close_to(share, [1, 1, 2 / 3], 1e-9, "precision", attempt)


@precision.check(points=2)
def check_areas(mine, rng):
    """The area below one curve in three ways; eleven points without rounding; random curves."""
    recall, share = np.array([0.5, 0.5, 1.0]), np.array([1, 1 / 2, 2 / 3])
    attempt = "precision 1 up to recall 0.5, then 2/3"
    for points, area in (
        ("all", 0.5 + 0.5 * 2 / 3), ("voc11", (6 + 5 * 2 / 3) / 11), ("coco101", (51 + 50 * 2 / 3) / 101),
    ):  # fmt: skip
        close_to(mine.average_precision(recall, share, points), area, 1e-9, f"{points} points", attempt)
    for found in (3, 6, 7):
        early = mine.average_precision(np.arange(1, found + 1) / 10, np.ones(found), "voc11")
        attempt = f"a recall of {found}/10 reaches 0.{found}; np.arange(11) / 10 has the same double"
        close_to(early, (found + 1) / 11, 1e-9, f"a perfect curve up to recall 0.{found}", attempt)
    verdicts = rng.integers(0, 2, 12)
    found, total = np.cumsum(verdicts), 15
    recall, share = found / total, found / np.arange(1, 13)
    area = sum(share[i:].max() / total for i in range(12) if verdicts[i])
    attempt = "each true positive adds 1 / objects times the best precision from there on"
    close_to(mine.average_precision(recall, share, "all"), area, 1e-9, "a random curve, all points", attempt)
    close_to(mine.average_precision(np.array([]), np.array([])), 0, 0, "no detections", "nothing found is 0")
    all_refused(mine.average_precision, {"coco100": (recall, share, "coco100")})
