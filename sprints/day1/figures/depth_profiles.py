"""One number for each layer of several networks, from the image to the logits, on a logarithmic axis."""

import textwrap

from matplotlib.figure import Figure

from keras_cv_course.plot.style import BLUE, ORANGE

DASHES = (":", "--", "-", "-.")


def depth_profiles(groups, title, ylabel):
    """Draw one panel a group of networks; panels share their axes, so that they can be compared.

    Args:
        groups: {name of the group: {name of the network: positive numbers, one for each layer}}, two groups.
        title: what the picture shows, in words.
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
        panel.spines[["top", "right"]].set_visible(False)
        panel.legend(frameon=False)
    panels[0].set_ylabel(ylabel)
    return figure
