"""Boxes: from thousands of guesses to one box an object, and one number that says how good they are."""

import numpy as np

from keras_cv_course import data
from keras_cv_course.boxes.anchors import pyramid_anchors
from keras_cv_course.boxes.average_precision import average_precision, mean_average_precision
from keras_cv_course.boxes.formats import FORMATS, convert
from keras_cv_course.boxes.matching import IGNORED, match
from keras_cv_course.boxes.overlap import giou, iou, pairwise_iou
from keras_cv_course.boxes.simulated_detections import pretended_answers
from keras_cv_course.boxes.suppression import suppress
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.plot.box_panels import box_panels
from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.style import BLUE, GREEN, GREY, ORANGE


@lesson(
    quick=dict(limit=60),
    full=dict(size=128, strides=(16, 32, 64)),
    batch_size=None,
    limit=500,
    targets={
        "shapes:several": dict(
            formats_there_and_back=at_most(1e-3),
            objects_covered=at_least(0.85),
            map50_after=at_least(0.8),
            map50_gain=at_least(0.3),
        )
    },
)
def boxes(
    run,
    dataset: str = "shapes:several",
    size: int = 64,
    strides: tuple[int, ...] = (8, 16, 32),
    ratios: tuple[float, ...] = (0.5, 1.0, 2.0),
    threshold: float = 0.45,
):
    """Follow pictures through a detector's machinery: formats, overlap, anchors, suppression, mAP.

    The network is not there yet: its answers are pretended, so that the machinery can be looked at alone.

    Args:
        dataset: shapes:several is built in: one to five objects a picture.
        size: pictures are drawn size x size pixels.
        strides: pixels between the anchors of each map; the anchors are 1.5 and 2.1 strides wide.
        ratios: height / width of the anchors.
        threshold: IoU above which suppression drops a box for a surer one.
    """
    # %% Boxes and their formats: four numbers, and at least four opinions about which.
    _, pictures, _ = loaded = data.load(dataset, limit=run.limit, size=size)
    classes, rng = loaded.info.classes, np.random.default_rng(run.seed)
    real = pictures.box_classes >= 0
    there_and_back = [
        np.abs(
            np.asarray(convert(convert(pictures.boxes, "xyxy", name), name, "xyxy")) - pictures.boxes
        ).max()
        for name in FORMATS
    ]
    run.metrics(formats_there_and_back=max(there_and_back))

    # %% Overlap: IoU is 0 for every pair that does not touch, near or far. GIoU still falls with distance.
    box, places = np.float32([0, 0, 2, 2]), np.linspace(0, 6, 61, dtype="float32")
    moved = np.stack([places, 0 * places, places + 2, 0 * places + 2], axis=-1)
    lines = {"IoU": iou(box, moved), "GIoU": giou(box, moved)}
    title = "Two boxes of width 2: IoU cannot tell near from far once they part, GIoU can"
    run.figure("overlap", curves(places, lines, title, "how far the second is moved", "overlap"), alt=title)

    # %% Anchors: boxes of a few sizes and shapes about every cell. Does every object have one that fits?
    tiles = pyramid_anchors((size, size), strides, [(1.5 * s, 2.1 * s) for s in strides], ratios)
    overlap = np.asarray(pairwise_iou(tiles[None], pictures.boxes))  # (N, anchors, K)
    fits = overlap.max(axis=1)[real]
    run.metrics(anchors=len(tiles), objects=int(real.sum()), objects_covered=np.mean(fits >= 0.5))

    # %% Matching: which anchor answers for which object, which for the ground, and which for nothing.
    matched = np.asarray(match(overlap, real, positive=0.5, negative=0.4))
    # A picture to look at: of those with three objects, the one whose smallest object is largest.
    areas = np.prod(pictures.boxes[..., 2:] - pictures.boxes[..., :2], axis=-1)
    smallest = np.where(real, areas, np.inf).min(axis=1)
    shown = int(np.argmax(np.where(real.sum(axis=1) == 3, smallest, -1)))
    image, truth = pictures.images[shown], pictures.boxes[shown][real[shown]]
    middle = len(tiles) // 2
    cell = tiles[middle - middle % (2 * len(ratios)) :][: 2 * len(ratios)]
    positive, ignored = (tiles[chosen] for chosen in (matched[shown] >= 0, matched[shown] == IGNORED))
    panels = [
        ("the objects", [(truth, GREEN, 2)]),
        (f"one cell's {len(cell)} anchors of {len(tiles):,}", [(cell, BLUE, 2)]),
        (f"{len(positive)} anchors answer for an object", [(positive, ORANGE, 1), (truth, GREEN, 2)]),
        (f"{len(ignored)} are ignored: IoU from 0.4 to 0.5", [(ignored, GREY, 1), (truth, GREEN, 2)]),
    ]
    title = "Most anchors see nothing; the few that fit an object learn its class and the way to its box"
    run.figure("anchors", box_panels([drawn(image, *panel) for panel in panels], title), alt=title)

    # %% Answers, too many of them: every anchor near an object says so. Suppression keeps the surest.
    answers = pretended_answers(tiles, pictures.boxes, pictures.box_classes, len(classes), (size, size), rng)
    found, sure, told = answers
    kept = np.asarray(suppress(found, sure, threshold, most=30, classes=told))
    clear = sure[shown] > 0.3
    order = [number for number in kept[shown] if number >= 0 and clear[number]]
    panels = [drawn(image, f"{clear.sum()} answers with a score above 0.3", [(found[shown][clear], GREY, 1)])]
    for steps in (1, 2, len(order)):
        chosen = found[shown][order[:steps]]
        same = told[shown][None] == told[shown][order[:steps]][:, None]
        near = np.asarray(pairwise_iou(chosen, found[shown])) > threshold
        left = clear & ~np.any(near & same, axis=0)
        words = f"step {steps}: {left.sum()} left"
        panels.append(drawn(image, words, [(found[shown][left], GREY, 1), (chosen, ORANGE, 2)]))
    title = "Suppression: keep the surest box (orange), drop all of its class that overlap it, repeat"
    run.figure("suppression", box_panels(panels, title), alt=title)

    # %% Mean average precision: in order of score, which share is right, which share of objects is found?
    pick = np.maximum(kept, 0)
    after = (
        np.take_along_axis(found, pick[..., None], axis=1),
        np.take_along_axis(sure, pick, axis=1),
        np.where(kept >= 0, np.take_along_axis(told, pick, axis=1), -1),
    )
    before = found, sure, np.where(sure > 0, told, -1)
    results = {
        name: mean_average_precision(some, (pictures.boxes, pictures.box_classes), len(classes), most=300)
        for name, some in (("before", before), ("after", after))
    }
    run.metrics(
        map50_before=results["before"]["mean"],
        map50_after=results["after"]["mean"],
        map50_gain=results["after"]["mean"] - results["before"]["mean"],
    )
    recall, precision, _ = results["after"]["curves"][0]
    for points in ("voc11", "all"):
        run.baseline(
            "map50_after", f"{classes[0]} alone, {points}", average_precision(recall, precision, points)
        )
    shares = np.linspace(0, 1, 101)
    lines = {}
    for name, result in results.items():
        recall, precision, _ = result["curves"][0]
        best = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
        lines[f"{name} suppression: AP {result['by_class'][0, 0]:.2f}"] = best[
            np.searchsorted(recall, shares)
        ]
    title = f"Class {classes[0]}: every second box on the same object counts as wrong"
    run.figure("precision_recall", curves(shares, lines, title, "recall", "precision"), alt=title)


def drawn(image, words, layers):
    """A panel for `box_panels` from layers of (boxes, colour, width)."""
    one = [dict(box=box, colour=colour, width=width) for some, colour, width in layers for box in some]
    return dict(image=image, title=words, boxes=one)


if __name__ == "__main__":
    boxes.main()
