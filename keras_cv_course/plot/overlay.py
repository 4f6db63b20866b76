"""An image with the class of every pixel painted over it, and the classes' names on their regions."""

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from scipy.ndimage import distance_transform_edt

from keras_cv_course.errors import InputError
from keras_cv_course.plot.class_colours import BACKGROUND, TONES

VOID = 255
UNPAINTED = "background"  # the class that is not painted over an image
LARGEST = 1000  # pixels of a side that a figure shows


def overlay(image, mask, classes, title=""):
    """Paint the classes over an image: by colour, and by name for those who cannot tell the colours apart.

    Args:
        image: (H, W, 1 or 3) in [0, 1].
        mask: (H, W) integers, i of classes[i], 255 void. A class named "background" is not painted.
        classes: the names of the classes.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`; its legend gives each class's share of the image.

    Raises:
        InputError: the sizes differ, or a class has no name.
    """
    image, mask = np.asarray(image), np.asarray(mask)
    if image.ndim != 3 or image.shape[:2] != mask.shape:
        raise InputError(
            f"an image (H, W, C) and its mask (H, W) must be of one size, got {image.shape}, {mask.shape}"
        )
    shares = {value: np.mean(mask == value) for value in np.unique(mask)}
    unnamed = [int(value) for value in shares if value != VOID and not 0 <= value < len(classes)]
    if unnamed:
        raise InputError(f"{len(classes)} classes have a name, and the mask holds {unnamed}")
    step = -(-max(mask.shape) // LARGEST)
    image, mask = image[::step, ::step], mask[::step, ::step]
    height, width = mask.shape
    scale = 8 / max(height, width)
    size = max(3, scale * width), max(2, scale * height) + 0.9
    figure = Figure(figsize=size, layout="constrained")
    figure.suptitle(title, fontsize=12)
    axis = figure.subplots()
    axis.set_axis_off()
    axis.imshow(painted(image, mask, classes), interpolation="nearest")
    patches = []
    for value, share in shares.items():
        name = "void" if value == VOID else classes[value]
        if name != UNPAINTED:
            patches.append(Patch(color=tone(value, classes), label=f"{name} {100 * share:.0f} %"))
            _write(axis, mask == value, name)
    if patches:
        figure.legend(handles=patches, loc="outside lower center", ncols=4, fontsize=9, frameon=False)
    return figure


def painted(image, mask, classes, strength=0.55):
    """The image (H, W, 3) in [0, 1] under its classes' colours; at strength 1 only these are seen."""
    colours = np.full((VOID + 1, 3), to_rgb(BACKGROUND))
    for value in (*range(len(classes)), VOID):
        colours[value] = to_rgb(tone(value, classes))
    mask = np.asarray(mask)
    share = np.full(mask.shape, float(strength))
    if UNPAINTED in classes and strength < 1:
        share[mask == tuple(classes).index(UNPAINTED)] = 0
    return share[..., None] * colours[mask] + (1 - share[..., None]) * np.clip(image, 0, 1)


def tone(value, classes):
    """The colour of a class, the same in all figures: the background grey, void black."""
    if value == VOID:
        return "black"
    if classes[value] == UNPAINTED:
        return BACKGROUND
    return TONES[(value - (UNPAINTED in classes[:value])) % len(TONES)]


def _write(axis, region, name):
    """The name stands where the region is widest, if there is room for it."""
    depth = distance_transform_edt(np.pad(region, 1))[1:-1, 1:-1]
    row, column = np.unravel_index(np.argmax(depth), depth.shape)
    if depth[row, column] > 0.02 * max(region.shape):
        axis.text(
            column, row, name, fontsize=8, color="white", ha="center", va="center", clip_on=True,
            bbox=dict(facecolor="black", alpha=0.6, linewidth=0, pad=1.2),
        )  # fmt: skip
