"""Figures of day1.cnn."""

import numpy as np
from keras import ops
from matplotlib.figure import Figure


def kernels_and_maps(model, image):
    """The rows of `feature_maps` for a `ConvolutionalClassifier`: its first kernels, then its maps of an image.

    Args:
        model: a built `ConvolutionalClassifier`.
        image: (H, W, C) image in [0, 1].

    Returns:
        {label: (count, h, w)}; kernels of several channels are averaged over them.
    """
    maps = {name: ops.convert_to_numpy(values)[0] for name, values in model.endpoints(image[None]).items()}
    rows = {"first kernels": np.asarray(model.convolutions[0].kernel).mean(axis=2)}
    rows |= {name: values for name, values in maps.items() if name != "features"}
    return {name: np.moveaxis(values, -1, 0) for name, values in rows.items()}


def feature_maps(image, rows, title, columns=8):
    """Draw an image, then a row for each group: kernels, or the feature maps of a stage.

    Args:
        image: (H, W, 1 or 3) image in [0, 1].
        rows: {label: (count, h, w) kernels or maps}; at most `columns` of each are drawn. Where there are
            negative values, blue is negative, white 0 and red positive; else black is the lowest value and white
            the highest. Each row has one scale.
        title: what the figure shows, in words.
        columns: maps in a row.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(2.6 + 0.8 * columns, 0.6 + 0.85 * len(rows)), layout="constrained")
    figure.suptitle(title, fontsize=12)
    grid = figure.add_gridspec(len(rows), columns + 3)
    axis = figure.add_subplot(grid[:2, :2])
    axis.imshow(image, cmap="gray", vmin=0, vmax=1)
    axis.set(xticks=[], yticks=[])
    axis.set_xlabel("image", fontsize=11)
    for row, (label, maps) in enumerate(rows.items()):
        maps = np.asarray(maps)[:columns]
        low, high = float(maps.min()), float(maps.max())
        if low < 0:
            high = max(-low, high)
            low = -high
        for column, values in enumerate(maps):
            axis = figure.add_subplot(grid[row, 3 + column])
            axis.imshow(values, cmap="RdBu_r" if low < 0 else "gray", vmin=low, vmax=high)
            axis.set(xticks=[], yticks=[])
            if column == 0:
                axis.set_ylabel(label, rotation=0, ha="right", va="center", fontsize=11)
    return figure
