"""Figures of day2.unet."""

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from PIL import Image

from keras_cv_course.inference.overlap_tile import overlap_tile
from keras_cv_course.metrics.mean_iou import mean_iou
from keras_cv_course.plot.class_colours import BACKGROUND, TONES
from keras_cv_course.plot.overlay import overlay, painted, tone
from keras_cv_course.plot.style import BLUE, GREEN, ORANGE, SKY


def overlap_tiles(image, predicted, classes, tile, margin):
    """Draw an image with its mirrored margin and its tiles, one window alone, and the predicted classes.

    Args:
        image: (H, W, 1 or 3) in [0, 1].
        predicted: (H, W) i of classes[i].
        classes: the names of the classes.
        tile, margin: pixels, as `overlap_tile` takes them.

    Returns:
        A matplotlib `Figure`. The window is that of the first tile, and reaches beyond the image.
    """
    height, width = image.shape[:2]
    rows, columns = -(-height // tile), -(-width // tile)
    below, right = rows * tile - height, columns * tile - width
    seen = np.pad(image, ((margin, margin + below), (margin, margin + right), (0, 0)), mode="reflect")
    # What is mirrored is paler than the image itself.
    shown = 0.45 * seen + 0.55
    shown[margin : margin + height, margin : margin + width] = image
    side = tile + 2 * margin
    figure = Figure(figsize=(9.5, 4), layout="constrained")
    figure.suptitle(f"Tiles of {tile} pixels, predicted from windows of {side}", fontsize=12)
    whole, window, masks = figure.subplots(1, 3)

    def draw(axis, pixels, left, top, words):
        box = (left, left + pixels.shape[1], top + pixels.shape[0], top)
        axis.imshow(pixels, cmap="gray", vmin=0, vmax=1, extent=box, interpolation="nearest")
        axis.set_title(words, fontsize=10)
        axis.set(xticks=[], yticks=[], xlim=box[:2], ylim=box[2:])

    def frame(axis, left, top, size, colour, line):
        for edge, thick in (("black", line + 1.5), (colour, line)):
            corner, sides = (left, top), (size, size)
            axis.add_patch(Rectangle(corner, *sides, fill=False, edgecolor=edge, linewidth=thick))

    draw(whole, shown, -margin, -margin, f"{rows * columns} tiles; the mirrored margin is paler")
    draw(window, seen[:side, :side], -margin, -margin, "window of the first tile, which is framed")
    draw(masks, painted(image, predicted, classes, 1), 0, 0, "predicted classes of all tiles")
    for axis in (whole, masks):
        for row in range(rows):
            for column in range(columns):
                corner = column * tile, row * tile
                axis.add_patch(Rectangle(corner, tile, tile, fill=False, edgecolor="white", linewidth=0.8))
    frame(whole, -margin, -margin, side, SKY, 2.5)
    for axis in (whole, window):
        frame(axis, 0, 0, tile, ORANGE, 2.5)
    return figure


def first_and_lowest(part, predicted, classes, first=5, lowest=3):
    """Draw the first images of a part and those with the lowest mean IoU; each has its mean IoU above it.

    Args:
        part: images (N, H, W, 1 or 3) in [0, 1] and masks (N, H, W), 255 void.
        predicted: (N, H, W) i of classes[i].
        classes: the names of the classes.
        first, lowest: how many of either, at most.

    Returns:
        A matplotlib `Figure`, see `prediction_sheet`.
    """
    each = np.array([mean_iou(*pair) for pair in zip(part.masks, predicted, strict=True)])
    first = min(first, len(each))
    rows = np.concatenate([np.arange(first), np.argsort(each)[:lowest]])
    notes = [f"{'' if place < first else 'lowest: '}{each[row]:.2f}" for place, row in enumerate(rows)]
    title = "Test images with their mean IoU: the first ones, and those with the lowest"
    return prediction_sheet(part.images[rows], part.masks[rows], predicted[rows], classes, title, notes)


def prediction_sheet(images, masks, predicted, classes, title, notes):
    """Draw a column an image: the image, its true classes, the predicted ones.

    Args:
        images: (N, H, W, 1 or 3) in [0, 1].
        masks: (N, H, W) i of classes[i], 255 void, black.
        predicted: (N, H, W) i of classes[i].
        classes: the names of the classes.
        title: what the figure shows, in words.
        notes: N words to write above the images.

    Returns:
        A matplotlib `Figure`.
    """
    count = len(images)
    figure = Figure(figsize=(max(5, 0.6 + 1.1 * count), 4.9), layout="constrained")
    figure.suptitle(title, fontsize=12)
    grid = figure.subplots(3, count, squeeze=False)
    for column in range(count):
        image = images[column]
        flat = (painted(image, some[column], classes, strength=1) for some in (masks, predicted))
        for axis, pixels in zip(grid[:, column], (image, *flat), strict=True):
            axis.imshow(pixels, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            axis.set(xticks=[], yticks=[])
        grid[0, column].set_title(notes[column], fontsize=10)
    for axis, label in zip(grid[:, 0], ("image", "truth", "predicted"), strict=True):
        axis.set_ylabel(label, fontsize=11)
    patches = [Patch(color=tone(value, classes), label=name) for value, name in enumerate(classes)]
    figure.legend(handles=patches, loc="outside lower center", ncols=7, fontsize=9, frameon=False)
    return figure


def class_bars(classes, values, title):
    """Draw bars of intersection over union, the class with the first method's largest number on top.

    Args:
        classes: the names of the classes.
        values: {method: (classes,) numbers in [0, 1]}, at most three; NaN leaves its bar out.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    first = np.nan_to_num(np.asarray(next(iter(values.values())), float), nan=-1)
    order = np.argsort(first, kind="stable")
    thick = 0.8 / len(values)
    figure = Figure(figsize=(7, 1.5 + 0.36 * len(classes)), layout="constrained")
    figure.suptitle(title, fontsize=12)
    axis = figure.subplots()
    for number, ((method, numbers), colour) in enumerate(
        zip(values.items(), (BLUE, ORANGE, GREEN), strict=False)
    ):
        numbers = np.asarray(numbers, float)[order]
        places = np.arange(len(classes)) + thick * ((len(values) - 1) / 2 - number)
        axis.barh(places, np.nan_to_num(numbers), thick, color=colour, label=method)
        for place, value in zip(places, numbers, strict=True):
            words = "absent" if np.isnan(value) else f"{value:.2f}"
            axis.text(np.nan_to_num(value) + 0.01, place, words, va="center", fontsize=9)
    axis.set_yticks(np.arange(len(classes)), [classes[place] for place in order])
    axis.set(xlabel="intersection over union", xlim=(0, 1.08))
    axis.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=len(values), frameon=False, fontsize=9)
    return figure


def segmented_image(model, image):
    """Draw a U-Net's classes over an image.

    A network knows objects of the sizes that it has learned: an image that is larger than those it was built for is
    resized until its shorter side is as long as theirs, and the predicted mask is resized back.

    Args:
        model: a built `UNet`.
        image: (H, W, 3) in [0, 1], H and W of 1 or more.

    Returns:
        A matplotlib `Figure`, see `overlay`.
    """
    height, width, _ = image.shape
    side = model.get_build_config()["input_shape"][1] or min(height, width)
    scale = min(1.0, side / min(height, width))
    size = max(1, round(scale * width)), max(1, round(scale * height))
    small = Image.fromarray(np.uint8(np.rint(255 * image))).resize(size, Image.Resampling.BILINEAR)
    tile, margin = model.tile_and_margin(min(side, 128))
    pixels = np.asarray(small, "float32") / 255
    mask = overlap_tile(model, pixels, tile, margin).argmax(axis=-1).astype("uint8")
    mask = np.asarray(Image.fromarray(mask).resize((width, height), Image.Resampling.NEAREST))
    names = model.names or tuple(f"class {number}" for number in range(model.classes))
    return overlay(image, mask, names, "Predicted classes, and their share of the image")


def weight_map(image, instances, weights, title):
    """Draw an image, its objects, each in a colour of its own, and the weights of its pixels.

    Args:
        image: (H, W, 1 or 3) in [0, 1].
        instances: (H, W) integers, 0 the background.
        weights: (H, W) numbers.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(9.5, 3.6), layout="constrained")
    figure.suptitle(title, fontsize=12)
    panels = figure.subplots(1, 3)
    panels[0].imshow(image, cmap="gray", vmin=0, vmax=1)
    count = int(np.max(instances))
    colours = ListedColormap([BACKGROUND, *(TONES[number % len(TONES)] for number in range(count))])
    panels[1].imshow(instances, cmap=colours, vmin=-0.5, vmax=count + 0.5, interpolation="nearest")
    drawn = panels[2].imshow(weights, cmap="cividis", interpolation="nearest")
    bar = figure.colorbar(drawn, ax=panels[2], fraction=0.05)
    bar.set_label("weight of the pixel's loss")
    for axis, words in zip(panels, ("image", "objects", "weights"), strict=True):
        axis.set_title(words, fontsize=10)
        axis.set(xticks=[], yticks=[])
    return figure
