"""The exercises of day2.boxes: formats, overlap, anchors, suppression, average precision."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, shape_is
from keras_cv_course.classroom.shared_checks import all_refused
from sprints.day2.exercises import slow_boxes
from sprints.day2.exercises.average_precision import precision
from sprints.day2.exercises.slow_boxes import some_boxes

formats = Exercise(
    "formats",
    "boxes to corners and back, from three other formats",
    definitions=("to_xyxy", "from_xyxy"),
    points=2,
    hints=(
        "`ops.unstack(boxes, axis=-1)` gives the four numbers, each of the boxes' leading shape.",
        "From the centre, how far is it to the left edge: the width, or half of it?",
        "What to reach: 10 to 30 across, 20 to 80 down is, by its centre, 20, 50, 20, 60.",
    ),
)
overlap = Exercise(
    "overlap",
    "the area that two boxes share, IoU, and generalised IoU",
    definitions=("intersection", "iou", "giou"),
    points=3,
    hints=(
        "The shared box starts at the larger of the two starts, and ends at the smaller of the two ends.",
        "Two boxes that do not meet: what would the shared width be, and what should it be?",
        "The union counts what both cover once. Dividing by `ops.maximum(union, 1e-9)` keeps padding finite.",
        "What to reach: (0, 0, 2, 2) and (1, 1, 3, 3) give 1/7, and 1/7 - 2/9.",
    ),
)
anchors = Exercise(
    "anchors",
    "boxes of each scale and ratio about the centre of each cell",
    definitions=("cell_centres", "anchors"),
    points=3,
    hints=(
        "The first cell reaches from 0 to the stride: where is its centre?",
        "height / width = r and width * height = s * s: what is the width?",
        "np.meshgrid(x, y) runs through x first, which is row by row. Centre minus and plus half the sides.",
        "What to reach: 64 pixels, stride 32, scale 64: the first anchor is (-16, -16, 48, 48).",
    ),
)
suppression = Exercise(
    "suppression",
    "keep the box of the highest score, drop what overlaps it, repeat",
    definitions=("non_max_suppression",),
    points=4,
    hints=(
        "`ops.fori_loop(0, max_detections, step, state)`: the state is the scores that remain and the kept rows.",
        "A step: `ops.argmax` of what remains, its box, its IoU with all others; set those scores to 0.",
        "The kept box itself must go too, even if it has no area. When nothing remains, the row is -1.",
        "What to reach: three copies of a box and one far away leave two.",
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
    exercises=(formats, overlap, anchors, suppression, precision),
)


@formats.check
def check_any_leading_axes(mine, rng):
    """Three images of four random boxes, in each format and back."""
    boxes = some_boxes(rng, 12).reshape(3, 4, 4)
    left, top, right, bottom = np.moveaxis(boxes, -1, 0)
    width, height = right - left, bottom - top
    expected = {
        "xyxy": [left, top, right, bottom],
        "yxyx": [top, left, bottom, right],
        "xywh": [left, top, width, height],
        "center_xywh": [left + width / 2, top + height / 2, width, height],
    }
    for name, numbers in expected.items():
        there = shape_is(
            mine.from_xyxy(boxes, name), (3, 4, 4), f"boxes as {name}", "stack along the last axis"
        )
        close_to(there, np.stack(numbers, axis=-1), 1e-4, f"xyxy to {name}", "what does each number mean?")
        close_to(mine.to_xyxy(there, name), boxes, 1e-4, f"xyxy to {name} and back", "undo it in reverse")


@overlap.check
def check_the_case_by_hand(mine):
    """Two boxes that share one of seven squares; rows of padding overlap nothing, and give no NaN."""
    first, second = np.float32([[0, 0, 2, 2]]), np.float32([[1, 1, 3, 3]])
    attempt = "shared 1, union 4 + 4 - 1, the box around both 9"
    close_to(mine.intersection(first, second), [1], 1e-5, "the shared area", attempt)
    close_to(mine.iou(first, second), [1 / 7], 1e-5, "IoU", attempt)
    close_to(mine.giou(first, second), [1 / 7 - 2 / 9], 1e-5, "GIoU", attempt)
    padding = np.full((1, 4), -1, "float32")
    close_to(mine.iou(padding, padding), [0], 1e-6, "IoU of two rows of padding", "0 / 0 must not happen")


@overlap.check(points=2)
def check_counted_pixels(mine, rng):
    """IoU and GIoU of random boxes, counted pixel by pixel."""
    first, second = some_boxes(rng, 40), some_boxes(rng, 40)
    pairs = zip(first, second, strict=True)
    counted, generalised = np.transpose([slow_boxes.counted_overlap(*pair) for pair in pairs])
    close_to(mine.iou(first, second), counted, 1e-5, "IoU", "which boxes do not meet at all?")
    attempt = "take off the empty share of the box around"
    close_to(mine.giou(first, second), generalised, 1e-5, "GIoU", attempt)


@anchors.check(points=1)
def check_centres(mine, rng):
    """Two rows of three cells, of a random stride; a last row that reaches over the edge."""
    stride = int(rng.integers(3, 20))
    expected = stride * np.array([[0.5, 0.5], [1.5, 0.5], [2.5, 0.5], [0.5, 1.5], [1.5, 1.5], [2.5, 1.5]])
    received = mine.cell_centres((2 * stride, 3 * stride), stride)
    attempt = "half a stride is the first cell's centre; x runs first"
    close_to(received, expected, 1e-4, f"centres of 2 x 3 cells, stride {stride}", attempt)
    over = mine.cell_centres((2 * stride + 1, 3 * stride), stride)
    shape_is(over, (9, 2), "centres of an image one pixel higher", "a last row may reach over")


@anchors.check(points=1)
def check_random_anchors(mine, rng):
    """Random scales and ratios, one anchor after the other."""
    scales, ratios = rng.uniform(2, 20, 3), rng.uniform(0.3, 3, 2)
    expected = [
        (x - s / np.sqrt(r) / 2, y - s * np.sqrt(r) / 2, x + s / np.sqrt(r) / 2, y + s * np.sqrt(r) / 2)
        for y in (4, 12) for x in (4, 12, 20) for s in scales for r in ratios
    ]  # fmt: skip
    attempt = "cell by cell, in each cell scale by scale, for each scale ratio by ratio"
    close_to(mine.anchors((16, 24), 8, scales, ratios), expected, 1e-3, "anchors of 16 x 24 pixels", attempt)


@anchors.shows
def image_of_anchors(mine):
    """Anchors of two scales and three ratios about the centre of one cell of 96 pixels."""
    boxes = np.asarray(mine.anchors((96, 96), 96, [36, 64], [0.5, 1.0, 2.0]))
    return slow_boxes.frames(boxes, 96, np.linspace(1, 0.4, len(boxes)))


@anchors.check
def check_what_is_not_positive_is_refused(mine):
    """A scale, a stride or a ratio of 0 is refused."""
    cases = {
        "a scale of 0": ((8, 8), 4, [0]),
        "a stride of 0": ((8, 8), 0, [4]),
        "height 0": ((0, 8), 4, [4]),
    }
    all_refused(mine.anchors, cases | {"a ratio of -1": ((8, 8), 4, [4], [-1])})


@suppression.check
def check_copies(mine):
    """Three copies and one far away."""
    boxes = np.float32([[[0, 0, 10, 10], [0, 0, 10, 9], [0, 1, 10, 10], [30, 30, 40, 40]]])
    scores = np.float32([[0.6, 0.9, 0.7, 0.5]])
    attempt = "keep row 1, the highest score; drop what overlaps it; next is row 3; then nothing remains"
    close_to(mine.non_max_suppression(boxes, scores, 0.5, 4), [[1, 3, -1, -1]], 0, "the kept rows", attempt)
    classes = np.array([[0, 1, 1, 0]])
    attempt = "row 0 is of another class than row 1, which must not drop it"
    received = mine.non_max_suppression(boxes, scores, 0.5, 4, classes)
    close_to(received, [[1, 0, 3, -1]], 0, "the kept rows with classes", attempt)
    half = np.float32([[[0, 0, 4, 2], [0, 0, 2, 2]]])
    attempt = "an IoU of exactly the threshold stays: drop what is above it"
    received = mine.non_max_suppression(half, np.float32([[0.9, 0.8]]), 0.5, 2)
    close_to(received, [[0, 1]], 0, "two boxes of IoU 1/2 at threshold 1/2", attempt)


@suppression.check(points=2)
def check_random_sets(mine, rng):
    """Fifty random sets against a slow loop."""
    boxes = np.stack([some_boxes(rng, 10) for _ in range(50)])
    scores = np.stack([rng.permutation(10) for _ in range(50)]).astype("float32") / 10
    kept = [slow_boxes.kept_rows(*one, threshold=0.37) for one in zip(boxes, scores, strict=True)]
    expected = [[*rows, *[-1] * 6][:6] for rows in kept]
    attempt = "a score of 0 is never kept; rows by falling score"
    close_to(mine.non_max_suppression(boxes, scores, 0.37, 6), expected, 0, "the kept rows", attempt)


@suppression.shows
def image_of_suppression(mine):
    """Thirty boxes about three objects, the brighter the higher their score; then those that are kept."""
    rng = np.random.default_rng(0)
    centres = np.repeat([[24, 26], [66, 30], [46, 70]], 10, axis=0) + rng.normal(0, 3, (30, 2))
    boxes = np.concatenate([centres - 16, centres + 16], axis=1).astype("float32")
    scores = rng.uniform(0.3, 1, 30).astype("float32")
    rows = np.asarray(mine.non_max_suppression(boxes[None], scores[None], 0.3, 5))[0].astype(int)
    rows = rows[rows >= 0]
    return np.hstack([
        slow_boxes.frames(boxes, 96, scores), slow_boxes.frames(boxes[rows], 96, scores[rows])
    ])  # fmt: skip


@suppression.check
def check_bad_arguments_are_refused(mine):
    """IoU thresholds outside [0, 1] and nothing to keep are refused."""
    boxes, scores = np.zeros((1, 2, 4), "float32"), np.zeros((1, 2), "float32")
    cases = {f"a threshold of {value}": (boxes, scores, value) for value in (2.0, -0.1)}
    all_refused(mine.non_max_suppression, cases | {"0 detections to keep": (boxes, scores, 0.5, 0)})
