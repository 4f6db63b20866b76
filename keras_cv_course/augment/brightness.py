"""Brightness: the same scene in more or less light.

A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NIPS
2012, section 4.1: the identity of an object is invariant to the intensity of the illumination. The operation is
Pillow's `ImageEnhance.Brightness`.
"""

import numpy as np

from keras_cv_course.augment.augmentation import checked
from keras_cv_course.errors import InputError


def brighten(images, factors):
    """Multiply each image's pixels by its factor, as more light would, and cut off at white.

    Args:
        images: (N, H, W, C) floats in [0, 1].
        factors: (N,) or one number, 0 or more: 0 is black, 1 leaves the image as it is.

    Returns:
        The images, same shape and dtype, in [0, 1].

    Raises:
        InputError: a factor is negative or not finite.
    """
    factors = np.asarray(factors, images.dtype)
    if not (np.isfinite(factors).all() and (factors >= 0).all()):
        raise InputError(f"a factor of brightness is 0 or more, received {factors}")
    lit = images * factors.reshape(-1, 1, 1, 1)
    # NumPy compares with an array sooner than with a number: benchmarks/results/small_choices.json.
    white = np.ones((1, *lit.shape[1:]), lit.dtype)
    return np.minimum(lit, white, out=lit)


def random_brightness(batch, rng, strength=0.2):
    """Give each image a factor of its own between 1 - strength and 1 + strength.

    Args:
        batch: see `augmentation`; images in [0, 1]. Labels, masks and boxes stay.
        rng: a `numpy.random.Generator`.
        strength: the largest change, in [0, 1].

    Raises:
        InputError: the strength is not in [0, 1], or the batch is invalid.
    """
    batch = checked(batch, in_unit_range=True)
    if not 0 <= strength <= 1:
        raise InputError(f"the strength of brightness is in [0, 1], received {strength}")
    factors = rng.uniform(1 - strength, 1 + strength, len(batch["images"]))
    batch["images"] = brighten(batch["images"], factors)
    return batch
