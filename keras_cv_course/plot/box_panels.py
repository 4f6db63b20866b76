"""Images with boxes drawn over them, in rows of panels."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from keras_cv_course.plot.style import ORANGE

LABEL_SIZE = 7  # points
GLYPH_WIDTH = 0.64  # of the label's size: a little more than a letter's or a digit's mean width


def box_panels(panels, title, columns=4, note="", side=3.3):
    """Draw images with boxes.

    Args:
        panels: list of dicts: `image` (H, W, C) in [0, 1], `title`, and `boxes`, a list of dicts with `box`
            (xyxy in pixels), `colour`, and where wanted `text`, `width` of the line in points and its `style`.
        title: what the figure shows, in words.
        columns: panels a row.
        note: a line below the panels, such as what the colours mean.
        side: width of a panel in inches.

    Returns:
        A matplotlib `Figure`.
    """
    rows = -(-len(panels) // columns)
    columns = min(columns, len(panels))
    figure = Figure(
        figsize=(side * columns, 0.4 + (0.3 if note else 0) + (side + 0.1) * rows), layout="constrained"
    )
    figure.suptitle(title, fontsize=13)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axis in grid.flat:
        axis.set_axis_off()
    for axis, panel in zip(grid.flat, panels):
        height, width = panel["image"].shape[:2]
        # The corner of the first pixel is (0, 0), its centre (0.5, 0.5), as in the boxes.
        axis.imshow(panel["image"], cmap="gray", vmin=0, vmax=1, extent=(0, width, height, 0))
        axis.set_title(panel["title"], fontsize=10)
        for one in panel["boxes"]:
            colour, line = one.get("colour", ORANGE), one.get("width", 1.8)
            frame(axis, one["box"], colour, line, one.get("style", "-"))
            if one.get("text"):
                _label(axis, one["box"], one["text"], height, width, side)
        axis.set(xlim=(0, width), ylim=(height, 0))
    if note:
        figure.supxlabel(note, fontsize=10)
    return figure


def frame(axis, box, colour, line, style="-"):
    """Draw a box (xyxy); a line that is not thin has a dark edge on both sides, so that it is seen on any colour."""
    left, top, right, bottom = (float(number) for number in box)
    edges = (("black", line + 1.2), (colour, line)) if line > 1 else ((colour, line),)
    for edge, thick in edges:
        axis.add_patch(
            Rectangle(
                (left, top), right - left, bottom - top, fill=False, edgecolor=edge, linewidth=thick,
                linestyle=style,
            )
        )  # fmt: skip


def _label(axis, box, text, height, width, side):
    """Write above the box, or within it where there is no room, and moved to the left where the image ends."""
    left, top = float(box[0]), max(float(box[1]), 0)
    # The panel's image is at most as wide as the panel: 72 points an inch, less a little margin.
    long = (len(text) * GLYPH_WIDTH * LABEL_SIZE + 4) * max(height, width) / (72 * 0.94 * side)
    above = top > 0.08 * height
    axis.text(
        max(0.0, min(left, width - long)), top, text, fontsize=LABEL_SIZE, color="white",
        va="bottom" if above else "top",
        bbox=dict(facecolor="black", alpha=0.65, linewidth=0, pad=1),
    )  # fmt: skip
