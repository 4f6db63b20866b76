"""Several curves over one axis, told apart by colour, marker and dash."""

import textwrap

from matplotlib.figure import Figure

from keras_cv_course.plot.style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY

STYLES = (
    (BLUE, "o", "-"),
    (ORANGE, "s", "--"),
    (GREEN, "^", "-."),
    (GREY, "x", ":"),
    (RED, "D", "-"),
    (PURPLE, "v", "--"),
    (SKY, "P", "-."),
)


def curves(x, lines, title, xlabel, ylabel, mark=None):
    """Draw lines that share their x values; the legend stands beside them.

    Args:
        x: (N,) numbers.
        lines: {name: (N,) numbers}; the first is the one that the figure is about.
        title: what the figure shows, in words.
        xlabel: quantity and unit.
        ylabel: quantity and unit.
        mark: (x, text) of a dotted vertical line, or None.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    axis = figure.subplots()
    for (name, values), (colour, marker, dash) in zip(lines.items(), STYLES, strict=False):
        axis.plot(x, values, color=colour, marker=marker, linestyle=dash, markersize=5, label=name)
    if mark is not None:
        axis.axvline(mark[0], color="black", linestyle=":", linewidth=1)
        axis.annotate(
            mark[1], (mark[0], 1), xycoords=("data", "axes fraction"), xytext=(4, -12),
            textcoords="offset points", fontsize=9,
        )  # fmt: skip
    axis.set(title=textwrap.fill(title, 75), xlabel=xlabel, ylabel=ylabel)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure
