"""Selective search: boxes of regions from several hierarchies of an image, the most promising first.

Uijlings, van de Sande, Gevers and Smeulders, "Selective Search for Object Recognition", IJCV 104(2), 2013:
section 3.2 for the diversity of the hierarchies, section 3.3 for the order of the boxes. The first
segments are Felzenszwalb and Huttenlocher's ("Efficient Graph-Based Image Segmentation", IJCV 59(2), 2004).
"""

import itertools

import numpy as np
from skimage import color, segmentation

from keras_cv_course.detect.proposals.grouping import ALL_FOUR, grouping
from keras_cv_course.detect.proposals.regions import describe, neighbours
from keras_cv_course.errors import InputError

# The strategies of the paper's "fast" selective search: colour spaces, similarities and k, in all combinations.
COLOUR_SPACES = ("hsv", "lab")
SETS = (ALL_FOUR, ("texture", "size", "fill"))
SCALES = (50.0, 100.0)


def in_colour_space(image, space):
    """An image (H, W, 3) in [0, 1], red, green, blue, as (H, W, 3) in [0, 1] of another colour space.

    Args:
        image: (H, W, 3) float in [0, 1].
        space: "rgb", "hsv" or "lab"; L is divided by 100, a and b from -128 to 128 become 0 to 1.
    """
    if space == "hsv":
        return color.rgb2hsv(image)
    if space == "lab":
        return np.clip(color.rgb2lab(image) / (100, 256, 256) + (0, 0.5, 0.5), 0, 1)
    return image


def selective_search(
    image, rng, spaces=COLOUR_SPACES, measures=SETS, scales=SCALES, min_size=20, most=None
):  # fmt: skip
    """Boxes that may hold an object, the most promising first.

    Every colour space, set of similarities and scale is a strategy: it makes one hierarchy. A box's rank is its
    number from the root of its hierarchy (1 is the whole image) times a random number in [0, 1), as in section
    3.3 of the paper, so that large regions come early but not always; a box that comes twice keeps its better place.

    Args:
        image: (H, W, 1 or 3) float in [0, 1].
        rng: a `numpy.random.Generator` for the order.
        spaces: names of colour spaces; see `in_colour_space`.
        measures: sets of similarities, each a tuple of names of `similarity.SIMILARITIES`.
        scales: values of k of the first segmentation; larger ones give larger segments.
        min_size: pixels of the smallest first segment.
        most: so many boxes at most; None: all.

    Returns:
        (N, 4) float32 xyxy in pixels, no box twice; the whole image alone for an image of one colour.

    Raises:
        InputError: the image has another shape or range, `most` is below 1, or an unknown name or scale.
    """
    _check(image, spaces, scales, min_size, most)
    image = np.repeat(image, 3, axis=-1) if image.shape[-1] == 1 else image
    ranked = []
    for space, scale in itertools.product(spaces, scales):
        seen = in_colour_space(np.asarray(image, float), space)
        segments = segmentation.felzenszwalb(seen, scale=scale, sigma=0.8, min_size=min_size)
        regions, pairs = describe(seen, segments), neighbours(segments)
        for names in measures:
            boxes = grouping(regions, pairs, segments.size, names)[0]
            ranks = np.arange(len(boxes), 0, -1) * rng.random(len(boxes))
            ranked.append(np.column_stack([ranks, boxes]))
    ranked = np.concatenate(ranked)
    boxes = ranked[np.argsort(ranked[:, 0], kind="stable"), 1:]
    places = np.sort(np.unique(boxes, axis=0, return_index=True)[1])
    return boxes[places][:most].astype("float32")


def _check(image, spaces, scales, min_size, most):
    """Raise an `InputError` that says which argument of `selective_search` cannot be used."""
    shape = np.shape(image)
    if len(shape) != 3 or shape[-1] not in (1, 3) or min(shape) < 1:
        raise InputError(f"selective search needs an image (H, W, 1) or (H, W, 3), got {shape}")
    if not (np.min(image) >= 0 and np.max(image) <= 1):  # NaN is neither
        raise InputError("selective search needs numbers in [0, 1]; divide an 8-bit image by 255")
    if not spaces or set(spaces) - {"rgb", "hsv", "lab"}:
        raise InputError(f"colour spaces are one or more of rgb, hsv, lab, got {', '.join(spaces) or 'none'}")
    if not scales or min(scales) <= 0 or min_size < 1 or (most is not None and most < 1):
        raise InputError(
            "scales are positive, the smallest segment and the number of boxes are 1 or more, got "
            f"scales {tuple(scales)}, min_size {min_size}, most {most}"
        )
