"""Figures of day1.convolution."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from keras_cv_course.classify.feature_maps import added_pixels, feature_map_size
from keras_cv_course.plot.style import BLUE, ORANGE, SKY

CASES = (
    dict(size=7, kernel=3, stride=1, padding="valid"),
    dict(size=7, kernel=3, stride=1, padding="same"),
    dict(size=7, kernel=3, stride=2, padding="valid"),
    dict(size=8, kernel=3, stride=2, padding="same"),
    dict(size=7, kernel=1, stride=1, padding="valid"),
)


def window_grid(cases, title):
    """Draw one panel a case: the image's pixels and the padding, three windows, and the feature map below.

    The first window is orange, the second light blue, the last of the row dark blue.

    Args:
        cases: list of dicts with `size`, `kernel`, `stride` and `padding`, as `feature_map_size` takes them.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(1.9 * len(cases), 4.9), layout="constrained")
    figure.suptitle(title, fontsize=12)
    lowest = max(case["size"] + added_pixels(**case)[1] + feature_map_size(**case) for case in cases) + 1.7
    for axis, case in zip(figure.subplots(1, len(cases), squeeze=False)[0], cases, strict=True):
        size, kernel, stride = case["size"], case["kernel"], case["stride"]
        before, after = added_pixels(**case)
        count = feature_map_size(**case)
        for row in range(-before, size + after):
            for column in range(-before, size + after):
                inside = 0 <= row < size and 0 <= column < size
                axis.add_patch(
                    Rectangle((column, row), 1, 1, facecolor="0.85" if inside else "white", edgecolor="0.6")
                )
        for number, colour, width in ((count - 1, BLUE, 2), (1, SKY, 2), (0, ORANGE, 3)):
            start = number * stride - before
            if number < count:
                axis.add_patch(
                    Rectangle((start, -before), kernel, kernel, fill=False, edgecolor=colour, linewidth=width)
                )
        top = size + after + 1.2
        for row in range(count):
            for column in range(count):
                colour = {0: ORANGE, count - 1: BLUE, 1: SKY}.get(column, "white") if row == 0 else "white"
                axis.add_patch(
                    Rectangle((column, top + row), 1, 1, facecolor=colour, edgecolor="0.4", alpha=0.8)
                )
        zeros = f"{before}" if before == after else f"{before} and {after}"
        axis.set_title(
            f"{size} pixels, kernel {kernel}\nstride {stride}, p = {zeros}\n→  {count}", fontsize=10
        )
        axis.set(xlim=(-1.3, size + 1.3), ylim=(lowest, -1.3), aspect="equal")
        axis.axis("off")
    return figure


def kernel_responses(images, kernels, maps, title):
    """Draw one kernel a row: its numbers, then its feature map of each image.

    Args:
        images: (N, H, W) images in [0, 1], the first row.
        kernels: {name: (k, k) numbers}.
        maps: {name: (N, h, w) feature maps}, of the same names. Blue is negative, red positive.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    columns = len(images) + 1
    figure = Figure(figsize=(1.3 + 1.25 * columns, 0.5 + 1.3 * (1 + len(kernels))), layout="constrained")
    figure.suptitle(title, fontsize=12)
    grid = figure.subplots(1 + len(kernels), columns, squeeze=False)
    for axis in grid.ravel():
        axis.set(xticks=[], yticks=[])
    grid[0, 0].axis("off")
    for axis, image in zip(grid[0, 1:], images, strict=True):
        axis.imshow(image, cmap="gray", vmin=0, vmax=1)
    for axes, (name, kernel) in zip(grid[1:], kernels.items(), strict=True):
        largest = np.abs(kernel).max()
        axes[0].imshow(kernel, cmap="RdBu_r", vmin=-2 * largest, vmax=2 * largest)
        for (row, column), number in np.ndenumerate(kernel):
            axes[0].text(column, row, f"{number:.2g}", ha="center", va="center", fontsize=9)
        axes[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)
        largest = np.abs(maps[name]).max()
        for axis, image in zip(axes[1:], maps[name], strict=True):
            axis.imshow(image, cmap="RdBu_r", vmin=-largest, vmax=largest)
    return figure
