"""Misclassified images, each with its class, the prediction and its probability."""

import numpy as np
from matplotlib.figure import Figure


def mistakes(images, labels, probabilities, classes, title, columns=6, rows=3):
    """Draw the misclassified images, the most confident ones first.

    Args:
        images: (N, H, W, 1 or 3) images in [0, 1].
        labels: (N,) true classes.
        probabilities: (N, classes) predicted probabilities; rows sum to 1.
        classes: names of the classes.
        title: what the figure shows, in words.
        columns: images in a row.
        rows: rows at most.

    Returns:
        A matplotlib `Figure`.
    """
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    wrong = wrong[np.argsort(-confidence[wrong])][: columns * rows]
    columns = min(columns, max(4, len(wrong)))
    rows = max(1, -(-len(wrong) // columns))
    figure = Figure(figsize=(1.4 * columns, 0.7 + 1.95 * rows), layout="constrained")
    figure.suptitle(title if len(wrong) else f"{title}: none", fontsize=12)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes:
        axis.axis("off")
    for axis, index in zip(axes, wrong, strict=False):
        axis.imshow(images[index], cmap="gray", vmin=0, vmax=1)
        true, wrongly = classes[labels[index]], classes[predicted[index]]
        axis.set_title(f"{true}\npredicted {wrongly}\n{confidence[index]:.0%}", fontsize=9)
    return figure
