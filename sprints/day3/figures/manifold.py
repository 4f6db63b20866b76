"""Figures of day3.manifold."""

import matplotlib
import numpy as np
from matplotlib.figure import Figure


def unrolled(points, coordinate, planes, title, label):
    """Draw the points in 3-D and each method's codes, all coloured by the true position along the roll.

    Each plane is turned so that the coordinate grows to the right as far as it can; that changes no distance.

    Args:
        points: (N, 3) points; the second axis is the roll's.
        coordinate: (N,) true position along the roll.
        planes: {heading of the panel: (N, 2) codes}.
        title: what the picture shows, in words.
        label: quantity and unit of the coordinate.

    Returns:
        A matplotlib `Figure`.
    """
    columns = 3
    rows = -(-(1 + len(planes)) // columns)
    figure = Figure(figsize=(4.2 * columns, 0.8 + 3.3 * rows), layout="constrained")
    figure.suptitle(title, fontsize=13)
    style = dict(c=coordinate, cmap="viridis", s=7, linewidths=0)

    space = figure.add_subplot(rows, columns, 1, projection="3d")
    space.scatter(points[:, 0], points[:, 1], points[:, 2], **style)
    space.set_title("The points in space: three numbers each", fontsize=10)
    space.set(xticklabels=[], yticklabels=[], zticklabels=[])
    space.set_box_aspect(np.ptp(points, axis=0), zoom=1.2)
    space.view_init(elev=8, azim=-72)

    axes = [space]
    for place, (heading, codes) in enumerate(planes.items(), start=2):
        axis = figure.add_subplot(rows, columns, place)
        codes = turned(codes, coordinate)
        drawn = axis.scatter(codes[:, 0], codes[:, 1], **style)
        axis.set_title(heading, fontsize=10)
        axis.set(xlabel="first code number", ylabel="second", xticks=[], yticks=[])
        axis.set_aspect("equal", adjustable="datalim")
        axis.spines[["top", "right"]].set_visible(False)
        axes.append(axis)
    figure.colorbar(drawn, ax=axes, label=label, shrink=0.7, aspect=40)
    return figure


def turned(codes, coordinate):
    """The same plane (N, 2), centred and turned so that the coordinate (N,) grows along its first axis."""
    codes = codes - codes.mean(axis=0)
    slope, *_ = np.linalg.lstsq(codes, coordinate - coordinate.mean(), rcond=None)
    right, up = slope / np.linalg.norm(slope)
    return codes @ np.array([[right, -up], [up, right]])


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
