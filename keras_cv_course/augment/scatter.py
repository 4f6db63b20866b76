"""Objects that nobody centred: each picture somewhere else in a larger, black one.

LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998, section III.A, centre and scale
each digit before a network sees it; this undoes it.
"""

import numpy as np

from keras_cv_course.augment.crop import random_crop
from keras_cv_course.data.part import Part
from keras_cv_course.errors import InputError


def scattered(part, room, seed):
    """A data part whose images have become larger by `room` pixels each way, what they show anywhere in them.

    Args:
        part: a `Part` with images (N, H, W, C) and labels.
        room: pixels, 0 or more; 0 gives the part back.
        seed: of the places.

    Returns:
        A `Part` with images (N, H + room, W + room, C) and the same labels.

    Raises:
        InputError: room is negative.
    """
    if room < 0:
        raise InputError(f"room is 0 pixels or more, received {room}")
    if room == 0:
        return part
    height, width = part.images.shape[1:3]
    batch = {"images": part.images, "labels": part.labels}
    size = (height + room, width + room)
    return Part(**random_crop(batch, np.random.default_rng(seed), padding=room, size=size))
