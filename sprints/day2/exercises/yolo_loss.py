"""The exercise of day2.yolo on the loss of all boxes of a cell."""

import numpy as np

from keras_cv_course.classroom import Exercise, close_to
from sprints.day2.exercises import slow_boxes

loss = Exercise(
    "loss",
    "the sums of the paper's loss",
    definitions=("yolo_loss",),
    points=5,
    hints=(
        "`boxes_of_cells` of the targets needs the axis of the B boxes: box[..., None, :].",
        "Responsible: the one-hot of the largest IoU, in cells with an object only. A mask (N, S, S, B).",
        "All other boxes, in cells with an object as well, have the target confidence 0.",
        "The IoU is a target: `ops.stop_gradient` keeps the boxes from moving to please the confidence.",
        "What to reach: all numbers 0 and no object anywhere give 0.",
    ),
)


@loss.check
def check_images_without_objects(mine):
    """No object anywhere: the confidences alone count, half of their squares."""
    boxes, none = np.zeros((2, 3, 3, 2, 4), "float32"), np.zeros((2, 3, 3, 2), "float32")
    classes = np.ones((2, 3, 3, 4), "float32")
    empty = np.zeros((2, 3, 3), bool), np.zeros((2, 3, 3, 4), "float32"), -np.ones((2, 3, 3), "int32")
    attempt = "cells without object have no target for place and class"
    close_to(mine.yolo_loss((boxes, none, classes), empty), 0.0, 1e-5, "the loss of confidences 0", attempt)
    attempt = "18 boxes an image, each 0.5 times 1; the sum over an image, the mean over images"
    close_to(
        mine.yolo_loss((boxes, none + 1, classes), empty), 9.0, 1e-4, "the loss of confidences 1", attempt
    )


@loss.check(points=3)
def check_the_sums(mine, rng):
    """Random predictions against a loop over boxes."""
    boxes = rng.uniform(0.1, 0.9, (2, 3, 3, 2, 4)).astype("float32")
    confidences, classes = (rng.random((2, 3, 3, count)).astype("float32") for count in (2, 4))
    mask = rng.random((2, 3, 3)) < 0.4
    mask[0, 1] = True
    box = rng.uniform(0.1, 0.9, (2, 3, 3, 4)).astype("float32")
    label = np.where(mask, rng.integers(0, 4, (2, 3, 3)), -1).astype("int32")
    for weights in ((5.0, 0.5), (1.0, 2.0)):
        expected = slow_boxes.yolo_loss(boxes, confidences, classes, mask, box, label, *weights)
        received = mine.yolo_loss((boxes, confidences, classes), (mask, box, label), *weights)
        attempt = "sum by sum: places and sizes, confidence of the responsible box, of the others, classes"
        close_to(received, expected, 2e-3 * expected, f"the loss with weights {weights}", attempt)
