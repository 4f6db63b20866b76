"""The surface that a method has put through points in space."""

import numpy as np
from matplotlib.figure import Figure

from keras_cv_course.draw.style import RED


def sheets(points, surfaces, title):
    """Draw surfaces side by side, each among the same points.

    Args:
        points: (N, 3) points; the second axis is the roll's, and the view is nearly along it.
        surfaces: {heading of the panel: (rows, columns, 3) points of the surface, a grid of codes decoded;
            the rows run along the longer side of the code's rectangle}.
        title: what the picture shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(4.8 * len(surfaces), 5.2), layout="constrained")
    figure.suptitle(title, fontsize=13)
    for place, (heading, surface) in enumerate(surfaces.items(), start=1):
        axis = figure.add_subplot(1, len(surfaces), place, projection="3d", computed_zorder=False)
        axis.scatter(*points.T, s=5, color="black", alpha=0.45, linewidths=0, label="held-out points")
        axis.plot_wireframe(
            *np.moveaxis(surface, -1, 0), rstride=2, cstride=4, color=RED, linewidth=0.8, label="decoded codes"
        )
        axis.set_title(heading, fontsize=11)
        axis.set(
            xlim=_span(points[:, 0]), ylim=_span(points[:, 1]), zlim=_span(points[:, 2]),
            xticklabels=[], yticklabels=[], zticklabels=[], box_aspect=np.ptp(points, axis=0),
        )  # fmt: skip
        axis.view_init(elev=14, azim=-78)
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    return figure


def _span(values):
    return values.min(), values.max()
