"""A classifier's probabilities of every class, as bars beside the image."""

import textwrap

import numpy as np
from matplotlib.figure import Figure

from keras_cv_course.plot.style import BLUE, GREY


def soft_labels(images, predictions, classes, title):
    """Draw one image a row, then one chart of bars for each prediction about it.

    Args:
        images: (N, H, W, 1 or 3) images in [0, 1].
        predictions: {heading of the column: (N, classes) probabilities}.
        classes: names of the classes.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    rows, columns = len(images), 1 + len(predictions)
    figure = Figure(figsize=(1.2 + 2.0 * len(predictions), 0.8 + 1.15 * rows), layout="constrained")
    figure.suptitle(textwrap.fill(title, 16 * columns), fontsize=12)
    words = "class (the bars of a chart sum to 1; the most probable class is blue)"
    figure.supxlabel(textwrap.fill(words, 18 * columns), fontsize=10)
    grid = figure.subplots(rows, columns, squeeze=False, width_ratios=[0.7] + [1.6] * len(predictions))
    places = np.arange(len(classes))
    for row, (axes, image) in enumerate(zip(grid, images, strict=True)):
        axes[0].imshow(image, cmap="gray", vmin=0, vmax=1)
        axes[0].set(xticks=[], yticks=[])
        for axis, (heading, probabilities) in zip(axes[1:], predictions.items(), strict=True):
            shares = np.asarray(probabilities)[row]
            axis.bar(places, shares, color=[BLUE if share == shares.max() else GREY for share in shares])
            axis.set(ylim=(0, 1), xticks=places, xticklabels=[], yticks=[0, 0.5, 1])
            axis.tick_params(labelsize=8)
            axis.spines[["top", "right"]].set_visible(False)
            if row == 0:
                axis.set_title(heading, fontsize=11)
            if row == rows - 1:
                axis.set_xticklabels(classes)
            if axis is not axes[1]:
                axis.set_yticklabels([])
    return figure
