"""From arrays of 8-bit images to the parts that lessons use."""

import numpy as np

from keras_cv_course.data.part import Part, split
from keras_cv_course.errors import InputError


def parts_of(train, test, name, validation=5000):
    """Scale the pixels to [0, 1], give grey images their channel axis, split off a validation part.

    Args:
        train: (images, labels): (N, H, W) or (N, H, W, 3) uint8 and (N,) integers.
        test: the same for the test part.
        name: the data set, for the error message.
        validation: number of training images that become the validation part.

    Returns:
        Train, validation and test `Part` with images (N, H, W, 1 or 3) float32 in [0, 1], labels (N,) int64.

    Raises:
        InputError: the arrays are not images with one label each.
    """
    for images, labels in (train, test):
        are_images = images.ndim == 3 or (images.ndim == 4 and images.shape[3] == 3)
        if not are_images or images.dtype != np.uint8 or labels.shape != images.shape[:1]:
            raise InputError(
                f"{name} must be (N, H, W) or (N, H, W, 3) uint8 images with N labels, got {images.shape} "
                f"{images.dtype} and {labels.shape} labels; its file is damaged: move it away and load it again"
            )
    rows, held_out = split(len(train[1]), (validation,), seed=0, groups=train[1])
    return [
        _part(train[0][rows], train[1][rows]),
        _part(train[0][held_out], train[1][held_out]),
        _part(*test),
    ]


def _part(images, labels):
    if images.ndim == 3:
        images = images[..., None]
    return Part(images=images / np.float32(255), labels=labels.astype("int64"))


def stratified(part, shares, classes=None):
    """Cut a part into a rest and parts of these shares, each with the same mix of classes, all shuffled.

    Args:
        part: a `Part` with labels (N,).
        shares: share of every part but the first, which takes the rest; such as (0.16, 0.2).
        classes: the classes' names, for the error; None for their numbers.

    Returns:
        One `Part` more than there are shares, the rest first; the same ones every time.

    Raises:
        InputError: a class has too few examples to be in every part.
    """
    labels, counts = np.unique(part.labels, return_counts=True)
    sizes = [max(len(labels), round(share * len(part))) for share in shares]
    least = 1 + len(shares)
    if counts.min() < least or len(part) - sum(sizes) < len(labels):
        rarest = labels[counts.argmin()]
        name = f"class {rarest}" if classes is None else classes[rarest]
        raise InputError(
            f"expected at least {least} examples of every class to train, validate and test on, and more "
            f"of many classes; got {counts.min()} of {name}, {len(part)} in all"
        )
    order = np.random.default_rng(0)
    rows = split(len(part), sizes, seed=0, groups=part.labels)
    return [part[order.permutation(some)] for some in rows]
