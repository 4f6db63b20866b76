"""The sheet that a method has put through points in space."""

import matplotlib
import numpy as np
from matplotlib.figure import Figure


def sheets(points, surfaces, title):
    """Draw surfaces side by side, each among the same points and coloured along its longer side.

    Args:
        points: (N, 3) points; the second axis is the roll's, and the view is nearly along it.
        surfaces: {heading of the panel: (rows, columns, 3) points of the surface; NaN leaves a hole}.
        title: what the picture shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(4.4 * len(surfaces), 4.9), layout="constrained")
    figure.suptitle(title, fontsize=13)
    figure.supxlabel("dots: held-out points; sheet: decoded codes, coloured along the code", fontsize=10)
    for place, (heading, surface) in enumerate(surfaces.items(), start=1):
        axis = figure.add_subplot(1, len(surfaces), place, projection="3d", computed_zorder=False)
        rows, columns = surface.shape[:2]
        colours = matplotlib.colormaps["viridis"](np.linspace(0, 1, rows))
        axis.plot_surface(
            *np.moveaxis(surface, -1, 0), rcount=rows, ccount=columns, alpha=0.6, linewidth=0,
            facecolors=np.repeat(colours[:, None], columns, axis=1), shade=False,
        )  # fmt: skip
        axis.scatter(*points.T, s=5, color="black", depthshade=False, linewidths=0)
        axis.set_title(heading, fontsize=11)
        axis.set(
            xlim=_span(points[:, 0]), ylim=_span(points[:, 1]), zlim=_span(points[:, 2]),
            xticklabels=[], yticklabels=[], zticklabels=[],
        )  # fmt: skip
        axis.set_box_aspect(np.ptp(points, axis=0), zoom=1.25)
        axis.view_init(elev=10, azim=-80)
    return figure


def _span(values):
    return values.min(), values.max()
