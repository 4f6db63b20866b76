"""How alike two regions are, in four ways, and what becomes of them when they are merged.

Uijlings, van de Sande, Gevers and Smeulders, "Selective Search for Object Recognition", IJCV 104(2), 2013,
section 3.2, equations 1 to 6. The arguments are `Regions`, whose rows are broadcast: one with many, or pair by pair.
"""

import numpy as np

from keras_cv_course.detect.proposals.regions import Regions
from keras_cv_course.errors import InputError


def box_around(first, second):
    """The smallest box around two boxes: xyxy, (..., 4) and (..., 4) -> (..., 4)."""
    low, high = np.minimum(first, second), np.maximum(first, second)
    return np.concatenate([low[..., :2], high[..., 2:]], axis=-1)


def merged(first, second):
    """The regions that come of merging `Regions` row by row.

    Sizes add up, and a histogram is the mean of both, weighted by their sizes: no pixel is looked at again.
    """
    sizes = first.sizes + second.sizes
    share = (first.sizes / sizes)[..., None]
    colours = share * first.colours + (1 - share) * second.colours
    textures = share * first.textures + (1 - share) * second.textures
    return Regions(sizes, box_around(first.boxes, second.boxes), colours, textures)


def colour_similarity(first, second, image_size):
    """The part of their colour histograms that two regions share: sum over bins of min(c_i, c_j), in [0, 1]."""
    return np.minimum(first.colours, second.colours).sum(axis=-1)


def texture_similarity(first, second, image_size):
    """The part of their texture histograms that two regions share: sum over bins of min(t_i, t_j), in [0, 1]."""
    return np.minimum(first.textures, second.textures).sum(axis=-1)


def size_similarity(first, second, image_size):
    """1 minus the share of the image's pixels that both fill: small regions are merged first."""
    return 1 - (first.sizes + second.sizes) / image_size


def fill_similarity(first, second, image_size):
    """1 minus the share of the image that is in the box around both, but in neither: what fits is merged."""
    sides = box_around(first.boxes, second.boxes)
    area = (sides[..., 2] - sides[..., 0]) * (sides[..., 3] - sides[..., 1])
    return 1 - (area - first.sizes - second.sizes) / image_size


SIMILARITIES = {
    "colour": colour_similarity,
    "texture": texture_similarity,
    "size": size_similarity,
    "fill": fill_similarity,
}


def similarity(first, second, image_size, measures=tuple(SIMILARITIES)):
    """The sum of some of the four similarities.

    Args:
        first: `Regions`.
        second: `Regions`, as many, or one of the two has one row.
        image_size: pixels of the image.
        measures: names of `SIMILARITIES`.

    Returns:
        (R,) in [0, number of measures].

    Raises:
        InputError: no measure, or an unknown one.
    """
    if not measures or set(measures) - set(SIMILARITIES):
        raise InputError(
            f"measures are one or more of {', '.join(SIMILARITIES)}, got {', '.join(measures) or 'none'}"
        )
    return sum(SIMILARITIES[name](first, second, image_size) for name in measures)
