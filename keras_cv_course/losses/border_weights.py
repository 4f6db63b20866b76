"""Pixel weights that make a network learn the narrow background between two touching objects.

Ronneberger, Fischer and Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI 2015,
section 3, eq. 2.
"""

import numpy as np
from scipy.ndimage import distance_transform_edt

from keras_cv_course.errors import InputError


def border_weights(instances, w0=10.0, sigma=5.0, balance=True):
    """w(x) = w_c(x) + w0 exp(-(d1(x) + d2(x))^2 / (2 sigma^2)) on the background, w_c(x) on objects.

    d1 and d2 are the distances of pixel x to the nearest and to the second nearest object; with fewer than two
    objects the second term is 0.

    Args:
        instances: (H, W) integers: 0 the background, every object another number.
        w0: weight of the second term, 0 or more.
        sigma: how far it reaches, in pixels.
        balance: let w_c balance background and objects: each gets half of the weight, and the mean of w_c is 1.
            Otherwise w_c is 1.

    Returns:
        (H, W) float32.

    Raises:
        InputError: instances that are not (H, W) integers, a sigma that is not positive, a negative w0.
    """
    instances = np.asarray(instances)
    if instances.ndim != 2 or instances.dtype.kind not in "iu":
        raise InputError(f"instances must be (H, W) integers, got {instances.shape} of {instances.dtype}")
    if sigma <= 0 or w0 < 0:
        raise InputError(f"sigma must be positive and w0 0 or more, got {sigma} and {w0}")
    background = instances == 0
    weights = np.ones(instances.shape)
    share = background.mean()
    if balance and 0 < share < 1:
        weights = np.where(background, 0.5 / share, 0.5 / (1 - share))
    numbers = np.unique(instances[~background])
    if len(numbers) > 1:
        distances = np.stack([distance_transform_edt(instances != number) for number in numbers])
        nearest, second = np.partition(distances, 1, axis=0)[:2]
        weights = weights + background * w0 * np.exp(-((nearest + second) ** 2) / (2 * sigma**2))
    return weights.astype("float32")
