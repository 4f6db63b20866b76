"""Every run of several ways of training, one dot each, so that a gain can be seen beside its spread."""

import textwrap

import numpy as np
from matplotlib.figure import Figure

from keras_cv_course.plot.style import BLUE, GREY, ORANGE


def paired_runs(ways, title, ylabel, lines=None):
    """Draw the runs of each way in a column, those with the same start joined, and their mean as a bar.

    Args:
        ways: {name: (runs,) numbers}; entry i of each has the same data and the same start.
        title: what the figure shows, in words.
        ylabel: quantity and unit.
        lines: {name: number} of horizontal lines, such as the teacher's; or None.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(max(5.5, 1.6 * len(ways) + 1.5), 4.2), layout="constrained")
    axis = figure.subplots()
    table = np.array(list(ways.values()), "float64")  # (ways, runs)
    places = np.arange(len(ways))
    axis.plot(places, table, color=GREY, linewidth=0.8, alpha=0.6)
    for place, numbers in zip(places, table, strict=True):
        axis.plot(np.full(len(numbers), place), numbers, "o", color=BLUE, markersize=6, alpha=0.6)
        mean = numbers.mean()
        axis.hlines(mean, place - 0.18, place + 0.18, color=ORANGE, linewidth=4, zorder=3)
        axis.annotate(f"{mean:.3f}", (place + 0.21, mean), va="center", fontsize=10)
    for name, number in (lines or {}).items():
        axis.axhline(number, color="black", linestyle=":", linewidth=1.2)
        axis.annotate(f"{name} {number:.3f}", (places[0] - 0.4, number), xytext=(0, 4), va="bottom",
                      textcoords="offset points", fontsize=10)  # fmt: skip
    axis.set(title=textwrap.fill(title, 60), ylabel=ylabel, xticks=places, xlim=(-0.5, len(ways) - 0.3))
    axis.set_xticklabels([textwrap.fill(name, 18) for name in ways])
    axis.margins(y=0.12)
    axis.spines[["top", "right"]].set_visible(False)
    figure.supxlabel(
        "a dot is a run, a bar the mean of a column; lines join runs of the same start", fontsize=9
    )
    return figure
