"""Anchors: the boxes that a detector starts from, laid over the picture like tiles.

Ren, He, Girshick and Sun, "Faster R-CNN", NIPS 2015, section 3.1.1.
"""

import numpy as np

from keras_cv_course.errors import InputError


def cell_centres(size, stride):
    """x and y of every cell's centre: cell (row, column) covers stride x stride pixels from its corner on.

    The centre of the first cell is stride / 2, not 0: half a cell is the mistake that costs most.
    (keras-cv and keras-hub do the same; the first Caffe code of Faster R-CNN starts from the corner.)

    Args:
        size: (height, width) of the picture in pixels.
        stride: pixels from one cell to the next; the last row may reach over the picture's edge.

    Returns:
        (rows * columns, 2) float32, row by row.
    """
    height, width = size
    y = (np.arange(-(-height // stride)) + 0.5) * stride
    x = (np.arange(-(-width // stride)) + 0.5) * stride
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2).astype("float32")


def anchors(size, stride, scales, ratios=(1.0,)):
    """Boxes of every scale and ratio about every cell's centre.

    Args:
        size: (height, width) of the picture in pixels.
        stride: pixels from one cell to the next.
        scales: square roots of the anchors' areas, in pixels.
        ratios: height / width of the anchors; the area stays.

    Returns:
        (rows * columns * scales * ratios, 4) float32 xyxy: cell by cell, scale by scale, ratio by ratio.
        They may reach over the edge.

    Raises:
        InputError: a size, stride, scale or ratio that is not positive.
    """
    if min(*size, stride, *scales, *ratios) <= 0:
        raise InputError(
            "sizes, strides, scales and ratios of anchors are positive, got "
            f"size {tuple(size)}, stride {stride}, "
            f"scales {tuple(scales)}, ratios {tuple(ratios)}"
        )
    scales, ratios = np.meshgrid(scales, np.sqrt(ratios), indexing="ij")
    width, height = (scales / ratios).ravel(), (scales * ratios).ravel()
    half = np.stack([width, height], axis=-1) / 2  # (scales * ratios, 2)
    centres = cell_centres(size, stride)[:, None]
    return np.concatenate([centres - half, centres + half], axis=-1).reshape(-1, 4).astype("float32")


def pyramid_anchors(size, strides, scales, ratios=(1.0,)):
    """Anchors of several maps, one after the other: `scales[i]` are those of `strides[i]`."""
    if len(strides) != len(scales):
        raise InputError(
            f"every stride needs its scales, got {len(strides)} strides and {len(scales)} scales"
        )
    maps = [anchors(size, stride, some, ratios) for stride, some in zip(strides, scales, strict=True)]
    return np.concatenate(maps)
