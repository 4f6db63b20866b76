"""Boxes that may hold an object, from simple rules: what selective search is compared with.

Windows on a grid and at random places know the sizes of the training objects and nothing of the image. Segments are
Felzenszwalb and Huttenlocher's ("Efficient Graph-Based Image Segmentation", IJCV 59(2), 2004), not merged.
"""

import numpy as np
from skimage import segmentation

from keras_cv_course.detect.proposals.selective_search import in_colour_space


def object_sides(boxes):
    """(K, 2) widths and heights of the objects (N, K, 4), rows of padding left out."""
    boxes = boxes.reshape(-1, 4)
    return (boxes[:, 2:] - boxes[:, :2])[boxes[:, 2] > boxes[:, 0]]


def grid_windows(size, count, sides, shapes=2):
    """Windows of a few sizes on regular grids over the image.

    Args:
        size: (height, width) of the image in pixels.
        count: so many windows at most.
        sides: (K, 2) widths and heights of training objects.
        shapes: number of window sizes, quantiles of those of the objects by area.

    Returns:
        (N, 4) float32 xyxy, N at most `count`.
    """
    order = sides[np.argsort(sides.prod(axis=1))]
    chosen = [group.mean(axis=0) for group in np.array_split(order, shapes)]
    places = max(1, int(np.sqrt(count / shapes)))
    windows = []
    for width, height in chosen:
        x, y = (
            np.linspace(0, max(0, whole - side), places)
            for whole, side in ((size[1], width), (size[0], height))
        )
        low = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        windows.append(np.concatenate([low, low + (width, height)], axis=1))
    return np.concatenate(windows)[:count].astype("float32")


def random_windows(size, count, sides, rng):
    """Windows of the sizes of random training objects, anywhere within the image: (count, 4) float32 xyxy."""
    chosen = sides[rng.integers(len(sides), size=count)]
    low = rng.random((count, 2)) * np.maximum(0, np.array([size[1], size[0]]) - chosen)
    return np.concatenate([low, low + chosen], axis=1).astype("float32")


def segment_boxes(image, spaces=("rgb",), scales=(200.0,), min_size=20):
    """The boxes of segments as they are, of one or several segmentations; the largest segment first.

    Args:
        image: (H, W, 3) float in [0, 1].
        spaces: names of colour spaces; see `in_colour_space`.
        scales: values of k; larger ones give larger segments.
        min_size: pixels of the smallest segment.

    Returns:
        (N, 4) float32 xyxy, no box twice.
    """
    found = []
    for space in spaces:
        seen = in_colour_space(np.asarray(image, float), space)
        for scale in scales:
            segments = segmentation.felzenszwalb(seen, scale=scale, sigma=0.8, min_size=min_size)
            for number in range(segments.max() + 1):
                rows, columns = np.nonzero(segments == number)
                found.append((-len(rows), columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))
    found = np.array(sorted(found))
    places = np.sort(np.unique(found[:, 1:], axis=0, return_index=True)[1])
    return found[places, 1:].astype("float32")
