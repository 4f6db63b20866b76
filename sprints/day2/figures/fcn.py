"""Figures of day2.fcn."""

import keras
import numpy as np
from matplotlib.figure import Figure

from keras_cv_course.data.masks import VOID
from keras_cv_course.metrics.boundary import trimap_mean_iou
from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.mask_panels import mask_panels
from keras_cv_course.plot.style import BLUE, GREY, ORANGE

WIDTHS = (1, 2, 3, 4, 6, 8, 12)  # pixels


def upsampled_ramp(coarse, fine, weights):
    """Draw the copies of the kernel that a transposed convolution adds up, and their sum.

    Args:
        coarse: (n,) numbers, one for each input pixel.
        fine: (n * factor,) the upsampled numbers.
        weights: (2 * factor,) the kernel along one axis.

    Returns:
        A matplotlib `Figure`.
    """
    factor = len(fine) // len(coarse)
    # The centre of output pixel i lies at (i + 1/2) / factor - 1/2 of the input pixels.
    places = (np.arange(len(fine)) + 0.5) / factor - 0.5
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axis = figure.subplots()
    for number, value in enumerate(coarse):
        own = number + (np.arange(len(weights)) + 0.5) / factor - 1.0
        axis.fill_between(own, value * weights, color=GREY, alpha=0.18, linewidth=0)
        label = None if number else "kernel times input pixel"
        axis.plot(own, value * weights, color=GREY, linewidth=0.8, label=label)
    axis.plot(places, fine, "o", color=BLUE, markersize=4, label="output pixels: the sum of the kernels")
    axis.plot(np.arange(len(coarse)), coarse, "s", color=ORANGE, markersize=8, label="input pixels")
    title = f"A ramp of {len(coarse)} pixels, upsampled {factor} times"
    axis.set(title=title, xlabel="position (input pixels)", ylabel="value")
    axis.spines[["top", "right"]].set_visible(False)
    figure.legend(frameon=False, loc="outside lower center", ncols=3, fontsize=9)
    return figure


def near_boundaries(truth, methods):
    """Draw mean IoU against the distance from a boundary up to which pixels count.

    Args:
        truth: (N, H, W) classes, 255 void.
        methods: {name: (N, H, W) predicted classes}.

    Returns:
        A matplotlib `Figure`.
    """
    lines = {
        name: [trimap_mean_iou(truth, masks, width) for width in WIDTHS] for name, masks in methods.items()
    }
    axes = "distance from a boundary up to which pixels count (pixels)", "mean IoU"
    return curves(WIDTHS, lines, "Mean IoU of the test pixels near a boundary", *axes)


def score_maps(part, logits, classes):
    """Draw images, their masks, and each output's probability of the class that covers most of the image's objects.

    Args:
        part: images (N, H, W, 3) and masks (N, H, W), 0 the background, 255 void.
        logits: {output: (N, H, W, C)}.
        classes: names.

    Returns:
        A matplotlib `Figure`, a row an image.
    """
    largest = [np.bincount(mask[mask != VOID], minlength=2)[1:].argmax() + 1 for mask in part.masks]
    columns = {"image": part.images, "truth": part.masks}
    for name, maps in logits.items():
        shares = np.asarray(keras.ops.softmax(maps))
        columns[name] = np.stack([share[..., one] for share, one in zip(shares, largest, strict=True)])
    title = "Test images, their classes, and the probability of the object's class"
    return mask_panels(columns, classes, title, part.masks, "probability of the object's class")
