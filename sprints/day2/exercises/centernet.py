"""The exercises of day2.centernet: the radius, the targets, the loss of a heat map, and the network."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, expect, shape_is
from keras_cv_course.classroom.shared_checks import all_refused
from sprints.day2.exercises import slow_centers

radius = Exercise(
    "radius",
    "how far both corners of a box may move until its IoU with itself falls below a threshold",
    definitions=("gaussian_radius",),
    points=2,
    hints=(
        "Three cases, each a quadratic equation in r; `_smaller_root` solves a r r - b r + c = 0.",
        "Multiply each equation of the docstring out and bring it into that form.",
        "For outward moves c is negative: one root is, too, and the one you want is its opposite for -b.",
        "What to reach: of a 10 x 10 box and an IoU of 0.7 it is (10 - root of 70) / 2 = 0.817.",
    ),
)
targets = Exercise(
    "targets",
    "the heat map, the cell, the offset and the size of every object",
    definitions=("center_targets",),
    points=5,
    hints=(
        "Work in cells: divide the boxes by the stride. A centre's whole part is its cell, the rest its offset.",
        "x runs along the map's width, y along its height. A centre on the far edge belongs to the last cell.",
        "exp(-(dx dx + dy dy) / s) is exp(-dx dx / s) times exp(-dy dy / s): two rows make a map.",
        "The Gaussian stands on the cell, not on the centre: the cell itself must get exactly 1.",
        "Where two objects of a class are close, the map has the larger of both numbers. Padding adds nothing.",
        "What to reach: stride 4, the box (8, 4, 12, 8): cell (row 1, column 2), offset 0.5, 0.5, size 1, 1.",
    ),
)
heat_loss = Exercise(
    "heat-loss",
    "the focal loss that forgives what is near a peak",
    definitions=("penalty_reduced_focal_loss",),
    points=3,
    hints=(
        "Compute from logits: log p is `ops.log_sigmoid`, and log(1 - p) is log p - logit.",
        "Two sums: over the places where the target is 1, and over all others.",
        "Divide by the number of peaks, and by 1 where there is none.",
        "What to reach: one place with target 1 and p = 0.9 costs 0.01 times -ln 0.9.",
    ),
)
network = Exercise(
    "network",
    "the whole loss, and the way from the maps to boxes, peaks and detections",
    definitions=("CenterNet.compute_loss", "CenterNet.candidates", "CenterNet.decode"),
    points=8,
    hints=(
        "Loss: flatten a map (N, h, w, 2) to (N, h * w, 2), then `ops.take_along_axis` with the objects' cells: only "
        "there is anything asked of size and offset. Mask the padding.",
        "A peak equals the maximum of the 3x3 places around it: `ops.max_pool` with stride 1.",
        "The box of a cell: its column and row plus the offset is the centre; half a size to each side; times stride.",
        "Set what is no peak or below the threshold to 0; `ops.top_k` over places and classes gives the highest.",
        "Place p in the flat row is class p % C of cell p // C. Fewer places than asked for: fill up with -1, 0, -1.",
        "What to reach: two neighbours with scores 0.9 and 0.8 of one class are one detection.",
    ),
)

EXERCISES = Exercises(
    "day2.centernet",
    sources=(
        "keras_cv_course.detect.center_targets",
        "keras_cv_course.losses.penalty_reduced_focal",
        "keras_cv_course.detect.centernet",
    ),
    exercises=(radius, targets, heat_loss, network),
)


@radius.check
def check_radius(mine, rng):
    """At the radius the worst of four moved boxes has exactly the IoU; an IoU that is none is refused."""
    heights, widths = rng.uniform(1, 30, (2, 12)).astype("float32")
    for least in rng.uniform(0.3, 0.8, 3).round(2):
        received = np.asarray(mine.gaussian_radius(heights, widths, float(least)))
        shape_is(received, (12,), "radii", "one for each box")
        worst = [slow_centers.worst_iou(*one) for one in zip(heights, widths, received, strict=True)]
        close_to(
            worst,
            np.full(12, least),
            1e-3,
            f"the worst IoU at the radius of {least}",
            "solve all three cases",
        )
    cases = {"least_iou 0": dict(least_iou=0.0), "least_iou 1": dict(least_iou=1.0)}
    one = np.float32([2])
    all_refused(lambda **kind: mine.gaussian_radius(one, one, **kind), cases)


@targets.check(points=2)
def check_cells_offsets_and_sizes(mine, rng):
    """Objects of a batch one after the other; centres on the far edge; padding."""
    boxes, labels = slow_centers.some_objects(rng)
    boxes[0, 0], labels[0, 0] = [36, 24, 36, 24], 1  # a point in the last corner of 24 x 36 pixels
    received = mine.center_targets(boxes, labels, (6, 9), 4, 3)
    expected = slow_centers.center_targets(mine, boxes, labels, (6, 9), 4, 3)
    valid = labels >= 0
    for name in ("cells", "offsets", "sizes"):
        attempt = "cells: row times width plus column; offsets and sizes in cells, across before down"
        numbers = np.asarray(received[name])
        shape_is(numbers, np.shape(expected[name]), name, attempt)
        close_to(numbers[valid], np.asarray(expected[name])[valid], 1e-4, name, attempt)
    close_to(received["valid"], valid * 1.0, 0, "valid", "1 for objects, 0 where the label is -1")


@targets.check(points=3)
def check_heat_maps(mine, rng):
    """Every number of the map, in a loop; the cell of an object is exactly 1, an image without objects all 0."""
    boxes, labels = slow_centers.some_objects(rng, sides=(0.3, 0.7))
    labels[1] = -1
    for least in (0.3, 0.6):
        received = np.asarray(mine.center_targets(boxes, labels, (12, 18), 2, 3, least)["heat_map"])
        expected = slow_centers.center_targets(mine, boxes, labels, (12, 18), 2, 3, least)["heat_map"]
        shape_is(received, (3, 12, 18, 3), "heat_map", "(N, h, w, C)")
        attempt = "sigma = (2 r + 1) / 6, around the cell, the larger one where peaks of a class meet"
        close_to(received, expected, 1e-4, f"heat_map, least_iou {least}", attempt)
        ones = (received == 1) * 1.0, (expected == 1) * 1.0
        close_to(*ones, 0, "places with exactly 1", "the Gaussian is of the cell")


@heat_loss.check
def check_heat_loss(mine, rng):
    """Random maps in a loop, for two pairs of exponents; far logits; a map without a peak."""
    heat = rng.random((2, 3, 4, 2)).astype("float32")
    heat[rng.random(heat.shape) < 0.2] = 1
    logits = rng.normal(0, 2, heat.shape).astype("float32")
    logits[0, 0, 0] = (60, -60)
    attempt = "two sums, both negative, divided by the number of places with target 1"
    for alpha, beta in ((2.0, 4.0), tuple(rng.uniform(0.5, 3, 2).tolist())):
        for truth in (heat, 0.9 * heat):
            received = mine.penalty_reduced_focal_loss(truth, logits, alpha, beta)
            expected = slow_centers.heat_loss(truth, logits, alpha, beta)
            what = f"loss, alpha {alpha:.2f}, beta {beta:.2f}, {int((truth == 1).sum())} peaks"
            close_to(received, expected, 1e-3 * max(1, abs(expected)), what, attempt)


def _model(mine, **kind):
    return mine.CenterNet(blocks=(1,), filters=(4,), up_filters=(), head_filters=4, classes=3, **kind)


@network.check(points=3)
def check_whole_loss(mine, rng):
    """Outputs as the targets say cost the heat map's loss; errors of size and offset are added with their weights."""
    weights = dict(zip(("size_weight", "offset_weight"), rng.uniform(0.1, 2, 2).tolist(), strict=True))
    model = _model(mine, **weights)
    boxes, labels = slow_centers.some_objects(rng)
    outputs = slow_centers.outputs_of(mine, rng, boxes, labels)
    heat = slow_centers.center_targets(mine, boxes, labels, (6, 9), 4, 3)["heat_map"]
    expected = slow_centers.heat_loss(heat, outputs["heat_map"])
    y, attempt = {"boxes": boxes, "labels": labels}, "mask the padding; divide by the number of objects"
    received = model.compute_loss(y=y, y_pred=outputs)
    close_to(received, expected, 1e-3, "the loss of perfect sizes and offsets", attempt)
    moved = {name: outputs[name] + rng.uniform(0.2, 2, 2).astype("float32") for name in ("size", "offset")}
    by_size, by_offset = (
        np.sum(moved[name] - outputs[name], axis=-1)[0, 0, 0] for name in ("size", "offset")
    )
    expected += weights["size_weight"] * by_size + weights["offset_weight"] * by_offset
    received = model.compute_loss(y=y, y_pred={**outputs, **moved})
    close_to(received, expected, 1e-3 * expected, "the loss of sizes and offsets that are off", attempt)


@network.check(points=2)
def check_candidates(mine, rng):
    """Every cell's box, the scores, and which of them are peaks."""
    outputs = slow_centers.random_outputs(rng)
    boxes, scores, is_peak = mine.CenterNet.candidates(_model(mine), outputs)
    expected = slow_centers.candidates(outputs)
    close_to(
        boxes,
        expected[0],
        1e-3,
        "boxes",
        "centre = cell + offset, in cells; times stride; clipped to the image",
    )
    close_to(scores, expected[1], 1e-5, "scores", "a sigmoid of the logits")
    close_to(
        np.asarray(is_peak) * 1.0,
        expected[2] * 1.0,
        0,
        "is_peak",
        "no score of the same class within 3x3 is higher",
    )


@network.check(points=3)
def check_detections(mine, rng):
    """The best peaks of all classes by falling score; a threshold; more asked for than there are."""
    outputs = slow_centers.random_outputs(rng)
    boxes, scores, is_peak = slow_centers.candidates(outputs)
    least = float(np.quantile(scores, 0.8))
    for asked in (4, 400):
        found = {name: np.asarray(some) for name, some in _model(mine).decode(outputs, asked, least).items()}
        for image in range(2):
            places = np.argwhere(is_peak[image] & (scores[image] >= least))
            order = sorted(places.tolist(), key=lambda one: -scores[image][tuple(one)])[:asked]
            missing = [-1] * (asked - len(order))
            expect(
                found["boxes"].shape == (2, asked, 4),
                f"boxes (2, {asked}, 4)",
                found["boxes"].shape,
                "fill up",
            )
            expected = [c for _, c in order] + missing
            close_to(found["labels"][image], expected, 0, "labels", "place p: class p % C")
            close_to(
                found["boxes"][image, : len(order)],
                boxes[image][[cell for cell, _ in order]],
                1e-3,
                "boxes",
                "p // C",
            )
            kept = [scores[image][tuple(one)] for one in order] + [0] * len(missing)
            close_to(found["scores"][image], kept, 1e-5, "scores", "0 from `count` on")
            close_to(found["count"][image], len(order), 0, "count", "how many are real")


@targets.shows
def image_of_targets(mine):
    """The heat map of three objects, the classes side by side."""
    boxes = np.float32([[[8, 8, 40, 40], [60, 10, 90, 26], [50, 44, 92, 62]]])
    heat = mine.center_targets(boxes, np.array([[0, 0, 1]]), (16, 24), 4, 2)["heat_map"]
    return np.hstack([np.asarray(heat)[0, ..., one] for one in range(2)])
