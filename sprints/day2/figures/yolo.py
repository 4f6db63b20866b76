"""Figures of day2.yolo."""

import textwrap

import numpy as np
from keras import ops
from matplotlib.figure import Figure

from keras_cv_course.boxes.overlap import pairwise_iou
from keras_cv_course.plot.box_panels import box_panels, frame
from keras_cv_course.plot.style import BLUE, GREY, ORANGE, RED

CORRECT, WRONG_CLASS, FALSE_POSITIVE = "correct", "wrong class", "false positive"
COLOURS = {CORRECT: BLUE, WRONG_CLASS: ORANGE, FALSE_POSITIVE: RED}
NOTE = (
    "blue: correct; orange: right place, wrong class; red: other false positives, such as second detections; "
    "dashed grey: missed"
)


def verdicts(overlap, labels, truth, threshold=0.5):
    """What each detection of one image is, and which objects are missed.

    Args:
        overlap: (A, K) IoU of the detections, by falling confidence, with the objects.
        labels: (A,) predicted classes.
        truth: (K,) classes of the objects.
        threshold: least IoU of a detection in the right place.

    Returns:
        list of A names: "correct", "wrong class" or "false positive"; (K,) bool: objects that no correct
        detection has found.
    """
    free, names = np.ones(len(truth), bool), []
    for row, label in zip(overlap, labels, strict=True):
        near = row >= threshold
        mine = np.flatnonzero(near & free & (truth == label))
        if len(mine):
            free[mine[np.argmax(row[mine])]] = False
            names.append(CORRECT)
        else:
            names.append(WRONG_CLASS if np.any(near & free & (truth != label)) else FALSE_POSITIVE)
    return names, free


def detection_sheet(images, truth, detections, classes, score_threshold=0.25, columns=6):
    """Draw detections in the colour of their verdict, and the missed objects dashed.

    Args:
        images: (N, H, W, 1 or 3) in [0, 1].
        truth: boxes (N, K, 4) xyxy in pixels and labels (N, K), -1 for a row of padding.
        detections: boxes (N, A, 4), scores (N, A) and labels (N, A), by falling score, -1 for padding.
        classes: names.
        score_threshold: detections with a lower score are not drawn, and find nothing.
        columns: images a row.

    Returns:
        A matplotlib `Figure`.
    """
    panels = []
    for image, boxes, labels, found, scores, predicted in zip(images, *truth, *detections, strict=True):
        real, there = labels >= 0, (predicted >= 0) & (scores >= score_threshold)
        overlap = np.asarray(pairwise_iou(found[there], boxes[real]))
        names, missed = verdicts(overlap, predicted[there], labels[real])
        drawn = [dict(box=box, colour=GREY, style="--", width=1.4) for box in boxes[real][missed]]
        for name, box, score, label in zip(names, found[there], scores[there], predicted[there]):
            text = f"{classes[label]} {score:.2f}"
            drawn.append(dict(box=box, colour=COLOURS[name], text=text, width=1.8))
        words = f"{np.sum(~missed)} of {real.sum()} found"
        panels.append(dict(image=image, title=words, boxes=drawn))
    title = f"Detections with a score of {score_threshold:g} or more in the first test images"
    return box_panels(panels, title, columns, NOTE, side=2)


def detected_objects(model, image, score_threshold=0.25) -> Figure:
    """Resize an image to the detector's size, and draw what it detects at the image's own scale.

    Args:
        model: a built `YOLO`.
        image: (H, W, channels) in [0, 1], of any size.
        score_threshold: detections with a lower score are not drawn.

    Returns:
        A matplotlib `Figure`; its boxes are in the image's own pixels.
    """
    resized = ops.image.resize(image[None].astype("float32"), model.size, antialias=True)
    found = {name: ops.convert_to_numpy(values)[0] for name, values in model.detect(resized).items()}
    scale = np.array(image.shape[1::-1]) / model.size[::-1]  # across, down
    drawn = []
    for box, score, label in zip(found["boxes"], found["scores"], found["labels"]):
        if label >= 0 and score >= score_threshold:
            name = model.class_names[label] if model.class_names else f"class {label}"
            drawn.append(dict(box=box * np.tile(scale, 2), text=f"{name} {score:.2f}"))
    height, width = image.shape[:2]
    words = f"{len(drawn)} detections with a score of {score_threshold:g} or more"
    panel = dict(image=image, title=f"{width} x {height} pixels", boxes=drawn)
    return box_panels([panel], words, side=8)


def grid_cells(images, boxes, object_mask, confidences):
    """Draw the grid and the objects over each image, and below it the confidence of each cell.

    Args:
        images: (N, H, W, 1 or 3) in [0, 1].
        boxes: (N, K, 4) xyxy in pixels, the truth; rows of -1 are padding.
        object_mask: (N, S, S) bool, cells that hold an object's centre.
        confidences: (N, S, S) in [0, 1], the highest confidence of each cell's boxes.

    Returns:
        A matplotlib `Figure`.
    """
    count, (height, width), cells = len(images), images.shape[1:3], object_mask.shape[1]
    figure = Figure(figsize=(2.1 * count + 0.9, 5.2), layout="constrained")
    title = "Cells that hold an object's centre (orange), and the predicted confidence of each cell"
    figure.suptitle(title, fontsize=13)
    grid = figure.subplots(2, count, squeeze=False)
    extent = (0, width, height, 0)  # the corner of the first pixel is (0, 0)
    for column, (upper, lower) in enumerate(grid.T):
        upper.imshow(images[column], cmap="gray", vmin=0, vmax=1, extent=extent)
        for line in np.arange(1, cells) / cells:
            upper.axvline(line * width, color="white", linewidth=0.6, alpha=0.7)
            upper.axhline(line * height, color="white", linewidth=0.6, alpha=0.7)
        for box in boxes[column][(boxes[column] != -1).any(axis=1)]:
            frame(upper, box, BLUE, 1.6)
            middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            upper.plot(*middle, "o", color=BLUE, markeredgecolor="white", markersize=6)
        shown = np.clip(confidences[column], 0, 1)
        map_ = lower.imshow(shown, cmap="viridis", vmin=0, vmax=1, extent=extent)
        for row, place in np.argwhere(object_mask[column]):
            corner = np.array([place * width, row * height]) / cells
            cell = (*corner, *(corner + np.array([width, height]) / cells))
            for axis in (upper, lower):
                frame(axis, cell, ORANGE, 2.2)
        for axis in (upper, lower):
            axis.set(xticks=[], yticks=[], xlim=(0, width), ylim=(height, 0))
    grid[0, 0].set_ylabel(f"{cells} x {cells} cells, objects (blue)", fontsize=11)
    grid[1, 0].set_ylabel("confidence of each cell", fontsize=11)
    figure.colorbar(map_, ax=grid[1].tolist(), fraction=0.03)
    return figure


def precision_recall_curves(curves, areas, classes):
    """Draw one falling curve a class.

    Args:
        curves: {class: (recall, precision, ...)} as `mean_average_precision` gives them.
        areas: (C,) average precision of each class, NaN where there is none.
        classes: names.

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
        title="Precision and recall of each class, test images", xlabel="recall: share of the objects that are found",
        ylabel="precision: share of the detections that are correct", xlim=(0, 1.02), ylim=(0, 1.03),
    )  # fmt: skip
    axis.spines[["top", "right"]].set_visible(False)
    if order:
        axis.legend(frameon=False, loc="lower left")
    return figure


def busiest_image(images, boxes, scores, iou_threshold, classes, score_threshold=0.1):
    """Draw greedy suppression for the image that has the most boxes with a score of the threshold or more.

    Args:
        images: (N', H, W, 1 or 3) in [0, 1], of which the first N count.
        boxes: (N, A, 4) xyxy in pixels.
        scores: (N, A, C).
        iou_threshold, classes, score_threshold: see `suppression_steps`.
    """
    boxes, scores = np.asarray(boxes), np.asarray(scores)
    one = int(np.argmax(np.sum(scores.max(axis=-1) >= score_threshold, axis=1)))
    return suppression_steps(images[one], boxes[one], scores[one], iou_threshold, classes, score_threshold)


def suppression_steps(image, boxes, scores, iou_threshold, classes, score_threshold=0.1, steps=2):
    """Draw greedy suppression, in each class for itself.

    Args:
        image: (H, W, 1 or 3) in [0, 1].
        boxes: (A, 4) xyxy in pixels.
        scores: (A, C); each box is shown with its best class.
        iou_threshold: IoU above which a box is dropped for a more confident one of its class.
        classes: names.
        score_threshold: boxes with a lower score are not drawn.
        steps: that have a panel of their own.

    Returns:
        A matplotlib `Figure` of at most steps + 2 panels: before, the first steps, the end.
    """
    shown = scores.max(axis=-1) >= score_threshold
    boxes, scores, labels = boxes[shown], scores[shown].max(axis=-1), scores[shown].argmax(axis=-1)
    overlap = np.asarray(pairwise_iou(boxes, boxes))
    left, kept = np.ones(len(boxes), bool), []
    panels = [_panel(image, f"before: {left.sum()} boxes", boxes, scores, labels, left, kept, classes)]
    while left.any():
        best = int(np.argmax(np.where(left, scores, -np.inf)))
        kept.append(best)
        dropped = left & (overlap[best] > iou_threshold) & (labels == labels[best])
        dropped[best] = False
        left &= ~dropped
        left[best] = False
        if len(kept) <= steps and left.any():
            words = f"step {len(kept)}: {classes[labels[best]]} kept, {dropped.sum()} dropped"
            panels.append(_panel(image, words, boxes, scores, labels, left, kept, classes))
    panels.append(_panel(image, f"after: {len(kept)} left", boxes, scores, labels, left, kept, classes))
    title = f"The boxes of one test image with a score of {score_threshold:g} or more, and suppression step by step"
    note = "orange: kept, the most confident of its class at its place; grey: not decided yet"
    return box_panels(panels, title, columns=len(panels), note=note, side=2.8)


def _panel(image, words, boxes, scores, labels, left, kept, classes):
    drawn = [dict(box=box, colour=GREY, width=1) for box in boxes[left]]
    for one in kept:
        text = f"{classes[labels[one]]} {scores[one]:.2f}"
        drawn.append(dict(box=boxes[one], colour=ORANGE, width=2, text=text))
    return dict(image=image, title=words, boxes=drawn)
