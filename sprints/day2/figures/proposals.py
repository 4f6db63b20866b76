"""Figures of day2.proposals."""

import numpy as np
from matplotlib.figure import Figure
from skimage import feature

from keras_cv_course.boxes.overlap import pairwise_iou
from keras_cv_course.plot.box_panels import box_panels
from keras_cv_course.plot.curves import STYLES
from keras_cv_course.plot.style import GREEN, ORANGE


def merging_steps(image, segments, parents, lefts=(24, 12, 6, 3)):
    """Draw an image, and its regions in their mean colours after some of the mergers.

    Args:
        image: (H, W, 3) in [0, 1].
        segments: (H, W) integers, 0 to R - 1.
        parents: (R - 1, 2) the mergers in their order, as `grouping` gives them.
        lefts: numbers of regions to stop at; those of R or more are left out.

    Returns:
        A matplotlib `Figure`.
    """
    count = segments.max() + 1
    panels = [dict(image=image, title="image", boxes=[])]
    for left in (count, *(some for some in lefts if some < count)):
        regions = merged_segments(segments, parents[: count - left])
        panels.append(dict(image=mean_colours(image, regions), title=f"{left} regions", boxes=[]))
    title = "Regions of one test image in their mean colours, from the first segments on"
    return box_panels(panels, title, columns=len(panels), side=1.9)


def merged_segments(segments, parents):
    """Segments (H, W) after the first mergers: parents (M, 2), as `grouping` gives them."""
    numbers = np.arange(segments.max() + 1 + len(parents))
    for number, pair in enumerate(parents, start=segments.max() + 1):
        numbers[np.isin(numbers, numbers[pair])] = number
    return numbers[segments]


def mean_colours(image, segments):
    """The image (H, W, 3), each region (H, W) in its mean colour."""
    _, index = np.unique(segments, return_inverse=True)
    index = index.reshape(-1)
    sums = [np.bincount(index, channel) for channel in image.reshape(-1, 3).T]
    return (np.stack(sums, axis=1) / np.bincount(index)[:, None])[index].reshape(image.shape)


def recall_curves(counts, recalls):
    """Draw recall against the number of proposals, which grows by factors.

    Args:
        counts: (N,) numbers of proposals.
        recalls: {method: (N,) recall}, ours first.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(8, 4.4), layout="constrained")
    axis = figure.subplots()
    for (name, values), (colour, marker, dash) in zip(recalls.items(), STYLES, strict=False):
        axis.plot(counts, values, color=colour, marker=marker, linestyle=dash, markersize=5, label=name)
    axis.set_xscale("log", base=10)
    axis.set_xticks(counts, [f"{count}" for count in counts])
    axis.minorticks_off()
    axis.set(
        title="Recall of the first N proposals of an image, test images",
        xlabel="proposals an image (N)", ylabel="share of the objects with an IoU of 0.5 or more", ylim=(0, 1.02),
    )  # fmt: skip
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def best_proposals(images, objects, proposals, most):
    """Draw objects, and for each the proposal with the largest IoU among the first ones.

    Args:
        images: (N, H, W, 3) in [0, 1].
        objects: (N, K, 4) xyxy, rows of -1 for padding.
        proposals: N arrays (P, 4) xyxy.
        most: how many proposals of an image count.

    Returns:
        A matplotlib `Figure`.
    """
    panels = []
    for image, boxes, some in zip(images, objects, proposals, strict=True):
        boxes, drawn = boxes[boxes[:, 2] > boxes[:, 0]], []
        overlap = np.asarray(pairwise_iou(some[:most], boxes))
        for box, column in zip(boxes, overlap.T, strict=True):
            best = int(column.argmax())
            drawn.append(dict(box=box, colour=GREEN))
            drawn.append(dict(box=some[best], colour=ORANGE, text=f"IoU {column[best]:.2f}"))
        panels.append(dict(image=image, title=f"{len(boxes)} objects", boxes=drawn))
    title = f"Objects, and the best of the first {most} proposals for each"
    return box_panels(panels, title, note="green: objects; orange: proposals", side=2.6)


def gradient_histograms(images, cell):
    """Draw images above their histograms of oriented gradients.

    Args:
        images: (N, H, W, C) in [0, 1].
        cell: pixels of a cell's side.

    Returns:
        A matplotlib `Figure`.
    """
    shape = dict(orientations=9, pixels_per_cell=(cell, cell), cells_per_block=(2, 2), channel_axis=-1)
    drawn = [feature.hog(image, **shape, visualize=True)[1] for image in images]
    panels = [dict(image=image, title="image", boxes=[]) for image in images]
    panels += [
        dict(image=np.clip(lines / max(lines.max(), 1e-9), 0, 1), title="gradients", boxes=[])
        for lines in drawn
    ]
    title = f"Four test images and their gradient directions in cells of {cell}x{cell} pixels"
    return box_panels(panels, title, columns=len(images), side=2.6)


def detections(images, found, classes, least):
    """Draw detections with their class and score.

    Args:
        images: (N, H, W, C) in [0, 1].
        found: {method: (boxes (N, A, 4), scores (N, A), labels (N, A))}.
        classes: names.
        least: the lowest score that is drawn.

    Returns:
        A matplotlib `Figure`, a row a method.
    """
    panels = []
    for name, (boxes, scores, labels) in found.items():
        for number, image in enumerate(images):
            shown = [row for row in range(len(scores[number])) if scores[number, row] >= least]
            drawn = [
                dict(box=boxes[number, row], text=f"{classes[labels[number, row]]} {scores[number, row]:.2f}")
                for row in shown
            ]
            panels.append(dict(image=image, title=f"{name}: {len(shown)}", boxes=drawn))
    title = f"Detections with a score of {least:g} or more, after suppression"
    return box_panels(panels, title, columns=len(images), side=2.6)
