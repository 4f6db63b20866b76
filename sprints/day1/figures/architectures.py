"""Figures of day1.architectures."""

import textwrap

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from keras_cv_course.plot.curves import STYLES
from keras_cv_course.plot.style import BLUE, GREY, ORANGE


def cost_chart(accuracy, costs, title, line=None):
    """Draw one panel a cost: each model is a point at its cost and its accuracy.

    Args:
        accuracy: {name of the model: accuracy}, at most seven.
        costs: {name of the cost and its unit: {name of the model: positive number}}.
        title: what the figure shows, in words.
        line: (accuracy, name) of a dotted line, such as that of a simple method, or None.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(1.2 + 4.2 * len(costs), 4.4), layout="constrained")
    figure.suptitle(textwrap.fill(title, 100), fontsize=12)
    panels = figure.subplots(1, len(costs), sharey=True, squeeze=False)[0]
    for panel, (cost, values) in zip(panels, costs.items(), strict=True):
        for (name, reached), (colour, marker, _) in zip(accuracy.items(), STYLES, strict=False):
            panel.plot(values[name], reached, marker, color=colour, markersize=9, label=name)
        if line is not None:
            panel.axhline(line[0], color=GREY, linestyle=":", label=line[1])
        panel.set_xlabel(cost)
        panel.spines[["top", "right"]].set_visible(False)
        panel.margins(x=0.12, y=0.1)
    panels[0].set_ylabel("test accuracy")
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside right center", frameon=False, fontsize=10)
    return figure


DASHES = (":", "--", "-", "-.")


def depth_profiles(groups, title, ylabel):
    """Draw one panel a network with a line for each moment; the panels share their axes.

    Args:
        groups: {name of the network: {moment: positive numbers, one for each layer}}, two networks.
        title: what the figure shows, in words.
        ylabel: the quantity.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(4.6 * len(groups), 4.2), layout="constrained")
    figure.suptitle(textwrap.fill(title, 90), fontsize=12)
    panels = figure.subplots(1, len(groups), sharex=True, sharey=True, squeeze=False)[0]
    for panel, (group, networks), colour in zip(panels, groups.items(), (ORANGE, BLUE), strict=True):
        for (name, values), dash in zip(networks.items(), DASHES, strict=False):
            layers = range(1, len(values) + 1)
            panel.plot(layers, values, dash, color=colour, marker="o", markersize=3, label=name)
        panel.set(title=group, xlabel="layer, from the image to the logits", yscale="log")
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel(ylabel)
    # Two decades at least: on a logarithmic axis that fits the numbers, any line would look steep.
    low, high = panels[0].get_ylim()
    panels[0].set_ylim(min(low, high / 100), high)
    moments = list(next(iter(groups.values())))
    handles = [Line2D([], [], color=GREY, linestyle=dash) for dash in DASHES[: len(moments)]]
    figure.legend(
        handles, moments, loc="outside lower center", ncols=len(moments), frameon=False, fontsize=10
    )
    return figure
