"""Where a kernel looks: the pixels that reach one output pixel."""

from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from keras_cv_course.plot.style import BLUE, ORANGE


def footprints(seen, title):
    """Draw the pixels that kernels look at, with the square that they span.

    Args:
        seen: {name: (S, S) bool}, true for the pixels that the kernel in the middle looks at.
        title: what the picture shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(2.9 * len(seen), 3.95), layout="constrained")
    figure.suptitle(title, fontsize=12)
    colours = ListedColormap(["white", BLUE])
    for axis, (name, pixels) in zip(figure.subplots(1, len(seen), squeeze=False)[0], seen.items()):
        rows, columns = pixels.nonzero()
        axis.pcolormesh(pixels, cmap=colours, vmin=0, vmax=1, edgecolors="0.9", linewidth=0.3)
        corner = columns.min(), rows.min()
        sides = columns.max() + 1 - corner[0], rows.max() + 1 - corner[1]
        axis.add_patch(Rectangle(corner, *sides, fill=False, edgecolor=ORANGE, linewidth=2))
        axis.set(title=name, xticks=[], yticks=[], aspect="equal")
        axis.set_xlabel(f"{len(rows)} weights span\n{sides[0]} x {sides[1]} pixels", fontsize=11)
    return figure
