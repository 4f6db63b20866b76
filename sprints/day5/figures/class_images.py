"""Figures of day5.class_images."""

import textwrap

import numpy as np
from matplotlib.figure import Figure


def image_grid(rows, headings, title, notes=None):
    """Draw rows of images with a heading over every column.

    Args:
        rows: {label: (N, H, W, 3) in [0, 1]}.
        headings: N texts.
        title: what the figure shows, in words.
        notes: {label: N texts} under the images of a row, or None.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(1.6 + 1.55 * len(headings), 0.9 + 1.75 * len(rows)), layout="constrained")
    figure.suptitle(textwrap.fill(title, 80), fontsize=12)
    grid = figure.subplots(len(rows), len(headings), squeeze=False)
    for axes, (label, images) in zip(grid, rows.items(), strict=True):
        axes[0].set_ylabel(label, rotation=0, ha="right", va="center", fontsize=9)
        for place, (axis, image) in enumerate(zip(axes, images, strict=True)):
            axis.imshow(np.clip(image, 0, 1))
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
            if notes and label in notes:
                axis.set_xlabel(notes[label][place], fontsize=8)
    for axis, heading in zip(grid[0], headings, strict=True):
        axis.set_title(textwrap.fill(heading, 18), fontsize=9)
    return figure
