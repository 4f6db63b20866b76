"""Images beside the true and the predicted classes of their pixels, or maps of probabilities."""

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from keras_cv_course.plot.overlay import VOID, tone


def mask_panels(columns, classes, title, outlines=None, bar=""):
    """Draw one image a row: itself, masks and maps side by side.

    Args:
        columns: {title of the column: array}, an array being images (N, H, W, 3) in [0, 1], masks (N, H, W) of
            integers with 255 for void, or maps (N, H, W) of floats in [0, 1], white 0 and dark 1.
        classes: the names of the masks' classes; one named "background" is light grey.
        title: what the figure shows, in words.
        outlines: (N, H, W) masks whose outlines are drawn over the maps and over the masks of other columns;
            or None.
        bar: what the maps' numbers are.

    Returns:
        A matplotlib `Figure`.
    """
    rows = len(next(iter(columns.values())))
    figure = Figure(figsize=(0.6 + 1.75 * len(columns), 0.9 + 1.7 * rows), layout="constrained")
    figure.suptitle(title, fontsize=12)
    grid = figure.subplots(rows, len(columns), squeeze=False)
    tones = [tone(value, classes) for value in range(len(classes))]
    colours = ListedColormap(tones).with_extremes(over=tone(VOID, classes))
    shown, maps = set(), None
    for axes, (name, arrays) in zip(grid.T, columns.items(), strict=True):
        axes[0].set_title(name, fontsize=11)
        for row, (axis, array) in enumerate(zip(axes, arrays, strict=True)):
            axis.set(xticks=[], yticks=[])
            if array.ndim == 3:
                axis.imshow(array, vmin=0, vmax=1)
            elif array.dtype.kind == "f":
                maps = axis.imshow(array, cmap="Blues", vmin=0, vmax=1)
            else:
                axis.imshow(array, cmap=colours, vmin=-0.5, vmax=len(classes) - 0.5, interpolation="nearest")
                shown |= set(np.unique(array).tolist()) - {VOID}
            if outlines is not None and array.ndim == 2 and arrays is not outlines:
                _outline(axis, outlines[row])
    if maps is not None:
        figure.colorbar(maps, ax=grid, label=bar, shrink=0.6, aspect=30)
    patches = [Patch(color=tones[value], label=classes[value]) for value in sorted(shown)]
    if patches:
        figure.legend(handles=patches, loc="outside lower center", ncols=6, fontsize=9, frameon=False)
    return figure


def _outline(axis, mask):
    """The boundaries between the classes of a mask, as lines between its pixels."""
    for value in np.unique(mask)[1:]:
        axis.contour(mask == value, levels=[0.5], colors="black", linewidths=0.9)
