"""A box for the object of a map: the largest region above a threshold.

Zhou et al., "Learning Deep Features for Discriminative Localization", CVPR 2016, section 3.2: the regions above 20 % of
the map's maximum, and the box around the largest connected one.
"""

import numpy as np
from scipy import ndimage

from keras_cv_course.errors import InputError


def boxes_from_maps(maps, threshold=0.2):
    """The box around the largest connected region of each map where it exceeds a share of its maximum.

    Args:
        maps: (N, H, W) at the images' size; a pixel touches the four beside, above and below it.
        threshold: share of the map's maximum, from 0 to below 1.

    Returns:
        (N, 4) float32: x_min, y_min, x_max, y_max in pixels, x_max - x_min wide; 0 where no number of a map is above 0.

    Raises:
        InputError: there are no such maps, a number is not finite, or the threshold is out of its range.
    """
    maps = np.asarray(maps, "float64")
    if maps.ndim != 3 or not maps.size or not np.isfinite(maps).all():
        raise InputError(
            f"expected maps (N, H, W) of finite numbers, received an array of shape {maps.shape}"
        )
    if not 0 <= threshold < 1:
        raise InputError(f"the threshold is a share from 0 to below 1, received {threshold}")
    boxes = np.zeros((len(maps), 4), "float32")
    for box, one in zip(boxes, maps):
        if one.max() > 0:
            regions, count = ndimage.label(one > threshold * one.max())
            sizes = ndimage.sum_labels(np.ones_like(one), regions, range(1, count + 1))
            rows, columns = ndimage.find_objects(regions)[int(np.argmax(sizes))]
            box[:] = columns.start, rows.start, columns.stop, rows.stop
    return boxes
