"""The exercises of day2.yolo: suppression, cells and their boxes, the loss, the network and its answers."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, expect, refuses, shape_is

cells = Exercise(
    "cells",
    "which cell answers for which object, and what it ought to say",
    definitions=("responsible",),
    points=4,
    hints=(
        "Shares of the picture: divide x and width by its width, y and height by its height.",
        "A centre times the grid is a place: its whole part is the cell, the rest lies within the cell.",
        "Number the cells row * grid + column; rows without object get -1, which is no cell's number.",
        "`ops.argmax` of a row of zeros and ones is the first one: that object stays.",
        "What to reach: 40 x 80 pixels, 4 x 4 cells, the box (40, 5, 60, 25): row 1, column 2, says "
        "0.5, 0.5, 0.5 and the root of 1/2.",
    ),
)
places = Exercise(
    "places",
    "from what a cell says back to a box of the picture",
    definitions=("boxes_of_cells",),
    points=2,
    hints=(
        "Within the cell and the cell's number make the place: add them, then divide by the grid.",
        "The cells' numbers run along axis 2 for x, along axis 1 for y: give `ops.arange` the axes it lacks.",
        "The network says square roots of the sides; `to_xyxy` wants the sides.",
        "What to reach: of 2 x 2 cells, (0.5, 0.5, 0.5, 0.5) in the first is (1/8, 1/8, 3/8, 3/8).",
    ),
)
loss = Exercise(
    "loss",
    "the five sums of the paper's loss",
    definitions=("yolo_loss",),
    points=5,
    hints=(
        "`boxes_of_cells` of the truth needs the axis of the B boxes: box[..., None, :].",
        "Responsible: the one-hot of the largest IoU, in cells with an object only. A mask (N, S, S, B).",
        "All other boxes, in cells with an object as well, are to say a confidence of 0.",
        "The confidence is to say the IoU: ops.stop_gradient keeps that a number to reach, no way to cheat.",
        "What to reach: all numbers 0 and no object anywhere cost nothing.",
    ),
)
suppression = Exercise(
    "suppression",
    "the surest answers of all classes, each class suppressed on its own",
    definitions=("suppress_by_class",),
    points=3,
    hints=(
        "Every box with every class is an answer: (N, A, C) scores laid in a row, A * C of them.",
        "Set what is below `least` to 0 and take the surest with `ops.top_k`; it also says their places.",
        "Place p in that row is class p % C of box p // C.",
        "`suppress` numbers the kept ones, -1 for none: take number 0 there and cover it afterwards.",
        "What to reach: one box, sure of two classes, is two answers.",
    ),
)
network = Exercise(
    "network",
    "from the last map to the cells' numbers, to boxes in pixels with scores, and to the objects",
    definitions=("YOLO.call", "YOLO.split", "YOLO.answers", "YOLO.decode"),
    points=6,
    hints=(
        "`self.endpoints(images, training)` gives the features; without `units` the head is one layer.",
        "With `units`: flatten, dense, leaky ReLU, dropout in training only, dense.",
        "Only a `bounded` network changes the numbers: a sigmoid on all 5 B of the boxes, a softmax over the "
        "classes of each cell.",
        "What to reach: for 2 boxes, number 4 of a cell is the first confidence, number 9 the second.",
        "Eq. 1: the score of a class is the confidence of the box times the class's share of the cell.",
        "Confidences are (N, S, S, B), classes (N, S, S, C), scores (N, S, S, B, C): give each its axis.",
        "`boxes_of_cells` gives shares of the picture: cut them off at 0 and 1, then to pixels.",
        "What to reach: confidence 0.8, class 0.5: a score of 0.4.",
    ),
)

EXERCISES = Exercises(
    "day2.yolo",
    sources=("keras_cv_course.boxes.suppression", "keras_cv_course.detect.yolo"),
    exercises=(suppression, cells, places, loss, network),
)


def some_objects(rng, count, size):
    """(1, count, 4) boxes within a picture, whose centres are not on the border of a cell."""
    height, width = size
    low = rng.uniform(0, 0.6, (count, 2)) * (width, height)
    boxes = np.concatenate([low, low + rng.uniform(0.05, 0.4, (count, 2)) * (width, height)], axis=-1)
    return boxes[None].astype("float32")


def three(received, what, attempt):
    """What was received is three things."""
    good = isinstance(received, (list, tuple)) and len(received) == 3
    expect(good, f"{what}: three arrays", received, attempt)
    return received


@cells.check
def check_an_object_by_hand(mine):
    """A picture 40 high and 80 wide, 4 x 4 cells: cells are 10 high and 20 wide."""
    boxes = np.float32([[[40, 5, 60, 25], [3, 2, 11, 12], [-1, -1, -1, -1]]])
    received = mine.responsible(4, boxes, np.array([[7, 1, -1]]), (40, 80))
    object_, box, label = three(received, "object, box and label", "return all three")
    shape_is(object_, (1, 4, 4), "object", "one cell has one object, or none")
    attempt = "the centres are (50, 15) and (7, 7): row 1, column 2, and row 0, column 0"
    equal_to(np.argwhere(object_).tolist(), [[0, 0, 0], [0, 1, 2]], "cells with an object", attempt)
    box = shape_is(box, (1, 4, 4, 4), "box", "x, y, root of width, root of height of every cell")
    label = shape_is(label, (1, 4, 4), "label", "one class a cell")
    attempt = "x and y within the cell; roots of width / 80 and of height / 40"
    close_to(box[0, 1, 2], [0.5, 0.5, 0.5, np.sqrt(0.5)], 1e-4, "what cell (1, 2) ought to say", attempt)
    expected = [0.35, 0.7, np.sqrt(0.1), 0.5]
    close_to(box[0, 0, 0], expected, 1e-4, "what cell (0, 0) ought to say", attempt)
    close_to(label[0, [0, 1], [0, 2]], [1, 7], 0, "their classes", "the class of the same row of labels")


@cells.check
def check_many_objects(mine, rng):
    """Thirty pictures of one object each, cell by cell."""
    size, grid = (48, 36), 6
    boxes = np.concatenate([some_objects(rng, 1, size) for _ in range(30)])
    labels = rng.integers(0, 9, (30, 1))
    received = mine.responsible(grid, boxes, labels, size)
    object_, box, label = three(received, "object, box and label", "return all three")
    shape_is(object_, (30, grid, grid), "object", "row of cells first")
    for picture, (left, top, right, bottom) in enumerate(boxes[:, 0]):
        x, y = (left + right) / 2 / 36 * grid, (top + bottom) / 2 / 48 * grid
        row, column = int(y), int(x)
        attempt = "the cell that holds the centre, row first"
        equal_to(np.argwhere(object_[picture]).tolist(), [[row, column]], f"cells of {picture}", attempt)
        expected = [x - column, y - row, np.sqrt((right - left) / 36), np.sqrt((bottom - top) / 48)]
        close_to(box[picture, row, column], expected, 1e-3, f"what it ought to say in {picture}", attempt)
        close_to(label[picture, row, column], labels[picture, 0], 0, f"the class in {picture}", attempt)


@cells.check
def check_edges_and_two_in_one_cell(mine):
    """The last cell holds the edge; of two objects in one cell the first row stays; nothing is nowhere."""
    boxes = np.float32([[[60, 60, 64, 64], [62, 62, 64, 64]], [[64, 64, 64, 64], [-1] * 4], [[-1] * 4] * 2])
    received = mine.responsible(8, boxes, np.array([[3, 5], [6, -1], [-1, -1]]), (64, 64))
    object_, box, label = three(received, "object, box and label", "return all three")
    attempt = "a centre on the far edge belongs to the last cell; rows of label -1 to none"
    equal_to(np.argwhere(object_).tolist(), [[0, 7, 7], [1, 7, 7]], "cells with an object", attempt)
    close_to(label[:2, 7, 7], [3, 6], 0, "their classes", "of two objects in a cell the first one stays")
    expect(bool(np.isfinite(box).all()), "finite numbers everywhere", "others", "cut shares off at 0 and 1")


@places.check
def check_places_by_hand(mine):
    """2 x 2 cells of one box."""
    said = np.full((1, 2, 2, 1, 4), 0.5, "float32")
    received = mine.boxes_of_cells(said)
    expected = np.array([[[1, 1, 3, 3], [5, 1, 7, 3]], [[1, 5, 3, 7], [5, 5, 7, 7]]])[None, :, :, None] / 8
    close_to(received, expected, 1e-5, "boxes", "centre 1/4 or 3/4, sides 1/4: the square of 1/2")


@places.check
def check_places_one_by_one(mine, rng):
    """Random cells, box after box."""
    said = rng.random((2, 3, 3, 2, 4)).astype("float32")
    expected = np.empty(said.shape)
    for picture, row, column, number in np.ndindex(2, 3, 3, 2):
        x, y, root_width, root_height = said[picture, row, column, number].astype("float64")
        x, y, half = (column + x) / 3, (row + y) / 3, (root_width**2 / 2, root_height**2 / 2)
        expected[picture, row, column, number] = x - half[0], y - half[1], x + half[0], y + half[1]
    attempt = "axis 1 is the row of cells and goes with y, axis 2 the column and goes with x"
    close_to(mine.boxes_of_cells(said), expected, 1e-5, "boxes", attempt)


@loss.check
def check_empty_pictures(mine):
    """No object anywhere: the confidences alone cost, half of their squares."""
    said = (
        np.zeros((2, 3, 3, 2, 4), "float32"),
        np.zeros((2, 3, 3, 2), "float32"),
        np.ones((2, 3, 3, 4), "float32"),
    )
    truth = np.zeros((2, 3, 3), bool), np.zeros((2, 3, 3, 4), "float32"), -np.ones((2, 3, 3), "int32")
    attempt = "cells without object have no place and no class to say"
    close_to(mine.yolo_loss(said, truth), 0.0, 1e-5, "the loss of silent cells", attempt)
    sure = said[0], said[1] + 1, said[2]
    attempt = "18 boxes a picture, each 0.5 times 1; the sum over a picture, the mean over pictures"
    close_to(mine.yolo_loss(sure, truth), 9.0, 1e-4, "the loss of sure empty cells", attempt)


@loss.check
def check_the_sums(mine, rng):
    """Random answers against a loop over boxes."""
    said, truth = _random_case(rng)
    for weights in ((5.0, 0.5), (1.0, 2.0)):
        expected = _slow_loss(said, truth, *weights)
        attempt = "square by square: places, sizes, confidence of the best box, of the others, classes"
        received = mine.yolo_loss(said, truth, *weights)
        close_to(received, expected, 1e-3 * expected, f"the loss with weights {weights}", attempt)


@network.check
def check_split_by_hand(mine):
    """A cell's numbers 0 to 13: two boxes with confidence, then four classes."""
    built = mine.YOLO(convolutions=[[2, 3, 2]], units=None, grid=2, boxes=2, classes=4)
    numbers = np.tile(np.arange(14, dtype="float32"), (1, 2, 2, 1))
    boxes, confidences, classes = three(
        built.split(numbers), "boxes, confidences, classes", "return all three"
    )
    attempt = "box by box: x, y, root of width, root of height, confidence; then the classes"
    expected = np.tile(np.float32([[0, 1, 2, 3], [5, 6, 7, 8]]), (1, 2, 2, 1, 1))
    close_to(boxes, expected, 0, "boxes", attempt)
    close_to(confidences, np.tile(np.float32([4, 9]), (1, 2, 2, 1)), 0, "confidences", attempt)
    close_to(classes, np.tile(np.float32([10, 11, 12, 13]), (1, 2, 2, 1)), 0, "classes", attempt)


@network.check
def check_numbers_of_both_heads(mine, reference, rng):
    """The same weights give the reference's numbers, with a convolution or with dense layers at the end."""
    images = rng.random((2, 8, 8, 2)).astype("float32")
    for units, bounded in ((None, True), (None, False), (6, True), (6, False)):
        received = []
        for module in (mine, reference):
            built = module.YOLO(
                convolutions=[[3, 3, 2], [4, 3, 2]], units=units, grid=2, boxes=1, classes=3, bounded=bounded
            )
            built.build((None, 8, 8, 2))
            built.set_weights([_fixed(values.shape) for values in built.get_weights()])
            said = built(images)
            expect(
                isinstance(said, dict) and "cells" in said, 'a dictionary {"cells": ...}', said, "return one"
            )
            attempt = "2 x 2 cells of 5 * 1 + 3 numbers"
            received.append(shape_is(said["cells"], (2, 2, 2, 8), "cells", attempt))
        case = f"cells (units={units}, bounded={bounded})"
        close_to(*received, 1e-4, case, "features, head, reshape; sigmoid and softmax only if bounded")
        if bounded:
            sums = received[0][..., 5:].sum(axis=-1)
            close_to(
                sums, np.ones((2, 2, 2)), 1e-4, "classes of each cell, summed", "a softmax over the classes"
            )


@suppression.check
def check_two_classes_of_one_box(mine):
    """One box that is sure of two classes, and its double."""
    boxes = np.float32([[[0, 0, 10, 10], [0, 0, 10, 9], [30, 30, 40, 40]]])
    scores = np.float32([[[0.9, 0.6], [0.8, 0.1], [0.02, 0.3]]])
    received = mine.suppress_by_class(boxes, scores, 0.5, 5, 0.05)
    found, sure, labels = three(received, "boxes, scores and classes", "return all three")
    attempt = "0.9 of class 0 drops 0.8; 0.6 of class 1 drops 0.1; 0.3 is far away; 0.02 is too little"
    close_to(labels, [[0, 1, 1, -1, -1]], 0, "classes", attempt)
    close_to(sure, [[0.9, 0.6, 0.3, 0, 0]], 1e-6, "scores", attempt)
    expected = [[[0, 0, 10, 10], [0, 0, 10, 10], [30, 30, 40, 40], [-1] * 4, [-1] * 4]]
    close_to(found, expected, 1e-6, "boxes", attempt)


@suppression.check
def check_each_class_alone(mine, rng):
    """Random boxes of three classes against a loop over the classes."""
    low = rng.integers(0, 12, (20, 2))
    boxes = np.concatenate([low, low + rng.integers(2, 12, (20, 2))], axis=-1).astype("float32")
    scores = rng.permutation(60).reshape(20, 3).astype("float32") / 60
    expected = []
    for label in range(3):
        left = [i for i in np.argsort(-scores[:, label]) if scores[i, label] >= 0.2]
        while left:
            expected.append((scores[left[0], label], label, left[0]))
            left = [i for i in left[1:] if _share(boxes[expected[-1][2]], boxes[i]) <= 0.4]
    expected = sorted(expected, reverse=True)[:12]
    received = mine.suppress_by_class(boxes[None], scores[None], 0.4, 12, 0.2)
    found, sure, labels = three(received, "boxes, scores and classes", "return all three")
    attempt = "suppress within each class; then the surest of all classes come first"
    close_to(sure, [[score for score, _, _ in expected]], 1e-6, "scores", attempt)
    close_to(labels, [[label for _, label, _ in expected]], 0, "classes", attempt)
    close_to(found, [boxes[[number for _, _, number in expected]]], 1e-6, "boxes", attempt)


@network.check
def check_one_sure_cell(mine):
    """Of 2 x 2 cells over 20 x 40 pixels one is sure."""
    built, numbers = _one_cell(mine)
    received = built.answers(numbers)
    good = isinstance(received, (list, tuple)) and len(received) == 2
    expect(good, "boxes and scores: two arrays", received, "return both")
    boxes = shape_is(received[0], (1, 8, 4), "boxes", "2 x 2 cells of two boxes, in a row")
    scores = shape_is(received[1], (1, 8, 3), "scores", "of every box, of every class")
    attempt = "boxes 4 and 5: centres (5, 15) and (0, 20), sides are squares times 40 and 20"
    close_to(boxes[0, 4], [0, 10, 10, 20], 1e-3, "the first box of cell (1, 0)", attempt)
    close_to(boxes[0, 5], [0, 2, 20, 20], 1e-3, "the second, cut off at the edges", attempt)
    attempt = "eq. 1: confidences 0.8 and 0.4 times the classes' 0.5, 0.25, 0.25"
    close_to(scores[0, 4:6], [[0.4, 0.2, 0.2], [0.2, 0.1, 0.1]], 1e-5, "their scores", attempt)


@network.check
def check_objects_of_one_cell(mine):
    """The same cell, decoded: what suppression leaves, and how many that are."""
    built, numbers = _one_cell(mine)
    found = built.decode(numbers, 0.5, 4, 0.3)
    names = sorted(found) if isinstance(found, dict) else found
    equal_to(names, ["boxes", "count", "labels", "scores"], "the names", "return a dictionary of four arrays")
    attempt = "one answer has 0.3 or more"
    close_to(found["count"], [1], 0, "count", attempt)
    close_to(found["scores"], [[0.4, 0, 0, 0]], 1e-5, "scores", attempt)
    close_to(found["labels"], [[0, -1, -1, -1]], 0, "labels", attempt)
    for threshold, count in ((0.2, 3), (0.9, 6)):
        found = built.decode(numbers, threshold, 9, 0.05)
        attempt = "the two boxes overlap by 0.278, and have three classes each"
        close_to(found["count"], [count], 0, f"count at a threshold of {threshold}", attempt)


@network.check
def check_any_number_of_images(mine):
    """Building for images of a free size is refused still."""
    built = mine.YOLO(convolutions=[[2, 3, 2]], units=None, grid=2, boxes=1, classes=2)
    built.build((None, 4, 4, 1))
    attempt = "call the head on the features and return them under the name cells"
    shape_is(built(np.zeros((3, 4, 4, 1), "float32"))["cells"], (3, 2, 2, 7), "cells", attempt)
    refuses(built.build, (None, None, None, 1), what="images of no size", attempt="leave `build` as it is")


def _one_cell(module):
    """A network for 20 x 40 pixels, and numbers in which cell (1, 0) alone is sure of something."""
    built = module.YOLO(convolutions=[[2, 3, 2]], units=4, grid=2, boxes=2, classes=3, dropout=0.0)
    built.build((None, 20, 40, 1))
    numbers = np.zeros((1, 2, 2, 13), "float32")
    numbers[..., :4] = numbers[..., 5:9] = 0.5
    first, second = (0.25, 0.5, 0.5, np.sqrt(0.5), 0.8), (0.0, 1.0, 1.0, np.sqrt(1.8), 0.4)
    numbers[0, 1, 0] = [*first, *second, 0.5, 0.25, 0.25]
    return built, numbers


def _random_case(rng):
    """Answers of 2 pictures, 3 x 3 cells, 2 boxes, 4 classes; truth with some objects."""
    boxes = rng.uniform(0.1, 0.9, (2, 3, 3, 2, 4)).astype("float32")
    confidences, classes = (rng.random((2, 3, 3, count)).astype("float32") for count in (2, 4))
    object_ = rng.random((2, 3, 3)) < 0.4
    object_[0, 1] = True
    box = rng.uniform(0.1, 0.9, (2, 3, 3, 4)).astype("float32")
    label = np.where(object_, rng.integers(0, 4, (2, 3, 3)), -1).astype("int32")
    return (boxes, confidences, classes), (object_, box, label)


def _slow_loss(said, truth, coordinates, nothing):
    """Eq. 3 of the paper, box after box."""

    def corners(numbers, row, column):
        x, y, root_width, root_height = (float(number) for number in numbers)
        x, y, width, height = (x + column) / 3, (y + row) / 3, root_width**2, root_height**2
        return x - width / 2, y - height / 2, x + width / 2, y + height / 2

    (boxes, confidences, classes), (object_, box, label), total = said, truth, 0.0
    for picture, row, column in np.ndindex(object_.shape):
        at, best = (picture, row, column), None
        if object_[at]:
            real = corners(box[at], row, column)
            shares = [_share(corners(one, row, column), real) for one in boxes[at]]
            best = int(np.argmax(shares))
            total += coordinates * np.sum((boxes[at][best] - box[at]) ** 2)
            total += (confidences[at][best] - shares[best]) ** 2
            total += np.sum((classes[at] - np.eye(4)[label[at]]) ** 2)
        total += sum(nothing * sure**2 for number, sure in enumerate(confidences[at]) if number != best)
    return float(total) / len(object_)


def _share(one, other):
    """IoU of two boxes."""
    sides = [min(one[i + 2], other[i + 2]) - max(one[i], other[i]) for i in (0, 1)]
    shared = max(sides[0], 0) * max(sides[1], 0)
    return shared / (sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)) - shared)


def _fixed(shape):
    """Weights that depend on their shape alone."""
    return np.random.default_rng(shape).normal(0, 0.4, shape).astype("float32")
