"""Cutout: a square of each image is masked out, so that the network cannot rely on one part of an object.

T. DeVries, G. Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout",
arXiv:1708.04552, section 3.
"""

import numpy as np

from keras_cv_course.augment.augmentation import checked
from keras_cv_course.errors import InputError


def rectangles(centres, sizes, height, width):
    """Rectangles around centres, cut off at the image's edge.

    Args:
        centres: (N, 2) integers, row and column.
        sizes: (N, 2) or (1, 2) integers, height and width before the cut.
        height, width: of the images, in pixels.

    Returns:
        (N, 4) integers: top, left, bottom, right; rows top to bottom - 1 and columns left to right - 1.
    """
    first = centres - sizes // 2
    last = first + sizes
    return np.concatenate([np.clip(corner, 0, (height, width)) for corner in (first, last)], axis=1)


def cut_out(images, holes, fill=0.0):
    """Fill one rectangle of each image: (N, H, W, C) and (N, 4) as `rectangles` gives them -> same shape."""
    images = images.copy()
    for image, (top, left, bottom, right) in zip(images, holes):
        image[top:bottom, left:right] = fill
    return images


def random_cutout(batch, rng, size=8, fill=0.0):
    """Mask out a square of each image; its centre may be any pixel, so part of it may lie outside.

    Args:
        batch: see `augmentation`. Labels, masks and boxes stay as they are.
        rng: a `numpy.random.Generator`.
        size: the square's side in pixels, 0 or more. The paper (section 4.2.1) takes 16 of 32 for CIFAR-10, 8 for
            CIFAR-100.
        fill: value of the masked pixels; the paper's images are normalised, so that its 0 is the mean of all
            images.

    Raises:
        InputError: the size is negative or no whole number, or the batch is invalid.
    """
    batch = checked(batch)
    count, height, width, _ = batch["images"].shape
    if not (size >= 0 and size % 1 == 0):
        raise InputError(f"the size of the square is a number of pixels, 0 or more, received {size}")
    centres = rng.integers((height, width), size=(count, 2))
    holes = rectangles(centres, np.array([[size, size]], int), height, width)
    batch["images"] = cut_out(batch["images"], holes, fill)
    return batch
