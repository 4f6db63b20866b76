"""How a picture of any size is answered: its tiles, what a window sees beyond its tile, the mirrored edge."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from keras_cv_course.plot.overlay import painted
from keras_cv_course.plot.style import ORANGE, SKY


def overlap_tiles(image, answer, classes, tile, margin, title):
    """Draw a picture with its mirrored edge and its tiles, one window alone, and the whole answer.

    Args:
        image: (H, W, 1 or 3) in [0, 1].
        answer: (H, W) i of classes[i].
        classes: the names of the classes.
        tile, margin: pixels, as `overlap_tile` takes them.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`. The window is that of the first tile, and reaches beyond the picture.
    """
    height, width = image.shape[:2]
    rows, columns = -(-height // tile), -(-width // tile)
    below, right = rows * tile - height, columns * tile - width
    seen = np.pad(image, ((margin, margin + below), (margin, margin + right), (0, 0)), mode="reflect")
    # What is mirrored is paler than the picture itself.
    shown = 0.45 * seen + 0.55
    shown[margin : margin + height, margin : margin + width] = image
    side = tile + 2 * margin
    figure = Figure(figsize=(13, 5), layout="constrained")
    figure.suptitle(title, fontsize=12)
    whole, window, answered = figure.subplots(1, 3)

    def draw(axis, picture, left, top, words):
        box = (left, left + picture.shape[1], top + picture.shape[0], top)
        axis.imshow(picture, cmap="gray", vmin=0, vmax=1, extent=box, interpolation="nearest")
        axis.set_title(words, fontsize=10)
        axis.set(xticks=[], yticks=[], xlim=box[:2], ylim=box[2:])

    def frame(axis, left, top, size, colour, line):
        for edge, thick in (("black", line + 1.5), (colour, line)):
            corner, sides = (left, top), (size, size)
            axis.add_patch(Rectangle(corner, *sides, fill=False, edgecolor=edge, linewidth=thick))

    draw(whole, shown, -margin, -margin, f"{rows * columns} tiles of {tile} pixels, the mirrored edge paler")
    draw(window, seen[:side, :side], -margin, -margin, f"its window: {side} pixels; it answers the frame")
    draw(answered, painted(image, answer, classes, 0.7), 0, 0, "the answers, put together")
    for axis in (whole, answered):
        for row in range(rows):
            for column in range(columns):
                corner = column * tile, row * tile
                axis.add_patch(Rectangle(corner, tile, tile, fill=False, edgecolor="white", linewidth=0.8))
    frame(whole, -margin, -margin, side, SKY, 2.5)
    for axis in (whole, window):
        frame(axis, 0, 0, tile, ORANGE, 2.5)
    return figure
