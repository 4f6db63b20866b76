"""One picture under several augmentations: with its boxes, its mask, and its label as a bar."""

import textwrap

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from keras_cv_course.plot.scene_sheet import GROUND, TONES


def augmented_scenes(batches, classes, title, row=0):
    """Draw one image of each batch in a column of its own.

    Args:
        batches: {name of the augmentation: batch}, see `augment.augmentation`; with images, labels as shares
            (N, classes), masks as shares (N, H, W, 1 + classes) of the ground and the classes, boxes and
            box_classes.
        classes: names of the classes.
        title: what the picture shows, in words.
        row: which image of the batches.

    Returns:
        A matplotlib `Figure`.
    """
    tones = [TONES[place % len(TONES)] for place in range(len(classes))]
    colours = np.array([to_rgb(tone) for tone in (GROUND, *tones)])
    figure = Figure(figsize=(1.3 * len(batches) + 0.6, 4.6), layout="constrained")
    figure.suptitle(textwrap.fill(title, 13 * len(batches)), fontsize=13)
    grid = figure.subplots(3, len(batches), squeeze=False, height_ratios=(1, 1, 0.28))
    for (picture, mask, label), (name, batch) in zip(grid.T, batches.items(), strict=True):
        picture.imshow(np.clip(batch["images"][row], 0, 1), cmap="gray", vmin=0, vmax=1)
        picture.set_title(name, fontsize=10)
        for box, kind in zip(batch["boxes"][row], batch["box_classes"][row], strict=True):
            if kind >= 0:
                _frame(picture, box, tones[kind])
        shares = batch["masks"][row].copy()
        shares[..., 0] += 1 - shares.sum(axis=-1)  # what came in from outside is ground
        mask.imshow(np.clip(shares @ colours, 0, 1), interpolation="nearest")
        start = 0.0
        for place, share in enumerate(batch["labels"][row]):
            label.barh(0, share, left=start, color=tones[place])
            if share > 0.005:
                label.text(
                    start + share / 2, -0.75, f"{share:.2f}", ha="center", va="top", fontsize=8, clip_on=False
                )
            start += share
        label.set(xlim=(0, 1), ylim=(-0.5, 0.5))
        for axis in (picture, mask, label):
            axis.set(xticks=[], yticks=[])
    for axis, name in zip(grid[:, 0], ("image\nand boxes", "mask", "label"), strict=True):
        axis.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)
    patches = [Patch(color=tone, label=name) for tone, name in zip(tones, classes, strict=True)]
    figure.legend(handles=patches, loc="outside lower center", ncols=len(classes), fontsize=9, frameon=False)
    return figure


def _frame(axis, box, tone):
    """A box in its class's colour, on black; pixel i reaches from i - 1/2 to i + 1/2 in the picture."""
    left, top, right, bottom = box
    for colour, width in (("black", 3.4), (tone, 1.8)):
        corner, size = (left - 0.5, top - 0.5), (right - left, bottom - top)
        axis.add_patch(Rectangle(corner, *size, fill=False, edgecolor=colour, linewidth=width))
