"""Figures of day2.fcn."""

import numpy as np
from matplotlib.figure import Figure

from keras_cv_course.plot.style import BLUE, GREY, ORANGE


def upsampled_ramp(coarse, fine, weights, title):
    """Draw the copies of the kernel that a transposed convolution adds up, and their sum.

    Args:
        coarse: (n,) numbers, one for each input pixel.
        fine: (n * factor,) the upsampled numbers.
        weights: (2 * factor,) the kernel along one axis.
        title: what the figure shows, in words.

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
    axis.set(title=title, xlabel="position (input pixels)", ylabel="value")
    axis.spines[["top", "right"]].set_visible(False)
    figure.legend(frameon=False, loc="outside lower center", ncols=3, fontsize=9)
    return figure
