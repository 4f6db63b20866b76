"""The pointing game: does the highest point of a map lie on the object?

Zhang, Lin, Brandt, Shen and Sclaroff, "Top-Down Neural Attention by Excitation Backprop", ECCV 2016, section 4.1.
"""

import numpy as np

from keras_cv_course.errors import InputError


def peaks(maps):
    """The place of each map's largest number, as points of the image.

    Args:
        maps: (N, H, W), one number a pixel; of several equal ones the first, row by row.

    Returns:
        (N, 2) float: x and y in pixels from the upper left corner, in the middle of the pixel.

    Raises:
        InputError: there are no such maps, or a number is not finite.
    """
    maps = np.asarray(maps, "float64")
    if maps.ndim != 3 or not maps.size or not np.isfinite(maps).all():
        raise InputError(
            f"expected maps (N, H, W) of finite numbers, received an array of shape {maps.shape}"
        )
    rows, columns = np.unravel_index(maps.reshape(len(maps), -1).argmax(axis=1), maps.shape[1:])
    return np.stack([columns, rows], axis=1) + 0.5


def hits(points, boxes, margin=0.0):
    """Whether each point lies in one of its image's boxes, or at most `margin` pixels from one.

    Args:
        points: (N, 2) x and y in pixels.
        boxes: (N, K, 4) x_min, y_min, x_max, y_max in pixels; rows of -1 are no boxes.
        margin: pixels that are forgiven; 15 in the paper, on photographs.

    Returns:
        (N,) bool.

    Raises:
        InputError: the numbers of points and boxes differ.
    """
    points, boxes = np.asarray(points, "float64"), np.asarray(boxes, "float64")
    if points.ndim != 2 or boxes.shape != (len(points), *boxes.shape[1:2], 4):
        raise InputError(
            f"expected points (N, 2) and boxes (N, K, 4), received {points.shape} and {boxes.shape}"
        )
    there = boxes[..., 2] > boxes[..., 0]
    low = (points[:, None] >= boxes[..., :2] - margin).all(axis=-1)
    high = (points[:, None] <= boxes[..., 2:] + margin).all(axis=-1)
    return (there & low & high).any(axis=1)


def pointing_game(maps, boxes, margin=0.0):
    """The share of maps whose highest point lies on an object: hits / (hits + misses).

    Args:
        maps: (N, H, W) at the images' size.
        boxes: (N, K, 4), see `hits`.
        margin: pixels that are forgiven.

    Returns:
        A number in [0, 1].
    """
    return float(hits(peaks(maps), boxes, margin).mean())
