"""Figures of day2.yolo."""

import textwrap

import numpy as np
from keras import ops
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from keras_cv_course.plot.box_panels import box_panels
from keras_cv_course.plot.style import BLUE, GREY, ORANGE, RED

HIT, WRONG_CLASS, WRONG_PLACE = "hit", "wrong class", "wrong place"
COLOURS = {HIT: BLUE, WRONG_CLASS: ORANGE, WRONG_PLACE: RED}
NOTE = "blue: right; orange: right place, wrong class; red: wrong place, or found before; dashed: missed"


def verdicts(overlap, labels, truth, threshold=0.5):
    """What each detection of one picture is, and which objects no detection has found.

    Args:
        overlap: (A, K) IoU of the detections, surest first, with the objects.
        labels: (A,) classes of the detections.
        truth: (K,) classes of the objects.
        threshold: IoU from which on a detection is in the right place.

    Returns:
        list of A names: "hit", "wrong class" or "wrong place"; (K,) bool: objects that have no hit.
    """
    free, names = np.ones(len(truth), bool), []
    for row, label in zip(overlap, labels, strict=True):
        near = row >= threshold
        mine = np.flatnonzero(near & free & (truth == label))
        if len(mine):
            free[mine[np.argmax(row[mine])]] = False
            names.append(HIT)
        else:
            names.append(WRONG_CLASS if np.any(near & free & (truth != label)) else WRONG_PLACE)
    return names, free


def detection_sheet(images, truth, detections, overlaps, classes, title, columns=6):
    """Draw detections in the colour of their verdict, and dashed what was missed.

    Args:
        images: (N, H, W, 1 or 3) in [0, 1].
        truth: boxes (N, K, 4) xyxy in pixels and labels (N, K), -1 for a row without object.
        detections: boxes (N, A, 4), scores (N, A) and labels (N, A), surest first, -1 for none.
        overlaps: (N, A, K) IoU of the detections with the objects.
        classes: names.
        title: what the picture shows, in words.
        columns: pictures a row.

    Returns:
        A matplotlib `Figure`.
    """
    panels = []
    for image, boxes, labels, found, scores, told, overlap in zip(
        images, *truth, *detections, overlaps, strict=True
    ):
        real, said = labels >= 0, told >= 0
        names, missed = verdicts(overlap[said][:, real], told[said], labels[real])
        drawn = [dict(box=box, colour=GREY, style="--", width=1.4) for box in boxes[real][missed]]
        for name, box, score, label in zip(names, found[said], scores[said], told[said]):
            text = f"{classes[label]} {score:.2f}"
            drawn.append(dict(box=box, colour=COLOURS[name], text=text, width=1.8))
        panels.append(dict(image=image, title=_title(labels[real], missed, classes), boxes=drawn))
    return box_panels(panels, title, columns, NOTE, side=2)


def _title(labels, missed, classes):
    if len(labels) == 1:
        return classes[labels[0]]
    return f"{np.sum(~missed)} of {len(labels)} found"


def found_objects(model, image, least=0.25) -> Figure:
    """Squeeze a picture to the detector's size, and draw what it finds at the picture's own scale.

    Args:
        model: a built detector with `size` (height, width), `names` of the classes or None, and `find`, such
            as `YOLO`.
        image: (H, W, 3) in [0, 1], of any size.
        least: answers with a score below this are not drawn.

    Returns:
        A matplotlib `Figure`; its boxes are in the picture's own pixels.
    """
    squeezed = ops.image.resize(image[None].astype("float32"), model.size, antialias=True)
    found = {name: np.asarray(values)[0] for name, values in model.find(squeezed).items()}
    scale = np.array(image.shape[1::-1]) / model.size[::-1]  # across, down
    drawn = []
    for box, score, label in zip(found["boxes"], found["scores"], found["labels"]):
        if label >= 0 and score >= least:
            name = model.names[label] if model.names else f"class {label}"
            drawn.append(dict(box=box * np.tile(scale, 2), text=f"{name} {score:.2f}"))
    height, width = image.shape[:2]
    words = f"{len(drawn)} found with a score of {least:g} or more"
    panel = dict(image=image, title=f"{width} x {height} pixels", boxes=drawn)
    return box_panels([panel], words, side=8)


def grid_cells(images, boxes, responsible, confidences, title):
    """Draw the grid over each picture, and below it the confidence map.

    Args:
        images: (N, H, W, 1 or 3) in [0, 1].
        boxes: (N, K, 4) xyxy in pixels, the truth; rows of -1 are no object.
        responsible: (N, S, S) bool, cells that hold an object's centre.
        confidences: (N, S, S) in [0, 1], of each cell's surest box.
        title: what the picture shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    count, (height, width), cells = len(images), images.shape[1:3], responsible.shape[1]
    figure = Figure(figsize=(2.5 * count + 1.2, 6.0), layout="constrained")
    figure.suptitle(title, fontsize=13)
    grid = figure.subplots(2, count, squeeze=False)
    extent = (0, width, height, 0)  # the corner of the first pixel is (0, 0)
    for column, (upper, lower) in enumerate(grid.T):
        upper.imshow(images[column], cmap="gray", vmin=0, vmax=1, extent=extent)
        for line in np.arange(1, cells) / cells:
            upper.axvline(line * width, color="white", linewidth=0.6, alpha=0.7)
            upper.axhline(line * height, color="white", linewidth=0.6, alpha=0.7)
        for left, top, right, bottom in boxes[column][(boxes[column] != -1).any(axis=1)]:
            _frame(upper, left, top, right - left, bottom - top, BLUE, 1.6)
            middle = (left + right) / 2, (top + bottom) / 2
            upper.plot(*middle, "o", color=BLUE, markeredgecolor="white", markersize=6)
        map_ = lower.imshow(np.clip(confidences[column], 0, 1), cmap="viridis", vmin=0, vmax=1, extent=extent)
        for row, place in np.argwhere(responsible[column]):
            cell = place * width / cells, row * height / cells, width / cells, height / cells
            for axis in (upper, lower):
                _frame(axis, *cell, ORANGE, 2.2)
        for axis in (upper, lower):
            axis.set(xticks=[], yticks=[], xlim=(0, width), ylim=(height, 0))
    grid[0, 0].set_ylabel(f"{cells} x {cells} cells, and the object", fontsize=10)
    grid[1, 0].set_ylabel("confidence of each cell's surest box", fontsize=10)
    figure.colorbar(map_, ax=grid[1].tolist(), label="confidence", fraction=0.03)
    return figure


def _frame(axis, left, top, width, height, colour, line):
    for edge, thick in (("black", line + 1.2), (colour, line)):
        axis.add_patch(
            Rectangle((left, top), width, height, fill=False, edgecolor=edge, linewidth=thick, clip_on=False)
        )


def precision_recall_curves(curves, areas, classes, title):
    """Draw one falling curve a class.

    Args:
        curves: {class: (recall, precision, ...)} as `mean_average_precision` gives them.
        areas: (C,) average precision of each class, NaN where there is none.
        classes: names.
        title: what the picture shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(7, 4.4), layout="constrained")
    axis = figure.subplots()
    order = sorted(curves, key=lambda one: areas[one])
    styles = {one: dict(color=GREY, linewidth=1, alpha=0.7) for one in order}
    named = {order[0]: dict(color=RED, linestyle="--"), order[-1]: dict(color=BLUE)} if order else {}
    for one in [*order[1:-1], *named]:
        recall, precision = (np.asarray(some) for some in curves[one][:2])
        # The curve that average precision is the area of: p(r) = max of p(r') over r' >= r.
        best = np.maximum.accumulate(precision[::-1])[::-1]
        steps = np.concatenate([[0], recall, recall[-1:], [1]])
        heights = np.concatenate([best[:1], best, [0, 0]])
        kind = {**styles[one], **(dict(linewidth=2.4, alpha=1, **named[one]) if one in named else {})}
        label = f"{classes[one]}: average precision {areas[one]:.2f}" if one in named else None
        axis.step(steps, heights, where="pre", label=label, **kind)
    if len(order) > 2:
        others = ", ".join(f"{classes[one]} {areas[one]:.2f}" for one in order[-2:0:-1])
        axis.plot([], [], color=GREY, linewidth=1, label=textwrap.fill(others, 45))
    axis.set(
        title=textwrap.fill(title, 75), xlabel="recall: share of the objects that are found",
        ylabel="precision: share of the answers that are right", xlim=(0, 1.02), ylim=(0, 1.03),
    )  # fmt: skip
    axis.spines[["top", "right"]].set_visible(False)
    if order:
        axis.legend(frameon=False, loc="lower left")
    return figure


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
