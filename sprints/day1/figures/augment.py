"""Figures of day1.augment."""

import textwrap

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from keras_cv_course.augment.augmentation import to_soft_labels
from keras_cv_course.plot.class_colours import BACKGROUND, TONES
from keras_cv_course.plot.style import BLUE, GREY, ORANGE, RED

COLUMNS = 5  # of augmented scenes side by side


def with_soft_masks(scenes, classes):
    """A batch of scenes with labels and masks as probabilities, the form that mixed images need.

    Args:
        scenes: a `Part` of N images with labels, masks, boxes and box_classes.
        classes: number of classes, without the background.

    Returns:
        A batch, see `augment.augmentation`: labels (N, classes), masks (N, H, W, 1 + classes).
    """
    masks = to_soft_labels(scenes.masks.ravel(), 1 + classes).reshape(*scenes.masks.shape, -1)
    labels, boxes, kinds = to_soft_labels(scenes.labels, classes), scenes.boxes, scenes.box_classes
    return dict(images=scenes.images, labels=labels, masks=masks, boxes=boxes, box_classes=kinds)


def augmented_scenes(batches, classes, title, row=0):
    """Draw one image of each batch in a column of its own.

    Args:
        batches: {name of the augmentation: batch}, see `augment.augmentation`; with images, labels as shares
            (N, classes), masks as shares (N, H, W, 1 + classes) of the background and the classes, boxes and
            box_classes.
        classes: names of the classes.
        title: what the figure shows, in words.
        row: which image of the batches.

    Returns:
        A matplotlib `Figure`.
    """
    tones = [TONES[place % len(TONES)] for place in range(len(classes))]
    colours = np.array([to_rgb(tone) for tone in (BACKGROUND, *tones)])
    across = min(COLUMNS, len(batches))
    bands = -(-len(batches) // across)
    figure = Figure(figsize=(1.5 * across + 0.6, 4.3 * bands + 0.5), layout="constrained")
    figure.suptitle(textwrap.fill(title, 13 * across), fontsize=13)
    grid = figure.subplots(3 * bands, across, squeeze=False, height_ratios=(1, 1, 0.28) * bands)
    columns = grid.reshape(bands, 3, across).swapaxes(1, 2).reshape(-1, 3)
    for axis in columns[len(batches) :].ravel():
        axis.axis("off")
    for (image, mask, label), (name, batch) in zip(columns, batches.items(), strict=False):
        image.imshow(np.clip(batch["images"][row], 0, 1), cmap="gray", vmin=0, vmax=1)
        image.set_title(name, fontsize=11)
        for box, kind in zip(batch["boxes"][row], batch["box_classes"][row], strict=True):
            if kind >= 0:
                _frame(image, box, tones[kind])
        shares = batch["masks"][row].copy()
        shares[..., 0] += 1 - shares.sum(axis=-1)  # what came in from outside is background
        mask.imshow(np.clip(shares @ colours, 0, 1), interpolation="nearest")
        start = 0.0
        for place, share in enumerate(batch["labels"][row]):
            label.barh(0, share, left=start, color=tones[place])
            if share > 0.005:
                label.text(
                    start + share / 2, -0.75, f"{share:.2f}", ha="center", va="top", fontsize=9, clip_on=False
                )
            start += share
        label.set(xlim=(0, 1), ylim=(-0.5, 0.5))
        for axis in (image, mask, label):
            axis.set(xticks=[], yticks=[])
    for axis, name in zip(grid[:, 0], ("image\nand boxes", "mask", "label") * bands, strict=True):
        axis.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)
    patches = [Patch(color=tone, label=name) for tone, name in zip(tones, classes, strict=True)]
    figure.legend(
        handles=patches,
        loc="outside lower center",
        ncols=min(len(classes), across),
        fontsize=9,
        frameon=False,
    )
    return figure


def _frame(axis, box, tone):
    """A box in its class's colour, on black; pixel i reaches from i - 1/2 to i + 1/2 in the image."""
    left, top, right, bottom = box
    for colour, width in (("black", 3.4), (tone, 1.8)):
        corner, size = (left - 0.5, top - 0.5), (right - left, bottom - top)
        axis.add_patch(Rectangle(corner, *size, fill=False, edgecolor=colour, linewidth=width))


def gain_dots(gains, title, xlabel):
    """Draw one row for each augmentation, the largest mean on top; right of the line is better than without.

    Args:
        gains: {name: (runs,) differences to the run without it}, two runs or more.
        title: what the figure shows, in words.
        xlabel: quantity and unit.

    Returns:
        A matplotlib `Figure`.
    """
    ordered = sorted(gains.items(), key=lambda pair: np.mean(pair[1]))
    figure = Figure(figsize=(7, 1.3 + 0.36 * len(gains)), layout="constrained")
    axis = figure.subplots()
    axis.axvline(0, color=GREY, linewidth=1)
    for row, (_, values) in enumerate(ordered):
        axis.plot(values, np.full(len(values), row), "o", color=BLUE, markersize=6, alpha=0.6)
        mean = np.mean(values)
        error = np.std(values, ddof=1) / len(values) ** 0.5
        axis.hlines(row, mean - 2 * error, mean + 2 * error, color=ORANGE, linewidth=2, zorder=3)
        axis.vlines(mean, row - 0.3, row + 0.3, color=ORANGE, linewidth=4, zorder=3)
        axis.annotate(
            f"{mean:+.3f}", (1.0, row), xycoords=("axes fraction", "data"), xytext=(4, 0),
            textcoords="offset points", va="center", fontsize=9,
        )  # fmt: skip
    axis.set(
        title=textwrap.fill(title, 70),
        yticks=range(len(ordered)),
        xlabel=f"{xlabel} (bar: mean, line: two standard errors)",
    )
    axis.set_yticklabels([name for name, _ in ordered])
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.grid(axis="y", linewidth=0.4)
    axis.margins(x=0.06)
    return figure


def knob_grid(scores, title, rows="operations an image", columns="magnitude", best=None):
    """Draw a grid with one cell a pair.

    Args:
        scores: {(row's value, column's value): score} of every pair; higher is better.
        title: what the figure shows, in words.
        rows: what the first knob is.
        columns: what the second knob is.
        best: the pair to frame; None is the one with the highest score.

    Returns:
        A matplotlib `Figure`.
    """
    best = max(scores, key=scores.get) if best is None else best
    down, across = (sorted({pair[place] for pair in scores}) for place in (0, 1))
    table = np.array([[scores[one, other] for other in across] for one in down])
    figure = Figure(figsize=(2.6 + 1.2 * len(across), 1.9 + 0.6 * len(down)), layout="constrained")
    axis = figure.subplots()
    axis.imshow(table, cmap="Blues", aspect="auto", vmin=table.min() - 0.02, vmax=table.max() + 0.05)
    for row, column in np.ndindex(*table.shape):
        axis.text(column, row, f"{table[row, column]:.3f}", ha="center", va="center")
    place = across.index(best[1]) - 0.5, down.index(best[0]) - 0.5
    axis.add_patch(Rectangle(place, 1, 1, fill=False, edgecolor=RED, linewidth=3, clip_on=False))
    axis.set(xticks=range(len(across)), yticks=range(len(down)), xlabel=columns, ylabel=rows)
    axis.set_xticklabels([f"{value:g}" for value in across])
    axis.set_yticklabels([f"{value:g}" for value in down])
    figure.suptitle(textwrap.fill(title, 30 + 12 * len(across)), fontsize=12)
    return figure
