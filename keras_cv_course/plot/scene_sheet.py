"""Pictures with what is known of them: class, boxes, and the class of every pixel."""

from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from keras_cv_course.plot.style import BLUE, GREEN, ORANGE, PURPLE, RED, SKY

# One colour a class, from the eighth on darker ones; the ground is light, void pixels are black.
TONES = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY, "#F0E442", "#004D75", "#8F6300", "#00664B", "#8C3D00")
GROUND, VOID = "#E8E8E8", "black"


def scene_sheet(images, classes, title, labels=None, masks=None, boxes=None, box_classes=None, columns=8):
    """Draw pictures in rows; with masks, every row of pictures has the row of their masks below it.

    Args:
        images: (N, H, W, 1 or 3) in [0, 1].
        classes: the names of the classes.
        title: what the picture shows, in words.
        labels: (N,) the class of each picture, written above it; or None.
        masks: (N, H, W) 0 the ground, i + 1 an object of classes[i], 255 void; or None.
        boxes: (N, K, 4) x_min, y_min, x_max, y_max in pixels, or None.
        box_classes: (N, K), -1 for none.
        columns: pictures a row.

    Returns:
        A matplotlib `Figure`.
    """
    rows, step = -(-len(images) // columns), 1 if masks is None else 2
    figure = Figure(figsize=(1.35 * columns, 0.9 + 1.35 * rows * step), layout="constrained")
    figure.suptitle(title, fontsize=12)
    grid = figure.subplots(rows * step, columns, squeeze=False)
    for axis in grid.flat:
        axis.set_axis_off()
    tones = [TONES[i % len(TONES)] for i in range(len(classes))]
    colours = ListedColormap([GROUND, *tones]).with_extremes(over=VOID)
    for place, image in enumerate(images):
        row, column = divmod(place, columns)
        axis = grid[row * step, column]
        axis.imshow(image, cmap="gray", vmin=0, vmax=1)
        if labels is not None:
            axis.set_title(classes[labels[place]], fontsize=9)
        if boxes is not None:
            _boxes(axis, boxes[place], box_classes[place], classes)
        if masks is not None:
            grid[row * step + 1, column].imshow(
                masks[place], cmap=colours, vmin=-0.5, vmax=len(classes) + 0.5, interpolation="nearest"
            )
    if masks is not None:
        patches = [Patch(color=tone, label=name) for tone, name in zip(tones, classes, strict=True)]
        figure.legend(handles=patches, loc="outside lower center", ncols=columns, fontsize=9, frameon=False)
    return figure


def _boxes(axis, boxes, kinds, classes):
    for (left, top, right, bottom), kind in zip(boxes, kinds, strict=True):
        if kind < 0:
            continue
        # Pixel i reaches from i - 1/2 to i + 1/2 in the picture.
        for colour, width in (("black", 2.6), ("white", 1.2)):
            corner, size = (left - 0.5, top - 0.5), (right - left, bottom - top)
            axis.add_patch(Rectangle(corner, *size, fill=False, edgecolor=colour, linewidth=width))
        above = top > 6
        axis.text(
            left, top - 1 if above else bottom, classes[kind], fontsize=6, color="white",
            va="bottom" if above else "top",
            bbox=dict(facecolor="black", alpha=0.6, linewidth=0, pad=0.8), clip_on=True,
        )  # fmt: skip
