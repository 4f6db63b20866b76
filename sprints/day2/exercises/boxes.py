"""The exercises of day2.boxes: formats, overlap, anchors, suppression, average precision."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, refuses, shape_is

formats = Exercise(
    "formats",
    "boxes to corners and back, from three other forms",
    definitions=("to_xyxy", "from_xyxy"),
    points=2,
    hints=(
        "`ops.unstack(boxes, axis=-1)` gives the four numbers, each of the boxes' leading shape.",
        "From a centre, how far is it to the left edge: the width, or half of it?",
        "What to reach: 10 to 30 across, 20 to 80 down is, by its centre, 20, 50, 20, 60.",
    ),
)
overlap = Exercise(
    "overlap",
    "what two boxes share, IoU, and generalised IoU",
    definitions=("intersection", "iou", "giou"),
    points=3,
    hints=(
        "The shared box starts at the larger of the two starts, and ends at the smaller of the two ends.",
        "Two boxes that do not meet: what would its width be, and what should it be?",
        "The union counts what both cover once. Dividing by `ops.maximum(union, 1e-9)` keeps padding finite.",
        "What to reach: (0, 0, 2, 2) and (1, 1, 3, 3) give 1/7, and 1/7 - 2/9.",
    ),
)
tiles = Exercise(
    "anchors",
    "boxes of every scale and ratio about every cell's centre",
    definitions=("cell_centres", "anchors"),
    points=3,
    hints=(
        "The first cell reaches from 0 to the stride: where is its middle?",
        "height / width = r and width * height = s * s: what is the width?",
        "np.meshgrid(x, y) runs through x first, which is row by row. Centre minus and plus half the sides.",
        "What to reach: 64 pixels, stride 32, scale 64: the first anchor is (-16, -16, 48, 48).",
    ),
)
suppression = Exercise(
    "suppression",
    "keep the surest box, drop what overlaps it, repeat",
    definitions=("suppress",),
    points=4,
    hints=(
        "`ops.fori_loop(0, most, step, state)` with the scores that are left and the numbers that are kept.",
        "A step: `ops.argmax` of what is left, its box, its IoU with all others; set those scores to 0.",
        "The box itself must go too, even if it has no area. When nothing is left, the number is -1.",
        "What to reach: three copies of a box and one far away leave two.",
    ),
)
precision = Exercise(
    "precision",
    "which answers are right, and the area below the curve",
    definitions=("hits", "precision_recall", "average_precision"),
    points=4,
    hints=(
        "Answers come surest first. Each takes the free object that it overlaps most, if that is enough.",
        "`free` remembers which objects are taken: a second answer on the same object is wrong.",
        "Of the sorted answers, np.cumsum of the right ones is what was found so far.",
        "First let precision fall: from the right, the largest so far. Then read it at recall 0, 0.01 ... 1.",
        "What to reach: right, wrong, right for two objects: 5/6 by all points.",
    ),
)

EXERCISES = Exercises(
    "day2.boxes",
    sources=(
        "keras_cv_course.boxes.formats",
        "keras_cv_course.boxes.overlap",
        "keras_cv_course.boxes.anchors",
        "keras_cv_course.boxes.suppression",
        "keras_cv_course.boxes.average_precision",
    ),
    exercises=(formats, overlap, tiles, suppression, precision),
)


def some_boxes(rng, count):
    """Boxes whose corners are whole numbers from 0 to 24, so that pixels can be counted."""
    low = rng.integers(0, 12, (count, 2))
    return np.concatenate([low, low + rng.integers(1, 12, (count, 2))], axis=-1).astype("float32")


@formats.check
def check_a_box_by_hand(mine):
    """One box in all four forms."""
    attempt = "draw the box on squared paper: 10 to 30 across, 20 to 80 down"
    corners = np.float32([[10, 20, 30, 80]])
    for name, numbers in (
        ("xyxy", [10, 20, 30, 80]), ("yxyx", [20, 10, 80, 30]), ("xywh", [10, 20, 20, 60]),
        ("center_xywh", [20, 50, 20, 60]),
    ):  # fmt: skip
        close_to(mine.from_xyxy(corners, name), [numbers], 1e-5, f"xyxy to {name}", attempt)
        close_to(mine.to_xyxy(np.float32([numbers]), name), corners, 1e-5, f"{name} to xyxy", attempt)


@formats.check
def check_any_leading_axes(mine, rng):
    """Pictures of several boxes, there and back."""
    boxes = some_boxes(rng, 12).reshape(3, 4, 4)
    for name in ("yxyx", "xywh", "center_xywh"):
        there = mine.from_xyxy(boxes, name)
        shape_is(there, (3, 4, 4), f"boxes as {name}", "stack the four numbers along the last axis")
        close_to(mine.to_xyxy(there, name), boxes, 1e-4, f"xyxy to {name} and back", "undo it in reverse")


@overlap.check
def check_the_case_by_hand(mine):
    """Two boxes that share one of seven squares."""
    first, second = np.float32([[0, 0, 2, 2]]), np.float32([[1, 1, 3, 3]])
    attempt = "shared 1, union 4 + 4 - 1, the box around both 9"
    close_to(mine.intersection(first, second), [1], 1e-5, "the shared area", attempt)
    close_to(mine.iou(first, second), [1 / 7], 1e-5, "IoU", attempt)
    close_to(mine.giou(first, second), [1 / 7 - 2 / 9], 1e-5, "GIoU", attempt)


@overlap.check
def check_counted_pixels(mine, rng):
    """IoU of random boxes, counted pixel by pixel."""
    first, second = some_boxes(rng, 40), some_boxes(rng, 40)
    counted = []
    for one, other in zip(first, second):
        sheets = np.zeros((2, 24, 24), bool)
        for sheet, (left, top, right, bottom) in zip(sheets, np.int64([one, other])):
            sheet[top:bottom, left:right] = True
        counted.append((sheets[0] & sheets[1]).sum() / (sheets[0] | sheets[1]).sum())
    close_to(mine.iou(first, second), counted, 1e-5, "IoU", "which boxes do not meet at all?")


@overlap.check
def check_distance_and_padding(mine):
    """GIoU falls on once two boxes have parted; padding overlaps nothing."""
    box = np.float32([[0, 0, 1, 1]])
    moved = np.float32([[2, 0, 3, 1], [9, 0, 10, 1]])
    attempt = "the empty share of the box around both: 1/3, and 8/10"
    close_to(mine.giou(box, moved), [-1 / 3, -0.8], 1e-5, "GIoU of boxes 1 and 8 apart", attempt)
    padding = np.full((1, 4), -1, "float32")
    close_to(mine.iou(padding, padding), [0], 1e-6, "IoU of two rows of padding", "0 / 0 must not happen")


@tiles.check
def check_centres(mine):
    """Two rows of three cells."""
    attempt = "half a stride is the first cell's middle; x runs first"
    expected = [[8, 8], [24, 8], [40, 8], [8, 24], [24, 24], [40, 24]]
    close_to(mine.cell_centres((32, 48), 16), expected, 1e-5, "centres of 32 x 48 pixels, stride 16", attempt)
    shape_is(
        mine.cell_centres((33, 48), 16), (9, 2), "centres of 33 x 48 pixels", "a last row may reach over"
    )


@tiles.check
def check_anchors_by_hand(mine):
    """Four anchors, and six shapes about one centre."""
    attempt = "centre minus and plus half of width and height"
    expected = [[-16, -16, 48, 48], [16, -16, 80, 48], [-16, 16, 48, 80], [16, 16, 80, 80]]
    close_to(
        mine.anchors((64, 64), 32, [64]), expected, 1e-4, "anchors of 64 x 64 pixels, stride 32", attempt
    )
    attempt = "width = s / sqrt(r), height = s * sqrt(r); all ratios of a scale, then the next scale"
    expected = [[4, 6, 12, 10], [6, 4, 10, 12], [0, 4, 16, 12], [4, 0, 12, 16]]
    side = 4 * np.sqrt(2)
    received = mine.anchors((16, 16), 16, [side, 2 * side], [0.5, 2.0])
    close_to(received, expected, 1e-4, "anchors of two scales and two ratios", attempt)


@tiles.check
def check_nothing_is_refused(mine):
    """A scale of 0 is refused."""
    attempt = "raise InputError where a size, stride, scale or ratio is not positive"
    refuses(mine.anchors, (8, 8), 4, [0], what="a scale of 0", attempt=attempt)


@suppression.check
def check_copies(mine):
    """Three copies and one far away."""
    boxes = np.float32([[[0, 0, 10, 10], [0, 0, 10, 9], [0, 1, 10, 10], [30, 30, 40, 40]]])
    scores = np.float32([[0.6, 0.9, 0.7, 0.5]])
    attempt = "keep the surest, number 1; drop what overlaps it; next is number 3; then nothing is left"
    close_to(mine.suppress(boxes, scores, 0.5, 4), [[1, 3, -1, -1]], 0, "the kept numbers", attempt)
    classes = np.array([[0, 1, 1, 0]])
    attempt = "number 0 is of another class than number 1, which must not drop it"
    received = mine.suppress(boxes, scores, 0.5, 4, classes)
    close_to(received, [[1, 0, 3, -1]], 0, "the kept numbers with classes", attempt)
    half = np.float32([[[0, 0, 4, 2], [0, 0, 2, 2]]])
    attempt = "an IoU of exactly the threshold stays: drop what is above it"
    received = mine.suppress(half, np.float32([[0.9, 0.8]]), 0.5, 2)
    close_to(received, [[0, 1]], 0, "two boxes of IoU 1/2 at threshold 1/2", attempt)


@suppression.check
def check_random_sets(mine, rng):
    """Fifty random sets against a loop that is as slow as it is plain."""

    def share(one, other):
        sides = [min(one[i + 2], other[i + 2]) - max(one[i], other[i]) for i in (0, 1)]
        shared = max(sides[0], 0) * max(sides[1], 0)
        return shared / (sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)) - shared)

    boxes = np.stack([some_boxes(rng, 10) for _ in range(50)])
    scores = np.stack([rng.permutation(10) for _ in range(50)]).astype("float32") / 10
    expected = []
    for some, sure in zip(boxes, scores):
        left, kept = [i for i in np.argsort(-sure) if sure[i] > 0], []
        while left and len(kept) < 6:
            kept.append(left[0])
            left = [i for i in left[1:] if share(some[kept[-1]], some[i]) <= 0.37]
        expected.append(kept + [-1] * (6 - len(kept)))
    attempt = "a score of 0 is no candidate; the order is that of the scores"
    close_to(mine.suppress(boxes, scores, 0.37, 6), expected, 0, "the kept numbers", attempt)


@suppression.check
def check_thresholds_are_refused(mine):
    """A threshold of 2 is refused."""
    boxes, scores = np.zeros((1, 2, 4), "float32"), np.zeros((1, 2), "float32")
    refuses(mine.suppress, boxes, scores, 2.0, what="a threshold of 2", attempt="an IoU is in [0, 1]")


@precision.check
def check_hits(mine):
    """Four answers to two objects, at two thresholds."""
    objects = np.float64([[0, 0, 10, 10], [20, 0, 30, 10]])
    answers = np.float64([[0, 0, 10, 10], [0, 0, 10, 9], [20, 0, 30, 6], [50, 0, 60, 10]])
    received = mine.hits(answers, np.array([0.9, 0.8, 0.7, 0.6]), objects, (0.5, 0.75))
    expected = [[True, False, True, False], [True, False, False, False]]
    attempt = "the second answer comes too late, the third overlaps by 0.6, the fourth meets nothing"
    equal_to(np.asarray(received).tolist(), expected, "which answers are right", attempt)


@precision.check
def check_precision_and_recall(mine):
    """Three answers in any order."""
    recall, share = mine.precision_recall(np.array([0.2, 0.9, 0.5]), np.array([False, True, True]), 4)
    attempt = "in order of falling score: right, right, wrong, of four objects"
    close_to(recall, [0.25, 0.5, 0.5], 1e-9, "recall", attempt)
    close_to(share, [1, 1, 2 / 3], 1e-9, "precision", attempt)


@precision.check
def check_areas(mine):
    """The area below one curve, in three ways; no answers; unknown points."""
    recall, share = np.array([0.5, 0.5, 1.0]), np.array([1, 1 / 2, 2 / 3])
    attempt = "precision 1 up to recall 0.5, then 2/3"
    for points, area in (
        ("all", 0.5 + 0.5 * 2 / 3), ("voc11", (6 + 5 * 2 / 3) / 11), ("coco101", (51 + 50 * 2 / 3) / 101),
    ):  # fmt: skip
        close_to(mine.average_precision(recall, share, points), area, 1e-9, f"{points} points", attempt)
    late = mine.average_precision(np.array([0, 0.5, 1.0]), np.array([0, 1 / 2, 2 / 3]), "all")
    close_to(
        late, 2 / 3, 1e-9, "wrong, right, right", "at every recall the best precision from there on counts"
    )
    early = mine.average_precision(np.array([0.5]), np.array([1.0]), "voc11")
    close_to(early, 6 / 11, 1e-9, "a curve that ends at recall 0.5", "beyond its end precision is 0")
    close_to(mine.average_precision(np.array([]), np.array([])), 0, 0, "no answers", "nothing found is 0")
    refuses(mine.average_precision, recall, share, "coco100", what="coco100", attempt="raise InputError")
