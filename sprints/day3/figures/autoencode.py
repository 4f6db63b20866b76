"""Figures of day3.autoencode."""

from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from keras_cv_course.plot.style import BLUE, GREEN, GREY, ORANGE

STYLES = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREY, "^", ":"))


def latent_sweep(sizes, errors, pixels, title, single=None):
    """Draw one falling line a method, both axes logarithmic; the upper axis tells the compression.

    Args:
        sizes: numbers in a code, ascending.
        errors: {method: mean squared error at every size, pixels in [0, 1]}, at most three; the first is
            the one that the figure is about.
        pixels: numbers in an image.
        title: what the picture shows, in words.
        single: {method: (numbers in a code, error)} of methods that were tried at one size only.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(7, 4.6), layout="constrained")
    axis = figure.subplots()
    for (name, values), (colour, marker, dash) in zip(errors.items(), STYLES, strict=False):
        axis.plot(sizes, values, color=colour, marker=marker, linestyle=dash, label=name)
    for name, (size, error) in (single or {}).items():
        axis.plot([size], [error], color=GREEN, marker="*", markersize=13, linestyle="none", label=name)
    axis.set(
        xscale="log", yscale="log", xlabel="numbers in a code", ylabel="mean squared error, held-out images"
    )
    axis.set_title(title, fontsize=11)
    axis.set_xticks(sizes, sizes)
    values = [value for line in errors.values() for value in line]
    values += [error for _, error in (single or {}).values()]
    ticks = [tick * 10.0**power for power in range(-7, 2) for tick in (1, 2, 5)]
    inside = [tick for tick in ticks if 0.8 * min(values) < tick < 1.25 * max(values)]
    axis.set_yticks(inside, [f"{tick:g}" for tick in inside])
    for side in (axis.xaxis, axis.yaxis):
        side.set_minor_locator(NullLocator())
    axis.grid(alpha=0.3)

    above = axis.secondary_xaxis("top")
    above.set_xticks(sizes, [f"{pixels / size:.3g}x" for size in sizes])
    above.xaxis.set_minor_locator(NullLocator())
    above.set_xlabel(f"compression of {pixels} pixels")
    axis.spines["right"].set_visible(False)
    axis.legend(frameon=False)
    return figure


def interpolation(pairs, title, names=("latent path", "cross-fade")):
    """Draw each pair as two strips, one above the other, with t from 0 to 1 across the page.

    Args:
        pairs: list of (latent path, cross-fade), each (steps, H, W, 1 or 3) images in [0, 1].
        title: what the picture shows, in words.
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
