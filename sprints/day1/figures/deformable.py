"""The sampling points of a deformable kernel on the image, each joined to its point of the fixed grid."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from keras_cv_course.plot.style import BLUE, ORANGE


def sampling_points(images, plain, moved, title, columns=("",)):
    """Draw each image with the points of one window: the fixed grid, and where the offsets move it.

    Args:
        images: (N, H, W, 1 or 3) in [0, 1].
        plain: (N, kernel, kernel, 2) points (y, x) in pixels; (0, 0) is the centre of the top left pixel.
        moved: (N, kernel, kernel, 2) the same points with their offsets added.
        title: what the figure shows, in words.
        columns: a word above each column; the images fill row after row.

    Returns:
        A matplotlib `Figure`.
    """
    rows = -(-len(images) // len(columns))
    figure = Figure(figsize=(2.0 * len(columns), 1.1 + 2.05 * rows), layout="constrained")
    figure.suptitle(title, fontsize=12)
    grid = figure.subplots(rows, len(columns), squeeze=False)
    for axis, name in zip(grid[0], columns, strict=True):
        axis.set_title(name, fontsize=10)
    for axis in grid.flat:
        axis.set_axis_off()
    for axis, image, before, after in zip(grid.flat, images, plain, moved, strict=False):
        height, width = image.shape[:2]
        # Light grey on white: the points must be seen on either. A frame, for points may lie outside.
        axis.imshow(1 - 0.35 * image, cmap="gray", vmin=0, vmax=1)
        axis.add_patch(Rectangle((-0.5, -0.5), width, height, fill=False, edgecolor="0.5"))
        before, after = before.reshape(-1, 2), after.reshape(-1, 2)
        for (y, x), (to_y, to_x) in zip(before, after, strict=True):
            axis.plot((x, to_x), (y, to_y), color=ORANGE, linewidth=1)
        (first,) = axis.plot(before[:, 1], before[:, 0], "x", color=BLUE, markersize=5)
        (second,) = axis.plot(
            after[:, 1], after[:, 0], "o", color=ORANGE, markersize=5, markeredgecolor="black",
            markeredgewidth=0.6,
        )  # fmt: skip
        aside = 0.2 * max(height, width)
        axis.set(xlim=(-0.5 - aside, width - 0.5 + aside), ylim=(height - 0.5 + aside, -0.5 - aside))
    figure.legend(
        [first, second], ["fixed grid", "grid plus offsets"], loc="outside lower center", ncols=2,
        fontsize=10, frameon=False,
    )  # fmt: skip
    return figure
