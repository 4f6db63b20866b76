"""Figures of day2.deeplab."""

from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from keras_cv_course.plot.style import BLUE, ORANGE


def footprints(reached, title):
    """Draw the pixels that kernels multiply, with the square that they span.

    Args:
        reached: {name: (S, S) bool}, true for the pixels that the kernel in the middle multiplies.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(2.3 * len(reached), 3.3), layout="constrained")
    figure.suptitle(title, fontsize=12)
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
