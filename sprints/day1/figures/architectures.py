"""What accuracy costs: in weights, and in seconds."""

import textwrap

from matplotlib.figure import Figure

from keras_cv_course.plot.curves import STYLES
from keras_cv_course.plot.style import GREY


def cost_chart(accuracy, costs, title, floor=None):
    """Draw one panel a cost: each model a point, at what it cost and what it reached.

    Args:
        accuracy: {name of the model: accuracy}, at most seven.
        costs: {name of the cost and its unit: {name of the model: positive number}}.
        title: what the picture shows, in words.
        floor: (accuracy, name) of a dotted line that all should be above, or None.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(1.2 + 4.2 * len(costs), 4.4), layout="constrained")
    figure.suptitle(textwrap.fill(title, 100), fontsize=12)
    panels = figure.subplots(1, len(costs), sharey=True, squeeze=False)[0]
    for panel, (cost, values) in zip(panels, costs.items(), strict=True):
        for (name, reached), (colour, marker, _) in zip(accuracy.items(), STYLES, strict=False):
            panel.plot(values[name], reached, marker, color=colour, markersize=9, label=name)
        if floor is not None:
            panel.axhline(floor[0], color=GREY, linestyle=":", label=floor[1])
        panel.set_xlabel(cost)
        panel.spines[["top", "right"]].set_visible(False)
        panel.margins(x=0.12, y=0.1)
    panels[0].set_ylabel("test accuracy")
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside right center", frameon=False, fontsize=10)
    return figure
