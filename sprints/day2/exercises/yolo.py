"""The exercises of day2.yolo: suppression, the grid's targets, cells to boxes, the loss, and the network."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, expect, shape_is
from keras_cv_course.classroom.shared_checks import fixed_weights
from sprints.day2.exercises import slow_boxes
from sprints.day2.exercises.yolo_loss import loss

suppression = Exercise(
    "suppression",
    "suppress the boxes of each class for itself, and keep the most confident of all classes",
    definitions=("multiclass_non_max_suppression",),
    points=3,
    hints=(
        "Each box with each class is a candidate: (N, A, C) scores laid in a row, A * C of them.",
        "Set what is below the score threshold to 0 and take the highest with `ops.top_k`, which also gives rows.",
        "Place p in that row is class p % C of box p // C.",
        "`non_max_suppression` gives rows, -1 for none: take row 0 there and cover it afterwards.",
        "What to reach: one box with high scores for two classes is two detections.",
    ),
)
targets = Exercise(
    "targets",
    "which cell detects which object, and what it should predict",
    definitions=("grid_targets",),
    points=4,
    hints=(
        "Fractions of the image: divide x and width by its width, y and height by its height.",
        "A centre times the grid is a place: its whole part is the cell, the rest lies within the cell.",
        "Number the cells row * grid + column; rows of padding get -1, which is no cell's number.",
        "`ops.argmax` of a row of zeros and ones is the first one: that object stays.",
        "What to reach: 40 x 80 pixels, 4 x 4 cells, the box (40, 5, 60, 25): row 1, column 2, target "
        "0.5, 0.5, 0.5 and the root of 1/2.",
    ),
)
places = Exercise(
    "places",
    "from what a cell predicts to a box of the whole image",
    definitions=("boxes_of_cells",),
    points=2,
    hints=(
        "The place within the cell and the cell's number: add them, then divide by the grid.",
        "The cells' numbers run along axis 2 for x, along axis 1 for y: give `ops.arange` the axes it lacks.",
        "The network predicts square roots of the sides; `to_xyxy` wants the sides.",
        "What to reach: of 2 x 2 cells, (0.5, 0.5, 0.5, 0.5) in the first is (1/8, 1/8, 3/8, 3/8).",
    ),
)
network = Exercise(
    "network",
    "from the last feature map to the cells' numbers, to boxes with scores, and to detections",
    definitions=("YOLO.call", "YOLO.split", "YOLO.candidates", "YOLO.decode"),
    points=6,
    hints=(
        "`self.endpoints(images, training)` gives the features; without `units` the head is one layer.",
        "With `units`: flatten, dense, leaky ReLU, dropout in training only, dense.",
        "Only a `bounded` network changes the numbers: a sigmoid on all 5 B of the boxes, a softmax over the "
        "classes of each cell.",
        "Eq. 1: confidences are (N, S, S, B), classes (N, S, S, C), scores (N, S, S, B, C): give each its axis.",
        "`boxes_of_cells` gives fractions of the image: clip them to 0 and 1, then to pixels.",
        "What to reach: number 4 of a cell is the first confidence, number 9 the second; confidence 0.8, class "
        "0.5: a score of 0.4.",
    ),
)

EXERCISES = Exercises(
    "day2.yolo",
    sources=("keras_cv_course.boxes.suppression", "keras_cv_course.detect.yolo"),
    exercises=(suppression, targets, places, loss, network),
)


def several(received, count, what, attempt):
    """What was received is so many things."""
    good = isinstance(received, (list, tuple)) and len(received) == count
    expect(good, f"{what}: {count} arrays", received, attempt)
    return received


@suppression.check
def check_each_class_alone(mine, rng):
    """Random boxes of three classes against a loop over the classes; then only the ten highest scores."""
    boxes = slow_boxes.some_boxes(rng, 20)
    scores = rng.permutation(60).reshape(20, 3).astype("float32") / 60
    for candidates in (60, 10):
        least, expected = max(0.2, np.sort(scores.ravel())[-candidates]), []
        for label in range(3):
            rows = slow_boxes.kept_rows(boxes, scores[:, label], 0.4, least)
            expected += [(scores[row, label], label, row) for row in rows]
        expected = [*sorted(expected, reverse=True), *[(0, -1, -1)] * 60][:60]
        received = mine.multiclass_non_max_suppression(boxes[None], scores[None], 0.4, 60, 0.2, candidates)
        found, confidence, labels = several(received, 3, "boxes, scores and classes", "return all three")
        attempt = "suppress within each class; then by falling score, whatever the class"
        close_to(confidence, [[score for score, _, _ in expected]], 1e-6, "scores", attempt)
        close_to(labels, [[label for _, label, _ in expected]], 0, "classes", attempt)
        real = [boxes[row] if row >= 0 else [-1] * 4 for _, _, row in expected]
        close_to(found, [real], 1e-6, "boxes", attempt)


@targets.check(points=2)
def check_many_objects(mine, rng):
    """Thirty images of one object each, cell by cell."""
    size, grid = (48, 36), 6
    low = rng.uniform(0, 0.6, (30, 1, 2)) * (36, 48)
    boxes = np.concatenate([low, low + rng.uniform(0.05, 0.4, (30, 1, 2)) * (36, 48)], axis=-1).astype(
        "float32"
    )
    labels = rng.integers(0, 9, (30, 1))
    received = mine.grid_targets(grid, boxes, labels, size)
    mask, box, label = several(received, 3, "object_mask, box and label", "return all three")
    shape_is(mask, (30, grid, grid), "object_mask", "one cell has one object, or none; row of cells first")
    box = shape_is(box, (30, grid, grid, 4), "box", "x, y, root of width, root of height of each cell")
    label = shape_is(label, (30, grid, grid), "label", "one class a cell")
    for image, (left, top, right, bottom) in enumerate(boxes[:, 0]):
        x, y = (left + right) / 2 / 36 * grid, (top + bottom) / 2 / 48 * grid
        row, column = int(y), int(x)
        attempt = "the cell that holds the centre, row first"
        equal_to(np.argwhere(mask[image]).tolist(), [[row, column]], f"cells of image {image}", attempt)
        expected = [x - column, y - row, np.sqrt((right - left) / 36), np.sqrt((bottom - top) / 48)]
        close_to(box[image, row, column], expected, 1e-3, f"the target in image {image}", attempt)
        close_to(label[image, row, column], labels[image, 0], 0, f"the class in image {image}", attempt)


@targets.check
def check_edges_and_two_in_one_cell(mine):
    """The last cell holds the edge; of two objects in one cell the first row stays; padding is in no cell."""
    boxes = np.float32([[[60, 60, 64, 64], [62, 62, 64, 64]], [[64, 64, 64, 64], [-1] * 4], [[-1] * 4] * 2])
    received = mine.grid_targets(8, boxes, np.array([[3, 5], [6, -1], [-1, -1]]), (64, 64))
    mask, box, label = several(received, 3, "object_mask, box and label", "return all three")
    attempt = "a centre on the far edge belongs to the last cell; rows of label -1 to none"
    equal_to(np.argwhere(mask).tolist(), [[0, 7, 7], [1, 7, 7]], "cells with an object", attempt)
    close_to(label[:2, 7, 7], [3, 6], 0, "their classes", "of two objects in a cell the first one stays")
    expect(bool(np.isfinite(box).all()), "finite numbers everywhere", "others", "clip fractions to 0 and 1")


@places.check
def check_places_one_by_one(mine, rng):
    """Random cells, box after box."""
    predicted = rng.random((2, 3, 3, 2, 4)).astype("float32")
    expected = np.empty(predicted.shape)
    for at in np.ndindex(2, 3, 3, 2):
        expected[at] = slow_boxes.corners_of_cell(predicted[at], at[1], at[2])
    attempt = "axis 1 is the row of cells and goes with y, axis 2 the column and goes with x"
    close_to(mine.boxes_of_cells(predicted), expected, 1e-5, "boxes", attempt)


@network.check
def check_split_by_hand(mine):
    """A cell's numbers 0 to 13: two boxes with confidence, then four classes."""
    built = mine.YOLO(convolutions=[[2, 3, 2]], units=None, grid=2, boxes=2, classes=4)
    received = built.split(np.tile(np.arange(14, dtype="float32"), (1, 2, 2, 1)))
    boxes, confidences, classes = several(received, 3, "boxes, confidences, classes", "return all three")
    attempt = "box by box: x, y, root of width, root of height, confidence; then the classes"
    expected = np.tile(np.float32([[0, 1, 2, 3], [5, 6, 7, 8]]), (1, 2, 2, 1, 1))
    close_to(boxes, expected, 0, "boxes", attempt)
    close_to(confidences, np.tile(np.float32([4, 9]), (1, 2, 2, 1)), 0, "confidences", attempt)
    close_to(classes, np.tile(np.float32([10, 11, 12, 13]), (1, 2, 2, 1)), 0, "classes", attempt)


@network.check(points=2)
def check_numbers_of_both_heads(mine, reference, rng):
    """The same weights give the reference's numbers, with a convolution or with dense layers at the end."""
    images = rng.normal(size=(8, 8, 8, 2)).astype("float32")
    for units, bounded in ((None, True), (None, False), (6, True), (6, False)):
        received = []
        for module in (mine, reference):
            options = dict(units=units, grid=2, boxes=1, classes=3, bounded=bounded)
            built = fixed_weights(module.YOLO([[3, 3, 2], [4, 3, 2]], **options), (None, 8, 8, 2))
            # Both signs, so that a missing activation shows.
            built.set_weights([weights - 0.2 for weights in built.get_weights()])
            cells = built(images)
            good = isinstance(cells, dict) and "cells" in cells
            expect(good, 'a dictionary {"cells": ...}', cells, "return one")
            attempt = "2 x 2 cells of 5 * 1 + 3 numbers"
            received.append(shape_is(cells["cells"], (8, 2, 2, 8), "cells", attempt))
        case = f"cells (units={units}, bounded={bounded})"
        close_to(*received, 1e-4, case, "features, head, reshape; sigmoid and softmax only if bounded")


@network.check
def check_dropout(mine, rng):
    """In training the first dense layer's output is dropped here and there, and only there."""
    built = mine.YOLO([[3, 3, 2]], units=300, grid=2, boxes=1, classes=3, dropout=0.5)
    built.build((None, 4, 4, 2))
    images = rng.random((1, 4, 4, 2)).astype("float32")
    once, again, trained = (built(images, training=training)["cells"] for training in (False, False, True))
    close_to(again, once, 0, "cells outside of training, twice", "pass `training` on to the dropout layer")
    moved = not np.allclose(trained, once)
    expect(moved, "other cells in training", "the same", "pass `training` on to the dropout layer")


@network.check(points=2)
def check_one_confident_cell(mine, rng):
    """Of 2 x 2 cells over 20 x 40 pixels one has confident boxes: candidates, then detections."""
    built = mine.YOLO(convolutions=[[2, 3, 2]], units=4, grid=2, boxes=2, classes=3, dropout=0.0)
    built.build((None, 20, 40, 1))
    cells = np.zeros((1, 2, 2, 13), "float32")
    cells[..., :4] = cells[..., 5:9] = 0.5
    first, second = rng.uniform(0.7, 0.9), rng.uniform(0.3, 0.4)
    cells[0, 1, 0] = [0.25, 0.5, 0.5, 0.5**0.5, first, 0, 1, 1, 1.8**0.5, second, 0.5, 0.25, 0.25]
    received = several(built.candidates(cells), 2, "boxes and scores", "return both")
    boxes = shape_is(received[0], (1, 8, 4), "boxes", "2 x 2 cells of two boxes, in a row")
    scores = shape_is(received[1], (1, 8, 3), "scores", "of each box, of each class")
    attempt = "boxes 4 and 5: centres (5, 15) and (0, 20), sides are squares times 40 and 20"
    close_to(boxes[0, 4], [0, 10, 10, 20], 1e-3, "the first box of cell (1, 0)", attempt)
    close_to(boxes[0, 5], [0, 2, 20, 20], 1e-3, "the second, clipped to the image", attempt)
    attempt = f"eq. 1: confidences {first:.3f} and {second:.3f} times the classes' 0.5, 0.25, 0.25"
    close_to(scores[0, 4:6], np.outer([first, second], [0.5, 0.25, 0.25]), 1e-5, "their scores", attempt)
    found = built.decode(cells, 0.5, 4, 0.3)
    names = sorted(found) if isinstance(found, dict) else found
    equal_to(names, ["boxes", "count", "labels", "scores"], "the names", "return a dictionary of four arrays")
    attempt = "one candidate has a score of 0.3 or more"
    close_to(found["scores"], [[first / 2, 0, 0, 0]], 1e-5, "scores", attempt)
    close_to(found["labels"], [[0, -1, -1, -1]], 0, "labels", attempt)
    for threshold, least, count in ((0.5, 0.3, 1), (0.2, 0.05, 3), (0.9, 0.05, 6)):
        found = built.decode(cells, threshold, 9, least)
        attempt = "the two boxes have IoU 0.278, and three classes each"
        close_to(found["count"], [count], 0, f"count at an IoU threshold of {threshold}", attempt)
