"""Maps of importance that know no network: what in an image stands out by itself.

They take images (N, H, W, C) in [0, 1] and return maps (N, H, W). Contrast and distance from the background's colour
are the two cues of Achanta, Hemami, Estrada and Suesstrunk, "Frequency-Tuned Salient Region Detection", CVPR 2009.
"""

import numpy as np
from scipy import ndimage

SPREAD = 2.0  # pixels: standard deviation of the neighbourhood that a place is compared in


def centre(images):
    """Higher the nearer to the middle of the image: where photographers put what they want to show."""
    count, height, width = np.shape(images)[:3]
    rows, columns = np.mgrid[:height, :width]
    distance = np.hypot(rows - (height - 1) / 2, columns - (width - 1) / 2)
    return np.broadcast_to(-distance, (count, height, width))


def brightness(images):
    """The mean of the channels."""
    return np.mean(images, axis=-1)


def contrast(images):
    """The variance of the brightness in a neighbourhood."""
    grey = brightness(images).astype("float64")
    return _blurred(grey**2) - _blurred(grey) ** 2


def edge_direction(images):
    """By how much edges of one direction outweigh those of the other: high on stripes, low on checks."""
    grey = brightness(images).astype("float64")
    down, along = (_blurred(np.abs(ndimage.sobel(grey, axis=axis))) for axis in (1, 2))
    return np.abs(down - along)


def colour_distance(images):
    """Distance from the image's median colour, blurred: high on what has another colour than the background."""
    images = np.asarray(images, "float64")
    background = np.median(images, axis=(1, 2), keepdims=True)
    return _blurred(np.linalg.norm(images - background, axis=-1))


IMAGE_SALIENCY = {
    "centre": centre,
    "brightness": brightness,
    "contrast": contrast,
    "direction of edges": edge_direction,
}


def _blurred(maps):
    return ndimage.gaussian_filter(maps, (0, SPREAD, SPREAD))
