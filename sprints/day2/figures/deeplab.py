"""Figures of day2.deeplab."""

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.mask_panels import mask_panels
from keras_cv_course.plot.style import BLUE, ORANGE


def footprints(reached):
    """Draw the pixels that kernels multiply, with the square that they span.

    Args:
        reached: {name: (S, S) bool}, true for the pixels that the kernel in the middle multiplies.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(2.3 * len(reached), 3.3), layout="constrained")
    figure.suptitle("Pixels that a 3x3 kernel multiplies", fontsize=12)
    colours = ListedColormap(["white", BLUE])
    for axis, (name, pixels) in zip(figure.subplots(1, len(reached), squeeze=False)[0], reached.items()):
        rows, columns = pixels.nonzero()
        axis.pcolormesh(pixels, cmap=colours, vmin=0, vmax=1, edgecolors="0.9", linewidth=0.3)
        corner = columns.min(), rows.min()
        sides = columns.max() + 1 - corner[0], rows.max() + 1 - corner[1]
        axis.add_patch(Rectangle(corner, *sides, fill=False, edgecolor=ORANGE, linewidth=2))
        axis.set(title=name, xticks=[], yticks=[], aspect="equal")
        axis.set_xlabel(f"{len(rows)} weights span\n{sides[0]} x {sides[1]} pixels", fontsize=11)
    return figure


def mean_field_steps(scores, methods):
    """Draw the boundary F1 after each step of the CRF, and level lines for the other methods.

    Args:
        scores: after 0, 1, 2 ... steps.
        methods: {name: boundary F1}, "network and CRF" among them.

    Returns:
        A matplotlib `Figure`.
    """
    lines = {name: [value] * len(scores) for name, value in methods.items()}
    lines["network and CRF"] = scores
    title = "Boundary F1 of the test images"
    return curves(range(len(scores)), lines, title, "mean field steps", "boundary F1")


def before_and_after(part, before, after, classes, count=4):
    """Draw the images whose masks differ most, with the true outline over both masks.

    Args:
        part: images (N, H, W, 3) and masks (N, H, W), 255 void.
        before, after: (N, H, W) predicted classes.
        classes: names.
        count: images, at most.

    Returns:
        A matplotlib `Figure`, a row an image.
    """
    most = np.argsort(-np.mean(before != after, axis=(1, 2)), kind="stable")[:count]
    columns = {"image": part.images, "truth": part.masks, "network": before, "network and CRF": after}
    columns = {name: values[most] for name, values in columns.items()}
    return mask_panels(columns, classes, "Test images that the CRF changes most", columns["truth"])
