"""Kernels beside the feature maps that they make of the same images."""

import numpy as np
from matplotlib.figure import Figure


def kernel_responses(images, kernels, maps, title):
    """Draw one kernel a row: its numbers, then its feature map of each image.

    Args:
        images: (N, H, W) images in [0, 1], the first row.
        kernels: {name: (k, k) numbers}.
        maps: {name: (N, h, w) feature maps}, of the same names. Blue is negative, red positive.
        title: what the picture shows, in words.

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
