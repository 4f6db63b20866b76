"""Integrated gradients: what each pixel adds to the score on the way from a baseline to the image.

Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", ICML 2017, equation 1 and section 5.
"""

import numpy as np

from keras_cv_course.errors import InputError
from keras_cv_course.explain.input_gradient import InputGradient, class_score


def integrated_gradients(model, images, classes, baseline=0.0, steps=32):
    """(x - x') times the mean gradient along the straight line from the baseline x' to the image x.

    The paper's axiom of completeness: the numbers of an image sum to S_c(x) - S_c(x'), up to the error of the sum that
    stands for the integral. It is taken at the middles of equal steps.

    Args:
        model: a built classifier, images (N, H, W, C) -> logits (N, classes).
        images: (N, H, W, C) numbers in the range that the model expects.
        classes: (N,) the class to explain for each image.
        baseline: a number, such as 0 for black, or an array that broadcasts to the images.
        steps: number of gradients; the paper takes 20 to 300.

    Returns:
        (N, H, W, C) float32, in units of the score.

    Raises:
        InputError: no such images, a class out of range, a baseline of another shape, or less than 1 step.
    """
    if steps < 1:
        raise InputError(f"expected 1 step or more, received {steps}")
    score = class_score(model, images, classes)
    images = np.asarray(images, "float32")
    try:
        baseline = np.broadcast_to(np.asarray(baseline, "float32"), images.shape)
    except ValueError:
        raise InputError(
            f"the baseline must be a number or an array like the images, {images.shape}, received {np.shape(baseline)}"
        ) from None
    gradient_at, total = InputGradient(score, images.shape), np.zeros(images.shape, "float64")
    for step in range(steps):
        share = np.float32((step + 0.5) / steps)
        total += gradient_at(baseline + share * (images - baseline))
    return ((images - baseline) * total / steps).astype("float32")
