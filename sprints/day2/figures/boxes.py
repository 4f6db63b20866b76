"""Figures of day2.boxes."""

import numpy as np

from keras_cv_course.boxes.matching import IGNORED
from keras_cv_course.boxes.overlap import pairwise_iou
from keras_cv_course.plot.box_panels import box_panels
from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.style import BLUE, GREEN, GREY, ORANGE


def overlap_of_a_moving_box(measures):
    """Draw the overlap of two boxes 2 pixels wide, one of which moves to the right.

    Args:
        measures: {name: function of two boxes (4,) and (D, 4) xyxy that gives (D,) numbers}.

    Returns:
        A matplotlib `Figure`.
    """
    box, moves = np.float32([0, 0, 2, 2]), np.linspace(0, 6, 25, dtype="float32")
    moved = np.stack([moves, 0 * moves, moves + 2, 0 * moves + 2], axis=-1)
    lines = {name: np.asarray(measure(box, moved)) for name, measure in measures.items()}
    title = "Overlap of two boxes 2 pixels wide, one of which moves away"
    return curves(moves, lines, title, "distance that it has moved (pixels)", "overlap")


def matched_anchors(image, objects, anchors, cell, matched):
    """Draw the objects of one image, the anchors of one cell, and what the anchors are assigned to.

    Args:
        image: (H, W, 1 or 3) in [0, 1].
        objects: (K, 4) xyxy in pixels.
        anchors: (A, 4) xyxy in pixels.
        cell: rows of the anchors of one cell.
        matched: (A,) as `match` gives them.

    Returns:
        A matplotlib `Figure` of four panels.
    """
    positive, ignored = anchors[matched >= 0], anchors[matched == IGNORED]
    panels = [
        (f"{len(objects)} objects", [(objects, GREEN, 2)]),
        (f"{len(cell)} of {len(anchors):,} anchors", [(anchors[cell], BLUE, 2)]),
        (f"{len(positive)} positive anchors", [(positive, ORANGE, 1), (objects, GREEN, 2)]),
        (f"{len(ignored)} ignored anchors", [(ignored, GREY, 1), (objects, GREEN, 2)]),
    ]
    title = "Objects, the anchors of one cell, and the positive and ignored anchors of one test image"
    return box_panels([_panel(image, *panel) for panel in panels], title, side=2.6)


def suppression_steps(image, boxes, scores, labels, kept, iou_threshold, score_threshold=0.5):
    """Draw the detections of one image before, during and after suppression.

    Args:
        image: (H, W, 1 or 3) in [0, 1].
        boxes, scores, labels: (A, 4), (A,), (A,) detections.
        kept: rows of the kept ones by falling score, -1 for none, as `non_max_suppression` gives them.
        iou_threshold: IoU above which a detection was dropped.
        score_threshold: detections with a lower score are not drawn.

    Returns:
        A matplotlib `Figure` of four panels.
    """
    clear = scores >= score_threshold
    kept = [row for row in kept if row >= 0 and clear[row]]
    panels = [_panel(image, f"before: {clear.sum()} detections", [(boxes[clear], GREY, 1)])]
    for steps in (1, 2, len(kept)):
        chosen = kept[:steps]
        overlapping = np.asarray(pairwise_iou(boxes[chosen], boxes)) > iou_threshold
        dropped = np.any(overlapping & (labels[chosen][:, None] == labels), axis=0)
        left = clear & ~dropped
        left[chosen] = False
        words = f"after: {steps} kept" if steps == len(kept) else f"step {steps}: {left.sum()} left"
        panels.append(_panel(image, words, [(boxes[left], GREY, 1), (boxes[chosen], ORANGE, 2)]))
    title = (
        f"Detections of one test image with a score of {score_threshold:g} or more, and those that are kept"
    )
    return box_panels(panels, title, note="orange: kept; grey: not decided yet", side=2.6)


def falling_curves(results, one, classes):
    """Draw precision against recall of one class for several sets of detections.

    Args:
        results: {name: what `mean_average_precision` gives}.
        one: the class.
        classes: names.

    Returns:
        A matplotlib `Figure`.
    """
    at, lines = np.linspace(0, 1, 21), {}
    for name, result in results.items():
        recall, precision, _ = result["curves"][one]
        highest = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
        lines[f"{name}: AP {result['by_class'][one, 0]:.2f}"] = highest[np.searchsorted(recall, at)]
    title = f"Precision and recall for the class {classes[one]}, before and after suppression"
    axes = "recall: share of the objects that are found", "precision: share of correct detections"
    return curves(at, lines, title, *axes)


def _panel(image, words, layers):
    """A panel for `box_panels` from layers of (boxes, colour, width)."""
    drawn = [dict(box=box, colour=colour, width=width) for some, colour, width in layers for box in some]
    return dict(image=image, title=words, boxes=drawn)
