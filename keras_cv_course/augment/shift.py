"""Shifts by whole pixels: given ones, random ones, and of each object to the middle of its image."""

import numpy as np
from scipy.ndimage import center_of_mass

from keras_cv_course.augment.augmentation import checked
from keras_cv_course.errors import InputError


def shift(images, pixels):
    """Shift each image by whole pixels; what leaves at one edge comes back at the opposite one.

    Args:
        images: (N, H, W, ...) array.
        pixels: (N, 2) integers: down and right; (2,) for all images alike.

    Returns:
        The shifted images, same shape and dtype.

    Raises:
        InputError: pixels have another shape or are no integers.
    """
    pixels = np.asarray(pixels)
    if pixels.shape not in ((2,), (len(images), 2)) or not np.issubdtype(pixels.dtype, np.integer):
        raise InputError(
            f"expected integers of shape (2,) or ({len(images)}, 2), received {pixels.dtype} of shape {pixels.shape}"
        )
    pixels = np.broadcast_to(pixels, (len(images), 2))
    rows = (np.arange(images.shape[1]) - pixels[:, :1]) % images.shape[1]
    columns = (np.arange(images.shape[2]) - pixels[:, 1:]) % images.shape[2]
    return images[np.arange(len(images))[:, None, None], rows[:, :, None], columns[:, None, :]]


def random_shift(batch, rng, pixels):
    """Shift each image by whole pixels, every shift equally likely.

    Args:
        batch: see `augmentation`, with images and labels alone.
        rng: a `numpy.random.Generator`.
        pixels: the farthest shift, up, down, left and right.

    Raises:
        InputError: there are masks or boxes, which are not moved, or the batch is invalid.
    """
    batch = checked(batch)
    if set(batch) - {"images", "labels"}:
        raise InputError(f"expected images and labels alone, received {', '.join(batch)}; use random_crop")
    moves = rng.integers(-pixels, pixels + 1, (len(batch["images"]), 2))
    return batch | {"images": shift(batch["images"], moves)}


def recentre(images):
    """Shift each image by whole pixels so that its centre of mass comes to the middle.

    Args:
        images: (N, H, W, C) array of brightness; one bright object on black is meant. A black image stays.

    Returns:
        The shifted images, same shape and dtype.
    """
    centres = np.array([center_of_mass(image)[:2] if image.any() else (0, 0) for image in images])
    away = np.array(images.shape[1:3]) / 2 - centres
    # A little more than the half pixels, so that rounding errors cannot part two shifts of one image.
    return shift(images, np.floor(away + 1e-6).astype(int))
