"""Occlusion: by how much the score of a class falls where a patch of the image is covered.

Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.2. No gradient is
needed, so any classifier can be explained; but each place costs a pass.
"""

import numpy as np
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.explain.input_gradient import class_score

TOGETHER = 32  # covered images that go through the network at once


def occlusion_map(model, images, classes, size=8, stride=4, fill=0.5):
    """The mean fall of the score over all patches that cover a pixel.

    Args:
        model: a built classifier, images (N, H, W, C) -> logits (N, classes).
        images: (N, H, W, C) numbers in the range that the model expects.
        classes: (N,) the class to explain for each image.
        size: side of the square patch, in pixels.
        stride: pixels from one patch to the next; the last one ends at the image's edge.
        fill: value of the patch.

    Returns:
        (N, H, W) float32, in units of the score: positive where the image speaks for its class.

    Raises:
        InputError: no such images, a class out of range, or a patch that does not fit.
    """
    class_score(model, images, classes)  # checks all three
    images = np.asarray(images, "float32")
    height, width = images.shape[1:3]
    if not 1 <= size <= min(height, width) or not 1 <= stride <= size:
        raise InputError(
            f"expected a patch of 1 to {min(height, width)} pixels and a stride of 1 up to its size, "
            f"received {size} and {stride}"
        )
    classes, count = np.asarray(classes), len(images)

    def scores(batch):
        logits = ops.convert_to_numpy(model(batch, training=False))
        return np.take_along_axis(logits, np.tile(classes, len(batch) // count)[:, None], axis=1)[:, 0]

    whole = scores(images)
    falls, covers = np.zeros(images.shape[:3], "float64"), np.zeros((height, width))
    places = [
        (slice(top, top + size), slice(left, left + size))
        for top in starts(height, size, stride)
        for left in starts(width, size, stride)
    ]
    # Several places at once, so that the cost of calling the network counts for little.
    together = max(1, TOGETHER // count)
    for first in range(0, len(places), together):
        some = places[first : first + together]
        covered = np.tile(images, (len(some), 1, 1, 1))
        for number, place in enumerate(some):
            covered[number * count : (number + 1) * count, *place] = fill
        found = scores(covered).reshape(len(some), count)
        for place, score in zip(some, found):
            falls[:, *place] += (whole - score)[:, None, None]
            covers[place] += 1
    return (falls / covers).astype("float32")


def starts(length, size, stride):
    """The first pixels of the patches along an axis, such that every pixel is covered."""
    return sorted({*range(0, length - size, stride), length - size})
