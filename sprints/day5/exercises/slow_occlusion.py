"""Occlusion of a linear network pixel by pixel, as the checks compare with it."""

import numpy as np


def slow_occlusion(images, weights, size, stride, fill):
    """The mean fall of the score sum(weights * image) over all patches that cover a pixel.

    Args:
        images: (N, H, W, C).
        weights: (N, H, W, C), those of each image's class.
        size, stride, fill: as `occlusion_map` takes them.

    Returns:
        (N, H, W).
    """
    height, width = images.shape[1:3]
    parts = (weights * (images - fill)).sum(axis=-1)  # what each pixel adds to the fall
    tops, lefts = (sorted({*range(0, length - size, stride), length - size}) for length in (height, width))
    found = np.zeros(images.shape[:3])
    for row in range(height):
        for column in range(width):
            falls = [
                parts[:, top : top + size, left : left + size].sum(axis=(1, 2))
                for top in tops
                for left in lefts
                if top <= row < top + size and left <= column < left + size
            ]
            found[:, row, column] = np.mean(falls, axis=0)
    return found
