"""From the arrays of the MNIST family to the parts that lessons use."""

import numpy as np

from keras_cv_course.data.part import Part, split
from keras_cv_course.errors import InputError


def parts_of(train, test, name, validation=5000):
    """Scale the pixels to [0, 1], add the channel axis, split validation data off the training part.

    Args:
        train: (images, labels): (N, H, W) uint8 and (N,) integers.
        test: the same for the test part.
        name: the data set, for the error message.
        validation: number of training pictures that become the validation part.

    Returns:
        Train, validation and test `Part` with images (N, H, W, 1) float32 in [0, 1] and labels (N,) int64.

    Raises:
        InputError: the arrays are not pictures with one label each.
    """
    for images, labels in (train, test):
        if images.ndim != 3 or images.dtype != np.uint8 or labels.shape != images.shape[:1]:
            raise InputError(
                f"{name} must be (N, H, W) uint8 images with N labels, got {images.shape} {images.dtype} "
                f"and {labels.shape} labels; its file is damaged: delete it and load it again"
            )
    rows, held_out = split(len(train[1]), (validation,), seed=0, groups=train[1])
    return [
        _part(train[0][rows], train[1][rows]),
        _part(train[0][held_out], train[1][held_out]),
        _part(*test),
    ]


def _part(images, labels):
    return Part(images=(images[..., None] / np.float32(255)), labels=labels.astype("int64"))
