"""Anchors: the boxes of fixed sizes and places that a detector's predictions start from.

Ren, He, Girshick and Sun, "Faster R-CNN: Towards Real-Time Object Detection with Region Proposal Networks",
NIPS 2015, section 3.1.1.
"""

import numpy as np

from keras_cv_course.errors import InputError


def cell_centres(size, stride):
    """x and y of the centre of each cell: cell (row, column) covers stride x stride pixels.

    The centre of the first cell is stride / 2, not 0. (keras-cv and keras-hub do the same, and so does the
    published program of Faster R-CNN, whose base box is that of the first cell.)

    Args:
        size: (height, width) of the image in pixels.
        stride: pixels from one cell to the next; the last row may reach over the image's edge.

    Returns:
        (rows * columns, 2) float32, row by row.
    """
    height, width = size
    y = (np.arange(-(-height // stride)) + 0.5) * stride
    x = (np.arange(-(-width // stride)) + 0.5) * stride
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2).astype("float32")


def anchors(size, stride, scales, ratios=(1.0,)):
    """Boxes of each scale and ratio about the centre of each cell.

    An anchor of scale s and ratio r is s / sqrt(r) wide and s * sqrt(r) high: its area is s * s whatever r.

    Args:
        size: (height, width) of the image in pixels.
        stride: pixels from one cell to the next.
        scales: square roots of the anchors' areas, in pixels.
        ratios: height / width of the anchors.

    Returns:
        (rows * columns * scales * ratios, 4) float32 xyxy in pixels: cell by cell, in each cell scale by
        scale, for each scale ratio by ratio. They may reach over the edge.

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
    """Anchors of several feature maps, one map after the other.

    Args:
        size: (height, width) of the image in pixels.
        strides: of each map, pixels from one cell to the next.
        scales: of each map, the scales of its anchors; see `anchors`.
        ratios: height / width of the anchors, the same for all maps.

    Returns:
        (A, 4) float32 xyxy in pixels.

    Raises:
        InputError: as `anchors`, or the numbers of strides and of scales differ.
    """
    if len(strides) != len(scales):
        raise InputError(
            f"every stride needs its scales, got {len(strides)} strides and {len(scales)} scales"
        )
    maps = [anchors(size, stride, some, ratios) for stride, some in zip(strides, scales, strict=True)]
    return np.concatenate(maps)
