"""The losses of a GAN's two networks, epoch by epoch, each over its healthy range."""

import textwrap

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from keras_cv_course.plot.style import BLUE, GREEN, ORANGE


def gan_losses(runs, healthy, title, levels=None):
    """Draw one column a run and one row a network, all with the same logarithmic axis for the losses.

    Args:
        runs: {heading: {name of the loss: (epochs,) numbers above 0}}, with the names of `healthy`.
        healthy: {name of the loss: (lowest, highest)}, the shaded range.
        title: what the figure shows, in words.
        levels: {name of the loss: number} of a dotted line, such as the loss at chance; or None.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(1.2 + 4.2 * len(runs), 0.9 + 2.2 * len(healthy)), layout="constrained")
    figure.suptitle(textwrap.fill(title, 12 + 46 * len(runs)), fontsize=12)
    grid = figure.subplots(len(healthy), len(runs), sharex="col", sharey=True, squeeze=False)
    for column, (heading, losses) in enumerate(runs.items()):
        for (name, band), axis, colour in zip(healthy.items(), grid[:, column], (BLUE, ORANGE), strict=False):
            values = np.asarray(losses[name], "float64")
            axis.axhspan(*band, color=GREEN, alpha=0.15, linewidth=0)
            if levels:
                axis.axhline(levels[name], color="black", linestyle=":", linewidth=1)
            axis.plot(np.arange(1, len(values) + 1), values, "o-", color=colour, markersize=3.5)
            axis.set_yscale("log")
            axis.spines[["top", "right"]].set_visible(False)
            axis.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        grid[0, column].set_title(heading, fontsize=11)
        grid[-1, column].set_xlabel("epoch")
    for name, axis in zip(healthy, grid[:, 0], strict=True):
        axis.set_ylabel(name.replace("_", "'s ", 1))
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.yaxis.set_minor_formatter(NullFormatter())
    # All panels share one axis; it reaches from the lowest number to the highest.
    values = [number for losses in runs.values() for name in healthy for number in losses[name]]
    ends = [*values, *(end for band in healthy.values() for end in band)]
    grid[0, 0].set_ylim(min(ends) / 1.3, max(ends) * 1.3)
    return figure
