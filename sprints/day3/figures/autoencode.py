"""Figures of day3.autoencode."""

from matplotlib.figure import Figure

from keras_cv_course.plot.style import BLUE, GREY


def interpolation(pairs, title, names=("decoded\ncodes", "cross-fade")):
    """Draw each pair as two strips, one above the other, with t from 0 to 1 from left to right.

    Args:
        pairs: list of (decoded codes, cross-fade), each (steps, H, W, 1 or 3) images in [0, 1].
        title: what the figure shows, in words.
        names: what the two strips of a pair are called.

    Returns:
        A matplotlib `Figure`.
    """
    steps = len(pairs[0][0])
    figure = Figure(figsize=(1.4 + 0.85 * steps, 0.9 + 1.85 * len(pairs)), layout="constrained")
    figure.suptitle(title, fontsize=12)
    blocks = figure.subfigures(len(pairs), 1, squeeze=False)[:, 0]
    for row, (block, strips) in enumerate(zip(blocks, pairs)):
        grid = block.subplots(2, steps, squeeze=False)
        for axes, strip, name, colour in zip(grid, strips, names, (BLUE, GREY)):
            for axis, image in zip(axes, strip, strict=True):
                axis.imshow(image, cmap="gray", vmin=0, vmax=1)
                axis.set(xticks=[], yticks=[])
                axis.spines[:].set(color=colour, linewidth=2)
            axes[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)
        if row == 0:
            for column, axis in enumerate(grid[0]):
                axis.set_title(f"t = {column / max(1, steps - 1):.3g}", fontsize=9)
    return figure
