"""Small training sets: the first images of each class, mirrored twins, and smaller copies."""

import numpy as np

from keras_cv_course.data.part import Part
from keras_cv_course.errors import InputError


def few_of_each_class(part, counts, shots, seed):
    """Training sets of so many images of each class; each one is contained in all larger ones.

    Args:
        part: a `Part` with `images` and `labels` (N,), integers from 0.
        counts: numbers of images of each class.
        shots: one more such number.
        seed: of the order in which images are drawn.

    Returns:
        {count: the `Part` of count images of each class}, by rising count. Where a class has fewer images than a
        count, its number takes the count's place.

    Raises:
        InputError: the images are not in colour, a class has no image, or a count is below 1.
    """
    if part.images.shape[-1] != 3:
        raise InputError(
            f"expected images in colour, received {part.images.shape[-1]} channel: choose another dataset"
        )
    part = part[np.random.default_rng(seed).permutation(len(part))]
    rows = [np.flatnonzero(part.labels == label) for label in range(int(part.labels.max()) + 1)]
    fewest = min(map(len, rows))
    if min(fewest, shots, *counts) < 1:
        raise InputError(f"expected an image or more of each class, received {min(fewest, shots, *counts)}")
    # One of each class, then the next one of each class: the first rows are as many of each.
    order = np.stack([some[:fewest] for some in rows], axis=1)
    return {
        count: part[order[:count].ravel()] for count in sorted({min(c, fewest) for c in (*counts, shots)})
    }


def mirrored(part):
    """The `Part` of all images, each followed by its mirror image with the same label: 2N images."""
    images = np.stack([part.images, part.images[:, :, ::-1]], axis=1)
    return Part(images=images.reshape(-1, *part.images.shape[1:]), labels=np.repeat(part.labels, 2))


def shrunk(images, side=64):
    """(N, H, W, C) images -> (N, H // k, W // k, C): means of blocks of k x k pixels, k = max(1, H // side)."""
    k = max(1, images.shape[1] // side)
    height, width = (length // k for length in images.shape[1:3])
    blocks = images[:, : height * k, : width * k].reshape(len(images), height, k, width, k, -1)
    return blocks.mean(axis=(2, 4))
