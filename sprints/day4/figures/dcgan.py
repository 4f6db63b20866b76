"""The figure of day4.dcgan: the distance to real images, epoch by epoch, beside what other generators reach."""

import textwrap

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from keras_cv_course.plot.style import BLUE


def distance_curve(distances, levels, title, ylabel):
    """Draw distances over epochs on a logarithmic axis, with a dotted line for each level.

    Args:
        distances: {epoch: number above 0}.
        levels: {name: number above 0}, each named at the right of its line.
        title: what the figure shows, in words.
        ylabel: quantity and unit.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(8, 4.4), layout="constrained")
    axis = figure.subplots()
    axis.plot(list(distances), list(distances.values()), "o-", color=BLUE, markersize=4)
    numbers = [*distances.values(), *levels.values()]
    lowest, highest = min(numbers) / 1.5, max(numbers) * 1.5
    # Labels of lines that lie close together move up, each by 5 % of the axis above the one below.
    label, gap = 0.0, (highest / lowest) ** 0.05
    for name, number in sorted(levels.items(), key=lambda level: level[1]):
        axis.axhline(number, color="black", linestyle=":", linewidth=1.2)
        label = max(number, label * gap)
        axis.annotate(
            f"{name}: {number:.3g}", (1, label), xycoords=("axes fraction", "data"), xytext=(4, 0),
            textcoords="offset points", fontsize=10, ha="left", va="center", annotation_clip=False,
        )  # fmt: skip
    axis.set(yscale="log", ylim=(lowest, highest), xlabel="epoch", ylabel=ylabel)
    axis.set_title(textwrap.fill(title, 70))
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    axis.spines[["top", "right"]].set_visible(False)
    return figure
