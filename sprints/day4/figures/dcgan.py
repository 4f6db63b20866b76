"""How far made images are from real ones, epoch by epoch, beside what others reach."""

import textwrap

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from keras_cv_course.plot.style import BLUE


def distance_curve(distances, levels, title, ylabel):
    """Draw distances over epochs on a logarithmic axis, with a dotted line for each level.

    Args:
        distances: {epoch: number above 0}.
        levels: {name: number above 0}, each named on its line.
        title: what the picture shows, in words.
        ylabel: quantity and unit.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axis = figure.subplots()
    axis.plot(list(distances), list(distances.values()), "o-", color=BLUE, markersize=4)
    for name, number in levels.items():
        axis.axhline(number, color="black", linestyle=":", linewidth=1.2)
        # At the right, where the curve has left the upper levels and has not reached the lower ones.
        axis.annotate(
            f"{name} {number:.2g}", (0.99, number), xycoords=("axes fraction", "data"), xytext=(0, 3),
            textcoords="offset points", fontsize=10, ha="right",
        )  # fmt: skip
    numbers = [*distances.values(), *levels.values()]
    axis.set(yscale="log", ylim=(min(numbers) / 1.5, max(numbers) * 1.5), xlabel="epoch", ylabel=ylabel)
    axis.set_title(textwrap.fill(title, 70))
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    axis.spines[["top", "right"]].set_visible(False)
    return figure
