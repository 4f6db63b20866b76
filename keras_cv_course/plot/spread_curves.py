"""Curves of means over several runs, each in a band that holds all its runs."""

import textwrap

import numpy as np
from matplotlib.figure import Figure

from keras_cv_course.plot.curves import STYLES


def spread_curves(x, lines, title, xlabel, ylabel, levels=None, log=False):
    """Draw the mean of several runs against x; the band goes from the lowest run to the highest.

    Args:
        x: (N,) numbers.
        lines: {name: (runs, N) numbers}, or (N,) for a line without a band.
        title: what the figure shows, in words.
        xlabel: quantity and unit.
        ylabel: quantity and unit.
        levels: {name: number} of horizontal lines; or None.
        log: whether x doubles from tick to tick.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(7, 4.8), layout="constrained")
    axis = figure.subplots()
    for (name, numbers), (colour, marker, dash) in zip(lines.items(), STYLES, strict=False):
        table = np.atleast_2d(np.asarray(numbers, "float64"))  # (runs, N)
        axis.plot(x, table.mean(axis=0), color=colour, marker=marker, linestyle=dash, label=name)
        axis.fill_between(x, table.min(axis=0), table.max(axis=0), color=colour, alpha=0.15, linewidth=0)
    for name, number in (levels or {}).items():
        axis.axhline(number, color="black", linewidth=1.2, linestyle=":")
        axis.annotate(
            f"{name} {number:.3f}", (0.99, number), xycoords=("axes fraction", "data"), xytext=(0, 3),
            textcoords="offset points", ha="right", fontsize=10,
        )  # fmt: skip
    if log:
        axis.set_xscale("log", base=2)
    axis.set_xticks(x, [f"{value:g}" for value in x])
    axis.minorticks_off()
    axis.set(title=textwrap.fill(title, 75), xlabel=xlabel, ylabel=ylabel)
    axis.spines[["top", "right"]].set_visible(False)
    axis.margins(y=0.12)
    axis.legend(
        frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=1 if len(lines) < 4 else 2
    )
    return figure
