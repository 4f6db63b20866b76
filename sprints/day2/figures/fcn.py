"""What a transposed convolution with the bilinear kernel makes of a ramp, and of what it is made."""

import numpy as np
from matplotlib.figure import Figure

from keras_cv_course.plot.style import BLUE, GREY, ORANGE


def ramp_enlarged(coarse, fine, weights, title):
    """Draw the copies of the kernel that a transposed convolution adds up, and their sum.

    Args:
        coarse: (n,) numbers, one a coarse pixel.
        fine: (n * factor,) the enlarged numbers.
        weights: (2 * factor,) the kernel along one axis.
        title: what the picture shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    factor = len(fine) // len(coarse)
    # The centre of fine pixel i lies at (i + 1/2) / factor - 1/2 of the coarse ones.
    places = (np.arange(len(fine)) + 0.5) / factor - 0.5
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    axis = figure.subplots()
    for number, value in enumerate(coarse):
        own = number + (np.arange(len(weights)) + 0.5) / factor - 1.0
        axis.fill_between(own, value * weights, color=GREY, alpha=0.18, linewidth=0)
        axis.plot(own, value * weights, color=GREY, linewidth=0.8, label=None if number else "kernel x pixel")
    axis.plot(places, fine, "o", color=BLUE, markersize=4, label="fine pixels: the sum of the kernels")
    axis.plot(np.arange(len(coarse)), coarse, "s", color=ORANGE, markersize=8, label="coarse pixels")
    axis.set(title=title, xlabel="place (coarse pixels)", ylabel="value")
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, loc="upper left")
    return figure
