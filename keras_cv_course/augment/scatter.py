"""Images placed anywhere on a larger black canvas: data in which nothing is centred.

Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document Recognition", Proceedings
of the IEEE 1998, section III.A, scale each digit to one size and centre it; this undoes the centring.
"""

import numpy as np

from keras_cv_course.augment.crop import random_crop
from keras_cv_course.data.part import Part
from keras_cv_course.errors import InputError


def scattered(part, padding, seed):
    """A data part whose images are `padding` pixels higher and wider, each original anywhere in its canvas.

    Args:
        part: a `Part` with images (N, H, W, C) and labels (N,).
        padding: pixels, 0 or more; 0 returns the part itself.
        seed: of the places.

    Returns:
        A `Part` with images (N, H + padding, W + padding, C) and the same labels.

    Raises:
        InputError: the padding is negative.
    """
    if padding < 0:
        raise InputError(f"padding is 0 pixels or more, received {padding}")
    if padding == 0:
        return part
    height, width = part.images.shape[1:3]
    batch = {"images": part.images, "labels": part.labels}
    size = (height + padding, width + padding)
    return Part(**random_crop(batch, np.random.default_rng(seed), padding=padding, size=size))
