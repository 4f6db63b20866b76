"""What a unit answers to: the patches of many images that excite it most, cut by its receptive field; its masks.

M. Zeiler, R. Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.1 (the strongest
patches of a unit); D. Bau et al., "Network Dissection: Quantifying Interpretability of Deep Visual Representations",
CVPR 2017, section 2.2 (masks: a threshold that a share of all places exceeds).
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from keras_cv_course.errors import InputError


class Patch(NamedTuple):
    """A place that excites a unit.

    Attributes:
        image: number of the image.
        row, column: of the unit in its map.
        activation: its value there.
        box: (top, left, bottom, right) in pixels of the image, the last two excluded; what it sees.
    """

    image: int
    row: int
    column: int
    activation: float
    box: tuple


def top_patches(maps, field, count=9):
    """The places of the largest activations, none of which lies over half of another one of the same image.

    Args:
        maps: (N, h, w) activations of one unit for N images.
        field: the `ReceptiveField` of the map.
        count: number of patches; there may be fewer.

    Returns:
        `Patch`es, the strongest first.

    Raises:
        InputError: other maps, or a count below 1.
    """
    maps = np.asarray(maps, "float64")
    if maps.ndim != 3 or not maps.size or not np.isfinite(maps).all() or count < 1:
        raise InputError(
            f"expected finite maps (N, h, w) of one unit and a count of 1 or more, received {maps.shape}, {count}"
        )
    found, left = [], maps.copy()
    apart = [span.size / 2 / span.step for span in field]  # units, along rows and columns
    rows, columns = np.indices(maps.shape[1:])
    while len(found) < count and np.isfinite(left.max()):
        image, row, column = (int(i) for i in np.unravel_index(np.argmax(left), maps.shape))
        box = tuple(int(side) for side in field.box(row, column))
        found.append(Patch(image, row, column, float(maps[image, row, column]), box))
        near = (np.abs(rows - row) < apart[0]) & (np.abs(columns - column) < apart[1])
        near[row, column] = True  # where a field has one pixel, too
        left[image, near] = -np.inf
    return found


def cut(image, box, outside=1.0):
    """The part of an image (H, W, C) inside a box (top, left, bottom, right); what lies outside gets one number.

    Returns:
        (bottom - top, right - left, C).
    """
    top, left, bottom, right = box
    patch = np.full((bottom - top, right - left, image.shape[-1]), outside, "float32")
    (y0, y1), (x0, x1) = (max(top, 0), min(bottom, len(image))), (max(left, 0), min(right, image.shape[1]))
    if y1 > y0 and x1 > x0:
        patch[y0 - top : y1 - top, x0 - left : x1 - left] = image[y0:y1, x0:x1]
    return patch


def activation_threshold(maps, share=0.005):
    """The value that a share of all places of a unit's maps exceeds, 0.005 in the paper.

    Raises:
        InputError: the share does not lie between 0 and 1.
    """
    if not 0 < share < 1:
        raise InputError(f"share must lie between 0 and 1, received {share}")
    return float(np.quantile(maps, 1 - share))


def unit_mask(unit_map, field, shape, threshold):
    """Where a unit is above a threshold, in pixels of the image.

    The map is enlarged bilinearly; each of its values stands at the middle of what the unit sees.

    Args:
        unit_map: (h, w) activations of a unit.
        field: the `ReceptiveField` of the map.
        shape: (H, W) of the image.
        threshold: see `activation_threshold`.

    Returns:
        (H, W) bool.
    """
    places = [
        (np.arange(length) - span.start - (span.size - 1) / 2) / span.step
        for length, span in zip(shape, field, strict=True)
    ]
    grid = np.stack(np.meshgrid(*places, indexing="ij"))
    enlarged = ndimage.map_coordinates(np.asarray(unit_map, "float64"), grid, order=1, mode="nearest")
    return enlarged > threshold
