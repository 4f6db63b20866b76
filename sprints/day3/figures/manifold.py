"""Figures of day3.manifold."""

import matplotlib
import numpy as np
from matplotlib.figure import Figure


def code_planes(codes, position, measures, title):
    """Draw each method's codes twice, coloured by the true position along the roll and across it.

    Each plane is turned so that the position along grows to the right, and mirrored so that the position across
    grows upwards, as far as they can; that changes no distance.

    Args:
        codes: {method: (N, 2) codes}.
        position: (N, 2) true position along and across.
        measures: {method: {"trustworthiness", "correlation_along", "correlation_across": number}}.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(8, 1.55 * len(codes) + 1), layout="constrained")
    figure.suptitle(title, fontsize=13)
    grid = figure.subplots(len(codes), 2, squeeze=False)
    columns = (("along", "viridis", "correlation_along"), ("across", "plasma", "correlation_across"))
    for column, (word, colours, key) in enumerate(columns):
        for axis, (name, plane) in zip(grid[:, column], codes.items(), strict=True):
            drawn = axis.scatter(*turned(plane, position).T, c=position[:, column], cmap=colours, s=5)
            axis.set_title(f"correlation {word} {measures[name][key]:.3f}", fontsize=10)
            axis.set(xticks=[], yticks=[])
            axis.set_aspect("equal", adjustable="datalim")
            axis.spines[:].set_visible(False)
            if column == 0:
                words = (
                    f"{name.replace(' ', chr(10))}\ntrustworthiness\n{measures[name]['trustworthiness']:.4f}"
                )
                axis.set_ylabel(words, rotation=0, ha="right", va="center", fontsize=10)
        label = f"true position {word} the roll"
        figure.colorbar(drawn, ax=list(grid[:, column]), label=label, location="bottom", aspect=30)
    return figure


def turned(codes, position):
    """The same plane (N, 2), centred, turned and mirrored so that the positions (N, 2) grow right and up."""
    codes = codes - codes.mean(axis=0)
    slope, *_ = np.linalg.lstsq(codes, position[:, 0] - position[:, 0].mean(), rcond=None)
    right, up = slope / np.linalg.norm(slope)
    codes = codes @ np.array([[right, -up], [up, right]])
    upwards = codes[:, 1] @ (position[:, 1] - position[:, 1].mean())
    return codes * [1, -1 if upwards < 0 else 1]


def surfaces_in_space(points, surfaces, title):
    """Draw surfaces side by side, each among the same points and coloured along its longer side.

    Args:
        points: (N, 3) points; the second axis is the roll's, and the view is nearly along it.
        surfaces: {heading of the panel: (rows, columns, 3) points of the surface; NaN leaves a hole}.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    columns_of_panels = 2
    rows_of_panels = -(-len(surfaces) // columns_of_panels)
    figure = Figure(figsize=(8, 4 * rows_of_panels), layout="constrained")
    figure.suptitle(title, fontsize=13)
    for place, (heading, surface) in enumerate(surfaces.items(), start=1):
        axis = figure.add_subplot(
            rows_of_panels, columns_of_panels, place, projection="3d", computed_zorder=False
        )
        rows, columns = surface.shape[:2]
        colours = matplotlib.colormaps["viridis"](np.linspace(0, 1, rows))
        axis.plot_surface(
            *np.moveaxis(surface, -1, 0), rcount=rows, ccount=columns, alpha=0.6, linewidth=0,
            facecolors=np.repeat(colours[:, None], columns, axis=1), shade=False,
        )  # fmt: skip
        axis.scatter(*points.T, s=4, color="black", depthshade=False, linewidths=0)
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
