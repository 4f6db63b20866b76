"""YOLO (Redmon and others, CVPR 2016, figure 3 and section 2.2) as a slow forward pass in NumPy."""

import numpy as np

from tests.reference.numpy_layers import batch_norm, conv2d, max_pool


def leaky_relu(numbers):
    """Eq. 2 of the paper: x if x > 0, else 0.1 x."""
    return np.where(numbers > 0, numbers, 0.1 * numbers)


def yolo_forward(images, rows, dense, grid, boxes, bounded, training=False, dropped=None):
    """The numbers of the cells.

    Args:
        images: (N, H, W, C).
        rows: "pool" or (kernel, bias or None, norm or None, stride) of a convolution, norm being (gamma, beta,
            mean, variance).
        dense: (kernel, bias) of the two dense layers, or of the one 1x1 convolution.
        grid, boxes: S and B.
        bounded: a sigmoid on the boxes, a softmax on the classes.
        training: normalise by the batch.
        dropped: what dropout multiplies the first dense layer's output by, or None.

    Returns:
        (N, S, S, 5 B + C).
    """
    maps = np.asarray(images, float)
    for row in rows:
        if row == "pool":
            maps = max_pool(maps)
            continue
        kernel, bias, norm, stride = row
        maps = conv2d(maps, kernel, 0.0 if bias is None else bias, stride)
        maps = leaky_relu(maps if norm is None else batch_norm(maps, *norm, training))
    if len(dense) == 1:
        numbers = conv2d(maps, *dense[0])
    else:
        (first, first_bias), (second, second_bias) = dense
        hidden = leaky_relu(maps.reshape(len(maps), -1) @ first + first_bias)
        numbers = (hidden if dropped is None else hidden * dropped) @ second + second_bias
    cells = numbers.reshape(len(maps), grid, grid, -1)
    if not bounded:
        return cells
    places, classes = cells[..., : 5 * boxes], np.exp(cells[..., 5 * boxes :])
    return np.concatenate([1 / (1 + np.exp(-places)), classes / classes.sum(axis=-1, keepdims=True)], axis=-1)
