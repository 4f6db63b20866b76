"""A row of pictures with boxes drawn over them, each panel one step of a story."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from keras_cv_course.plot.style import ORANGE


def box_panels(panels, title, columns=4, note="", side=3.3):
    """Draw pictures with boxes.

    Args:
        panels: list of dicts: `image` (H, W, C) in [0, 1], `title`, and `boxes`, a list of dicts with `box`
            (xyxy in pixels), `colour`, and where wanted `text`, `width` of the line and `style` of the line.
        title: what the picture shows, in words.
        columns: panels a row.
        note: a line below the panels, such as what the colours mean.
        side: width of a panel in inches.

    Returns:
        A matplotlib `Figure`.
    """
    rows = -(-len(panels) // columns)
    columns = min(columns, len(panels))
    figure = Figure(
        figsize=(side * columns, 0.5 + (0.3 if note else 0) + (side + 0.2) * rows), layout="constrained"
    )
    figure.suptitle(title, fontsize=13)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axis in grid.flat:
        axis.set_axis_off()
    for axis, panel in zip(grid.flat, panels):
        height, width = panel["image"].shape[:2]
        # The corner of the first pixel is (0, 0), its centre (0.5, 0.5): as boxes count.
        axis.imshow(panel["image"], cmap="gray", vmin=0, vmax=1, extent=(0, width, height, 0))
        axis.set_title(panel["title"], fontsize=10)
        for one in panel["boxes"]:
            left, top, right, bottom = (float(number) for number in one["box"])
            colour, line = one.get("colour", ORANGE), one.get("width", 1.8)
            size = right - left, bottom - top
            for edge, thick in (("black", line + 1.2), (colour, line)):
                axis.add_patch(
                    Rectangle(
                        (left, top), *size, fill=False, edgecolor=edge, linewidth=thick,
                        linestyle=one.get("style", "-"),
                    )
                )  # fmt: skip
            if one.get("text"):
                above = top > 0.08 * height  # else there is no room: the text lies within the box
                axis.text(
                    left, max(top, 0), one["text"], fontsize=7, color="white", clip_on=True,
                    va="bottom" if above else "top",
                    bbox=dict(facecolor="black", alpha=0.65, linewidth=0, pad=1),
                )  # fmt: skip
        axis.set(xlim=(0, width), ylim=(height, 0))
    if note:
        figure.supxlabel(note, fontsize=10)
    return figure
