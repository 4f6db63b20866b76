"""What each of several ways gains over doing without: one dot a run, one bar the mean."""

import textwrap

import numpy as np
from matplotlib.figure import Figure

from keras_cv_course.plot.style import BLUE, GREY, ORANGE


def gain_dots(gains, title, xlabel):
    """Draw one row for each way, the largest mean on top; right of the line is better than without.

    Args:
        gains: {name: (runs,) differences to the run without it}.
        title: what the picture shows, in words.
        xlabel: quantity and unit.

    Returns:
        A matplotlib `Figure`.
    """
    ordered = sorted(gains.items(), key=lambda pair: np.mean(pair[1]))
    figure = Figure(figsize=(7, 1.3 + 0.36 * len(gains)), layout="constrained")
    axis = figure.subplots()
    axis.axvline(0, color=GREY, linewidth=1)
    for row, (_, values) in enumerate(ordered):
        axis.plot(values, np.full(len(values), row), "o", color=BLUE, markersize=6, alpha=0.6)
        mean = np.mean(values)
        axis.vlines(mean, row - 0.3, row + 0.3, color=ORANGE, linewidth=4, zorder=3)
        axis.annotate(
            f"{mean:+.3f}", (1.0, row), xycoords=("axes fraction", "data"), xytext=(4, 0),
            textcoords="offset points", va="center", fontsize=9,
        )  # fmt: skip
    axis.set(title=textwrap.fill(title, 70), yticks=range(len(ordered)), xlabel=f"{xlabel} (bar: mean)")
    axis.set_yticklabels([name for name, _ in ordered])
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.grid(axis="y", linewidth=0.4)
    axis.margins(x=0.06)
    return figure
