"""Features of images as points in the plane, one panel for each way of computing them."""

import textwrap

from matplotlib.figure import Figure

from keras_cv_course.plot.style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY

DOTS = tuple(zip((BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY), "os^Dv*P", strict=True))


def feature_planes(planes, labels, classes, title):
    """Draw the same images' features side by side, one colour and marker a class.

    Args:
        planes: {heading of the panel: (N, 2) points}.
        labels: (N,) the images' classes.
        classes: names of the classes.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(3.5 * len(planes), 4.3), layout="constrained")
    figure.suptitle(textwrap.fill(title, 32 * len(planes)), fontsize=12)
    grid = figure.subplots(1, len(planes), squeeze=False)[0]
    for axis, (heading, points) in zip(grid, planes.items(), strict=True):
        for label, name in enumerate(classes):
            colour, marker = DOTS[label % len(DOTS)]
            axis.scatter(
                *points[labels == label].T, s=18, color=colour, marker=marker, label=name,
                edgecolors="white", linewidths=0.4, alpha=0.85,
            )  # fmt: skip
        axis.set_title(heading, fontsize=11)
        axis.set(xticks=[], yticks=[], xlabel="first principal component", ylabel="second")
    handles, names = grid[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=min(len(classes), 8), frameon=False)
    return figure
