"""Figures of day2.centernet."""

import numpy as np
from matplotlib.figure import Figure

from keras_cv_course.plot.box_panels import box_panels
from keras_cv_course.plot.style import BLUE, GREY


def heat_maps(images, boxes, targets, predicted, stride):
    """Draw images with their centres, and below each the heat maps that were asked for and that came out.

    Args:
        images: (N, H, W, 1 or 3) in [0, 1].
        boxes: (N, K, 4) xyxy in pixels, the truth; rows of -1 are padding.
        targets, predicted: (N, h, w, C) in [0, 1]; the largest number of all classes is drawn.
        stride: pixels from one cell to the next.

    Returns:
        A matplotlib `Figure`.
    """
    count, (height, width) = len(images), images.shape[1:3]
    figure = Figure(figsize=(2.1 * count + 0.9, 7), layout="constrained")
    figure.suptitle(
        "Heat maps of five test images, the largest number of all classes; circles: true centres", fontsize=13
    )
    grid = figure.subplots(3, count, squeeze=False)
    extent = (0, width, height, 0)  # the corner of the first pixel is (0, 0)
    for column, axes in enumerate(grid.T):
        axes[0].imshow(images[column], cmap="gray", vmin=0, vmax=1, extent=extent)
        for axis, heat in zip(axes[1:], (targets[column], predicted[column]), strict=True):
            drawn = axis.imshow(heat.max(axis=-1), cmap="viridis", vmin=0, vmax=1, extent=extent)
        real = boxes[column][(boxes[column] != -1).any(axis=1)]
        x, y = (real[:, :2] + real[:, 2:]).T / 2
        for axis in axes:
            kind = dict(marker="o", linestyle="none", markersize=9, markerfacecolor="none")
            axis.plot(x, y, color="white", markeredgewidth=3, **kind)
            axis.plot(x, y, color=BLUE, markeredgewidth=1.5, **kind)
            axis.set(xticks=[], yticks=[], xlim=(0, width), ylim=(height, 0))
    for axis, words in zip(
        grid[:, 0], (f"images, {stride} pixels a cell", "target", "predicted"), strict=True
    ):
        axis.set_ylabel(words, fontsize=11)
    figure.colorbar(drawn, ax=grid[1:].ravel().tolist(), fraction=0.03)
    return figure


def lists_of_one_image(images, lists, score_threshold=0.1):
    """Draw what each detector reports in one image, before suppression and after it.

    The image is that in which the last detector has the most boxes before suppression.

    Args:
        images: (N, H, W, 1 or 3) in [0, 1].
        lists: {detector: (before, after)}, each with boxes (N, A, 4), scores and labels (N, A), -1 for padding.
        score_threshold: detections with a lower score are not drawn.

    Returns:
        A matplotlib `Figure`.
    """
    crowded = list(lists.values())[-1][0]["scores"] >= score_threshold
    one, panels = int(np.argmax(crowded.sum(axis=1))), []
    for name, pair in lists.items():
        for when, found in zip(("before", "after"), pair, strict=True):
            shown = found["scores"][one] >= score_threshold
            colour = GREY if when == "before" else BLUE
            drawn = [dict(box=box, colour=colour, width=1.5) for box in found["boxes"][one][shown]]
            words = f"{name}, {when} suppression: {len(drawn)} boxes"
            panels.append(dict(image=images[one], title=words, boxes=drawn))
    title = f"Detections with a score of {score_threshold:g} or more in one test image"
    return box_panels(panels, title, columns=len(panels), side=3.2)
