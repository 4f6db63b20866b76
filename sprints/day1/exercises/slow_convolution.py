"""Windows and convolutions in NumPy, cut one by one: what the exercises on convolution are checked against."""

import numpy as np


def windows_by_hand(images, kernel, stride=1, padding="valid", fill=0.0):
    """The window under the kernel at each of its places, cut one by one.

    Args:
        images: (N, H, W, C) array.
        kernel: (rows, columns).
        stride: pixels from one window to the next.
        padding: "valid" or "same", as in `keras.layers.Conv2D`.
        fill: value of the added pixels.

    Returns:
        (N, rows, columns, kernel rows, kernel columns, C).
    """
    around = [(0, 0)]
    for size, side in zip(images.shape[1:3], kernel, strict=True):
        missing = max((-(-size // stride) - 1) * stride + side - size, 0) if padding == "same" else 0
        around.append((missing // 2, missing - missing // 2))
    padded = np.pad(images, [*around, (0, 0)], constant_values=fill)
    rows, columns = kernel
    tops = range(0, padded.shape[1] - rows + 1, stride)
    lefts = range(0, padded.shape[2] - columns + 1, stride)
    return np.array([
        [[image[top : top + rows, left : left + columns] for left in lefts] for top in tops]
        for image in padded
    ])  # fmt: skip


def convolved(images, kernels, bias=0.0, stride=1, padding="same"):
    """Feature maps (N, rows, columns, F) of kernels (rows, columns, C, F): the sum of products, window by window."""
    windows = windows_by_hand(images, kernels.shape[:2], stride, padding)
    return np.einsum("nijabc,abcf->nijf", windows, kernels) + bias
