"""Pictures under a detector's grid: which cell answers for which object, and how sure each cell is."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from keras_cv_course.plot.style import BLUE, ORANGE


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
