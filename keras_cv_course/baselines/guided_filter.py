"""The guided filter: maps smoothed so that their edges become those of an image.

He, Sun and Tang, "Guided Image Filtering", ECCV 2010, section 3.1 (grey guide, eq. 5 to 8) and 3.4 (colour guide).
"""

import numpy as np
from scipy.ndimage import uniform_filter

from keras_cv_course.errors import InputError


def guided_filter(maps, image, radius=4, epsilon=1e-3):
    """In every window the result is a linear function of the image's channels, fitted to the maps.

    A pixel gets the mean of the functions of all windows that hold it: q_i = mean(a)_i . I_i + mean(b)_i, where a =
    (covariance of I + epsilon)^-1 covariance(I, p) and b = mean(p) - a . mean(I) in each window.

    Args:
        maps: (H, W, C) p, such as class probabilities; each channel is filtered by itself.
        image: (H, W, channels) I in [0, 1], the guide.
        radius: a window has 2 radius + 1 pixels a side.
        epsilon: how much variance of the guide counts as flat.

    Returns:
        (H, W, C) float64.

    Raises:
        InputError: sizes that differ, a radius below 1, an epsilon that is not positive.
    """
    maps, image = np.asarray(maps, float), np.asarray(image, float)
    if maps.ndim != 3 or image.ndim != 3 or maps.shape[:2] != image.shape[:2]:
        raise InputError(
            f"maps (H, W, C) and the image (H, W, channels) must be of one size, got {maps.shape}, {image.shape}"
        )
    if radius < 1 or epsilon <= 0:
        raise InputError(f"the radius must be 1 or more and epsilon positive, got {radius} and {epsilon}")

    def window_mean(values):
        return uniform_filter(values, (2 * radius + 1,) * 2 + (1,) * (values.ndim - 2))

    mean_image, mean_maps = window_mean(image), window_mean(maps)
    outer = window_mean(image[..., :, None] * image[..., None, :])
    covariance = outer - mean_image[..., :, None] * mean_image[..., None, :]
    cross = window_mean(image[..., :, None] * maps[..., None, :])
    cross -= mean_image[..., :, None] * mean_maps[..., None, :]
    slope = np.linalg.solve(covariance + epsilon * np.eye(image.shape[-1]), cross)  # (H, W, channels, C)
    offset = mean_maps - np.einsum("hwk,hwkc->hwc", mean_image, slope)
    return np.einsum("hwk,hwkc->hwc", image, window_mean(slope)) + window_mean(offset)
