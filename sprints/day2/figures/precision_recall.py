"""Precision against recall, class by class, with the easiest and the hardest one named."""

import textwrap

import numpy as np
from matplotlib.figure import Figure

from keras_cv_course.plot.style import BLUE, GREY, RED


def precision_recall_curves(curves, areas, classes, title):
    """Draw one falling curve a class.

    Args:
        curves: {class: (recall, precision, ...)} as `mean_average_precision` gives them.
        areas: (C,) average precision of each class, NaN where there is none.
        classes: names.
        title: what the picture shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(7, 4.4), layout="constrained")
    axis = figure.subplots()
    order = sorted(curves, key=lambda one: areas[one])
    styles = {one: dict(color=GREY, linewidth=1, alpha=0.7) for one in order}
    named = {order[0]: dict(color=RED, linestyle="--"), order[-1]: dict(color=BLUE)} if order else {}
    for one in [*order[1:-1], *named]:
        recall, precision = (np.asarray(some) for some in curves[one][:2])
        # The curve that average precision is the area of: p(r) = max of p(r') over r' >= r.
        best = np.maximum.accumulate(precision[::-1])[::-1]
        steps = np.concatenate([[0], recall, recall[-1:], [1]])
        heights = np.concatenate([best[:1], best, [0, 0]])
        kind = {**styles[one], **(dict(linewidth=2.4, alpha=1, **named[one]) if one in named else {})}
        label = f"{classes[one]}: average precision {areas[one]:.2f}" if one in named else None
        axis.step(steps, heights, where="pre", label=label, **kind)
    if len(order) > 2:
        others = ", ".join(f"{classes[one]} {areas[one]:.2f}" for one in order[-2:0:-1])
        axis.plot([], [], color=GREY, linewidth=1, label=textwrap.fill(others, 45))
    axis.set(
        title=textwrap.fill(title, 75), xlabel="recall: share of the objects that are found",
        ylabel="precision: share of the answers that are right", xlim=(0, 1.02), ylim=(0, 1.03),
    )  # fmt: skip
    axis.spines[["top", "right"]].set_visible(False)
    if order:
        axis.legend(frameon=False, loc="lower left")
    return figure
