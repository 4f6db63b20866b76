"""What the kernels of a network look like, and what its feature maps see in one image."""

import numpy as np
from matplotlib.figure import Figure


def feature_maps(image, rows, title, columns=12):
    """Draw an image, then a row of small pictures for each group: kernels, or the feature maps of a stage.

    Args:
        image: (H, W, 1 or 3) image in [0, 1].
        rows: {label: (count, h, w) kernels or maps}; at most `columns` of each are drawn. Kernels (any
            negative numbers) are drawn blue to red around 0, maps from black to white, each row on one scale.
        title: what the picture shows, in words.
        columns: pictures in a row.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(3.4 + 0.85 * columns, 0.6 + 0.95 * len(rows)), layout="constrained")
    figure.suptitle(title, fontsize=12)
    grid = figure.add_gridspec(len(rows), columns + 3)
    axis = figure.add_subplot(grid[:, :2])
    axis.imshow(image, cmap="gray", vmin=0, vmax=1)
    axis.set(xticks=[], yticks=[], xlabel="the image")
    for row, (label, pictures) in enumerate(rows.items()):
        pictures = np.asarray(pictures)[:columns]
        low, high = float(pictures.min()), float(pictures.max())
        if low < 0:
            high = max(-low, high)
            low = -high
        for column, picture in enumerate(pictures):
            axis = figure.add_subplot(grid[row, 3 + column])
            axis.imshow(picture, cmap="RdBu_r" if low < 0 else "gray", vmin=low, vmax=high)
            axis.set(xticks=[], yticks=[])
            if column == 0:
                axis.set_ylabel(label, rotation=0, ha="right", va="center", fontsize=10)
    return figure
