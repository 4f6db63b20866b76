"""Layers of convolutional networks in plain NumPy, slow and written from their definitions.

Maps are (N, H, W, C) float64. Nothing here knows Keras, so that a forward pass made of these functions is
independent of the models that it is compared with.
"""

import numpy as np


def relu(maps):
    return np.maximum(maps, 0)


def same_padding(length, window, stride):
    """(before, after) zeros that "same" padding adds along an axis: ceil(length / stride) outputs; the odd
    one goes after."""
    outputs = -(-length // stride)
    total = max((outputs - 1) * stride + window - length, 0)
    return total // 2, total - total // 2


def windows_of(maps, window, stride, rate, padding):
    """Yield (row, column, maps) for each weight of a kernel: the pixels that it multiplies."""
    span = window + (window - 1) * (rate - 1)
    if padding == "same":
        pads = [same_padding(side, span, stride) for side in maps.shape[1:3]]
        maps = np.pad(maps, ((0, 0), *pads, (0, 0)))
    height, width = ((side - span) // stride + 1 for side in maps.shape[1:3])
    for row in range(window):
        for column in range(window):
            top, left = row * rate, column * rate
            yield (
                row,
                column,
                maps[:, top : top + height * stride : stride, left : left + width * stride : stride][
                    :, :height, :width
                ],
            )


def conv2d(maps, kernel, bias=0.0, stride=1, rate=1, padding="same"):
    """kernel (k, k, in, out): y(p) = sum over u of W(u) x(stride p + rate u) + b."""
    return bias + sum(
        np.einsum("nhwc,cd->nhwd", part, kernel[row, column])
        for row, column, part in windows_of(maps, len(kernel), stride, rate, padding)
    )


def depthwise_conv2d(maps, kernel, stride=1, rate=1, padding="same"):
    """kernel (k, k, in, 1): each channel by itself."""
    return sum(
        part * kernel[row, column, :, 0]
        for row, column, part in windows_of(maps, len(kernel), stride, rate, padding)
    )


def max_pool(maps):
    """The largest of every 2 x 2 pixels."""
    return np.max([part for _, _, part in windows_of(maps, 2, 2, 1, "valid")], axis=0)


def conv2d_transpose(maps, kernel, bias=0.0, stride=2, crop=0):
    """kernel (k, k, out, in): every input pixel adds its kernel to the output, `stride` pixels apart.

    `crop` pixels are cut off on every side.
    """
    count, height, width, _ = maps.shape
    window, filters = len(kernel), kernel.shape[2]
    sides = ((side - 1) * stride + window for side in (height, width))
    out = np.zeros((count, *sides, filters))
    for row in range(height):
        for column in range(width):
            square = np.einsum("nc,uvdc->nuvd", maps[:, row, column], kernel)
            out[:, row * stride : row * stride + window, column * stride : column * stride + window] += square
    end = -crop or None
    return out[:, crop:end, crop:end] + bias


def batch_norm(maps, gamma, beta, mean, variance, training, epsilon=1e-3):
    """Normalised by the batch's own mean and variance in training, by the running ones otherwise."""
    if training:
        mean, variance = maps.mean(axis=(0, 1, 2)), maps.var(axis=(0, 1, 2))
    return gamma * (maps - mean) / np.sqrt(variance + epsilon) + beta


def bilinear(maps, factor):
    """Upsampled by bilinear interpolation; pixel i of the result lies at (i + 1/2) / factor - 1/2."""
    for axis in (1, 2):
        length = maps.shape[axis]
        places = np.clip((np.arange(length * factor) + 0.5) / factor - 0.5, 0, length - 1)
        low = np.floor(places).astype(int)
        high = np.minimum(low + 1, length - 1)
        share = (places - low).reshape([-1 if other == axis else 1 for other in range(4)])
        maps = (1 - share) * np.take(maps, low, axis) + share * np.take(maps, high, axis)
    return maps
