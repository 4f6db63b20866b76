"""Non-maximum suppression on one picture: all answers, each step, and what is left."""

import numpy as np

from keras_cv_course.plot.box_panels import box_panels
from keras_cv_course.plot.style import GREY, ORANGE


def suppression_steps(image, boxes, scores, labels, overlap, threshold, classes, title, steps=2):
    """Draw greedy suppression in every class of its own.

    Args:
        image: (H, W, 1 or 3) in [0, 1].
        boxes: (A, 4) xyxy in pixels, one row an answer.
        scores: (A,).
        labels: (A,) classes.
        overlap: (A, A) IoU of the answers.
        threshold: IoU above which an answer is dropped for a surer one of its class.
        classes: names.
        title: what the picture shows, in words.
        steps: that have a panel of their own.

    Returns:
        A matplotlib `Figure` of at most steps + 2 panels: before, the first steps, the end.
    """
    left, kept = np.ones(len(boxes), bool), []
    panels = [_panel(image, f"before: {left.sum()} answers", boxes, scores, labels, left, kept, classes)]
    while left.any():
        best = int(np.argmax(np.where(left, scores, -np.inf)))
        kept.append(best)
        gone = (overlap[best] > threshold) & (labels == labels[best])
        left &= ~gone
        left[best] = False
        if len(kept) <= steps and left.any():
            words = f"step {len(kept)}: {gone.sum()} of class {classes[labels[best]]} are one"
            panels.append(_panel(image, words, boxes, scores, labels, left, kept, classes))
    panels.append(_panel(image, f"after: {len(kept)} left", boxes, scores, labels, left, kept, classes))
    note = "grey: answers that wait; orange: the surest of its class, which is kept"
    return box_panels(panels, title, columns=len(panels), note=note)


def _panel(image, words, boxes, scores, labels, left, kept, classes):
    drawn = [dict(box=box, colour=GREY, width=1) for box in boxes[left]]
    for one in kept:
        text = f"{classes[labels[one]]} {scores[one]:.2f}"
        drawn.append(dict(box=boxes[one], colour=ORANGE, width=2, text=text))
    return dict(image=image, title=words, boxes=drawn)
