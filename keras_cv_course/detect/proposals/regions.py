"""An image's regions in numbers: their sizes, boxes, colours and textures, and which of them are neighbours.

Uijlings, van de Sande, Gevers and Smeulders, "Selective Search for Object Recognition", IJCV 104(2), 2013,
section 3.2. The histograms are such that those of a merged region follow from its parts'.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from keras_cv_course.errors import InputError

COLOUR_BINS = 25  # a channel
TEXTURE_BINS = 10  # a channel and direction
DIRECTIONS = 8  # 45 degrees apart


@dataclass
class Regions:
    """R regions of one image.

    Args:
        sizes: (R,) float, pixels.
        boxes: (R, 4) float, xyxy in pixels.
        colours: (R, 25 C) float, histograms of the C channels side by side; each row sums to 1.
        textures: (R, 80 C) float, histograms of the gradients in 8 directions; each row sums to 1.
    """

    sizes: np.ndarray
    boxes: np.ndarray
    colours: np.ndarray
    textures: np.ndarray

    def __len__(self):
        return len(self.sizes)

    def __getitem__(self, rows):
        """Some of the regions."""
        return Regions(self.sizes[rows], self.boxes[rows], self.colours[rows], self.textures[rows])


def describe(image, segments):
    """The regions of an image that is cut into segments.

    Args:
        image: (H, W, C) float in [0, 1], in any colour space.
        segments: (H, W) integers from 0 on; every number up to the largest has a pixel.

    Returns:
        `Regions`, one a segment, in the order of their numbers.

    Raises:
        InputError: image and segments differ in height or width, or a number has no pixel.
    """
    if image.ndim != 3 or image.shape[:2] != segments.shape:
        raise InputError(
            f"segments (H, W) of an image (H, W, C) needed, got {segments.shape} of {image.shape}"
        )
    sizes = np.bincount(segments.ravel()).astype(float)
    if sizes.min() == 0:
        raise InputError(f"segments are numbered 0, 1, 2 ...; no pixel has number {int(sizes.argmin())}")
    slices = ndimage.find_objects(segments + 1)
    boxes = [(across.start, down.start, across.stop, down.stop) for down, across in slices]
    colours = histograms(image, segments, COLOUR_BINS)
    textures = histograms(gradients(image), segments, TEXTURE_BINS)
    return Regions(sizes, np.array(boxes, float), colours, textures)


def gradients(image):
    """Slopes of a smoothed image (H, W, C) in eight directions: (H, W, 8 C) in [0, 1].

    They are derivatives of a Gaussian with a standard deviation of 1 pixel. Slopes downwards count as 0, since
    the opposite direction has them. Each channel is divided by its steepest slope.
    """
    smooth = dict(sigma=(1, 1, 0), mode="nearest")
    down, across = (ndimage.gaussian_filter(image, order=order, **smooth) for order in ((1, 0, 0), (0, 1, 0)))
    angles = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    slopes = across[..., None] * np.cos(angles) + down[..., None] * np.sin(angles)  # (H, W, C, 8)
    steepest = slopes.max(axis=(0, 1, 3), keepdims=True)
    slopes = np.maximum(slopes, 0) / np.maximum(steepest, 1e-6)
    return slopes.reshape(*image.shape[:2], -1)


def histograms(values, segments, bins):
    """Histograms of each segment.

    Args:
        values: (H, W, C) in [0, 1].
        segments: (H, W) integers, 0 to R - 1.
        bins: of equal width, from 0 to 1.

    Returns:
        (R, C bins): the histograms of the channels side by side, divided by their sum.
    """
    channels = values.shape[-1]
    index = np.minimum((values * bins).astype(int), bins - 1)  # 1 falls into the last bin
    index += bins * (np.arange(channels) + channels * segments[..., None])
    counts = np.bincount(index.ravel(), minlength=(segments.max() + 1) * channels * bins)
    counts = counts.reshape(-1, channels * bins)
    return counts / counts.sum(axis=1, keepdims=True)


def neighbours(segments):
    """Pairs (P, 2) of the numbers of segments that share an edge of a pixel; the smaller number first."""
    sides = [(segments[1:], segments[:-1]), (segments[:, 1:], segments[:, :-1])]
    pairs = np.concatenate([np.stack([one.ravel(), other.ravel()], axis=1) for one, other in sides])
    return np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
