"""Maps of importance: over their images, or alone, in rows of panels."""

import numpy as np
from matplotlib.figure import Figure

from keras_cv_course.plot.box_panels import frame
from keras_cv_course.plot.style import ORANGE


def heat_maps(rows, title, note="", side=1.7, headings=True):
    """Draw rows of panels: images, maps, or maps over their images.

    Args:
        rows: {label of the row: list of panels}; a panel is a dict with, where wanted, `image` (H, W, 1 or 3) in
            [0, 1], `map` (H, W), `title`, `boxes`, a list of (xyxy in pixels, colour, style of the line), and `point`,
            (x, y) in pixels. A map alone is drawn in grey levels, from 0 in black to its 99th percentile in white, as
            papers on saliency do; over an image in colours, from 0 to its maximum. What is negative counts as 0.
        title: what the figure shows, in words.
        note: a line below the panels.
        side: width of a panel in inches.
        headings: whether each panel's title stands above it; otherwise those of the first row alone do.

    Returns:
        A matplotlib `Figure`.
    """
    columns = max(len(panels) for panels in rows.values())
    labels = 1.15 if any(rows) else 0.0
    heading = 0.3 * (len(rows) if headings else 1)
    height = 0.45 + heading + (0.3 if note else 0) + (side + 0.06) * len(rows)
    figure = Figure(figsize=(labels + (side + 0.06) * columns, height), layout="constrained")
    figure.suptitle(title, fontsize=12)
    grid = figure.subplots(len(rows), columns, squeeze=False)
    for number, (axes, (label, panels)) in enumerate(zip(grid, rows.items(), strict=True)):
        for axis in axes:
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
        axes[0].set_ylabel(label, rotation=0, ha="right", va="center", fontsize=10)
        for axis, panel in zip(axes, panels):
            _draw(axis, panel)
            if headings or number == 0:
                axis.set_title(panel.get("title", ""), fontsize=9)
    if note:
        figure.supxlabel(note, fontsize=9)
    return figure


def _draw(axis, panel):
    image, found = panel.get("image"), panel.get("map")
    height, width = np.shape(image if image is not None else found)[:2]
    place = dict(extent=(0, width, height, 0), interpolation="nearest")
    if image is not None:
        shown = image if found is None else np.broadcast_to(image, (height, width, 3)).mean(axis=-1)
        axis.imshow(shown, cmap="gray", vmin=0, vmax=1, **place)
    if found is not None:
        found = np.maximum(found, 0)
        top = found.max() if image is not None else np.percentile(found, 99)
        top = top or found.max() or 1.0
        if image is None:
            axis.imshow(found, cmap="gray", vmin=0, vmax=top, **place)
        else:
            # What counts little lets the image show through.
            axis.imshow(
                found,
                cmap="inferno",
                vmin=0,
                vmax=top,
                alpha=0.25 + 0.5 * np.clip(found / top, 0, 1),
                **place,
            )
    for box, colour, style in panel.get("boxes", ()):
        frame(axis, box, colour, 1.6, style)
    if panel.get("point") is not None:
        axis.plot(*panel["point"], marker="o", markersize=6, color=ORANGE, markeredgecolor="black")
    axis.set(xlim=(0, width), ylim=(height, 0))
