"""Random crop with padding: the same image, a few pixels up, down, left or right.

K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, section 4.2: CIFAR-10
images are padded by 4 pixels on each side, and a 32x32 crop is sampled at random.
"""

import numpy as np

from keras_cv_course.augment.augmentation import NO_BOX, checked, clip_boxes, keep_visible
from keras_cv_course.errors import InputError


def crop(batch, top, left, size, padding=0):
    """Cut one window out of each image, its mask and its boxes.

    Args:
        batch: see `augmentation`.
        top, left: (N,) integers, the window's upper left pixel, counted in the padded image.
        size: (height, width) of the windows.
        padding: pixels of 0 that are put on each side first.

    Returns:
        The batch with images and masks of the new size; boxes of which too little is left are dropped.

    Raises:
        InputError: a window reaches beyond the padded image, or the batch is invalid.
    """
    batch = checked(batch)
    count, old_height, old_width, _ = batch["images"].shape
    height, width = size
    top, left = np.asarray(top), np.asarray(left)
    if padding < 0 or min(size) < 1 or top.shape != (count,) or left.shape != (count,):
        raise InputError(
            f"expected a padding of 0 or more, a size of 1 pixel or more and {count} corners, received "
            f"padding={padding}, size={size} and corners of shapes {top.shape} and {left.shape}"
        )
    if (
        min(top.min(), left.min()) < 0
        or top.max() + height > old_height + 2 * padding
        or left.max() + width > old_width + 2 * padding
    ):
        raise InputError(
            f"windows of {height} x {width} pixels reach beyond images of {old_height} x {old_width} with "
            f"a padding of {padding}; take smaller ones or pad more"
        )
    for field in ("images", "masks"):
        if field in batch:
            batch[field] = _windows(batch[field], top, left, height, width, padding)
    if "boxes" in batch:
        boxes = batch["boxes"]
        corners = np.stack([left - padding, top - padding] * 2, axis=1).astype(boxes.dtype)
        moved = np.where((boxes != NO_BOX).any(axis=2, keepdims=True), boxes - corners[:, None], NO_BOX)
        keep_visible(batch, clip_boxes(moved, height, width), moved)
    return batch


def _windows(pixels, top, left, height, width, padding):
    """(N, H, W, ...) -> (N, height, width, ...)."""
    rest = [(0, 0)] * (pixels.ndim - 3)
    padded = np.pad(pixels, [(0, 0), (padding, padding), (padding, padding), *rest])
    windows = np.empty((len(pixels), height, width, *pixels.shape[3:]), pixels.dtype)
    for window, image, row, column in zip(windows, padded, top, left):
        window[...] = image[row : row + height, column : column + width]
    return windows


def random_crop(batch, rng, padding=4, size=None):
    """Pad each image and cut a window out of it, each place equally likely.

    Args:
        batch: see `augmentation`.
        rng: a `numpy.random.Generator`.
        padding: pixels of 0 on each side, 0 or more.
        size: (height, width) of the window; None is the image's own size.

    Raises:
        InputError: the window is larger than the padded image, or the batch is invalid.
    """
    count, old_height, old_width, _ = checked(batch)["images"].shape
    height, width = size or (old_height, old_width)
    spare = old_height + 2 * padding - height, old_width + 2 * padding - width
    if min(spare) < 0:
        raise InputError(
            f"a window of {height} x {width} pixels does not fit into images of {old_height} x {old_width} "
            f"with a padding of {padding}; take a smaller one or pad more"
        )
    top, left = (rng.integers(0, space + 1, count) for space in spare)
    return crop(batch, top, left, (height, width), padding)
