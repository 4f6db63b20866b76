"""Weights that make a network learn the thin ground between two touching objects.

Ronneberger et al., "U-Net", MICCAI 2015, eq. 2.
"""

import numpy as np
from scipy.ndimage import distance_transform_edt

from keras_cv_course.errors import InputError


def border_weights(instances, most=10.0, width=5.0, balance=True):
    """w(x) = w_c(x) + w_0 exp(-(d_1(x) + d_2(x))^2 / (2 sigma^2)) on the ground, w_c(x) on objects.

    d_1 and d_2 are the distances to the nearest and the second nearest object; with fewer than two objects
    the second term is 0.

    Args:
        instances: (H, W) whole numbers: 0 the ground, every object a number of its own.
        most: w_0, weight of the ground right between two objects.
        width: sigma, in pixels.
        balance: let w_c balance ground and objects: each gets half of the weight, 1 on average.

    Returns:
        (H, W) float32.

    Raises:
        InputError: instances that are not (H, W) whole numbers, a width that is not positive.
    """
    instances = np.asarray(instances)
    if instances.ndim != 2 or instances.dtype.kind not in "iu":
        raise InputError(
            f"instances must be (H, W) whole numbers, got {instances.shape} of {instances.dtype}"
        )
    if width <= 0 or most < 0:
        raise InputError(f"the width must be positive and the most 0 or more, got {width} and {most}")
    ground = instances == 0
    weights = np.ones(instances.shape)
    share = ground.mean()
    if balance and 0 < share < 1:
        weights = np.where(ground, 0.5 / share, 0.5 / (1 - share))
    numbers = np.unique(instances[~ground])
    if len(numbers) > 1:
        distances = np.stack([distance_transform_edt(instances != number) for number in numbers])
        nearest, second = np.partition(distances, 1, axis=0)[:2]
        weights = weights + ground * most * np.exp(-((nearest + second) ** 2) / (2 * width**2))
    return weights.astype("float32")
