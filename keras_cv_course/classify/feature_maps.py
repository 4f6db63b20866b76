"""Convolution and pooling in NumPy: windows, feature maps, their sizes, numbers of parameters.

LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition", Proceedings
of the IEEE 1998, section II; sizes: Dumoulin and Visin, "A guide to convolution arithmetic for deep
learning", arXiv:1603.07285, relations 1 to 6. Written to be read, not to be fast.
"""

import math

import numpy as np

from keras_cv_course.errors import InputError


def _pair(kernel):
    return (kernel, kernel) if isinstance(kernel, int) else tuple(kernel)


def added_pixels(size, kernel, stride=1, padding="valid"):
    """How many pixels padding adds before and after an image of `size` pixels, along one axis.

    Args:
        size: N, pixels of the image along this axis.
        kernel: k, pixels of the kernel along this axis.
        stride: s, pixels from one window to the next.
        padding: "valid" adds none; "same" adds as many as ceil(N / s) windows need, an odd one after the
            image; a number p adds p on either side.

    Returns:
        (pixels before, pixels after).

    Raises:
        InputError: unknown padding, or a number that must be positive is not.
    """
    if min(size, kernel, stride) < 1:
        raise InputError(f"size, kernel and stride must be at least 1, got {size}, {kernel} and {stride}")
    if padding == "valid":
        return 0, 0
    if padding == "same":
        windows = math.ceil(size / stride)
        missing = max((windows - 1) * stride + kernel - size, 0)
        return missing // 2, missing - missing // 2
    if not isinstance(padding, int) or padding < 0:
        raise InputError(f'padding must be "valid", "same" or a number of pixels, got {padding!r}')
    return padding, padding


def feature_map_size(size, kernel, stride=1, padding="valid"):
    """How many windows fit along one axis: floor((N + 2p - k) / s) + 1.

    With "same" padding, 2p is what `added_pixels` adds on both sides together, and the result is ceil(N / s).

    Args:
        size: N, pixels of the image along this axis.
        kernel: k, pixels of the kernel along this axis.
        stride: s, pixels from one window to the next.
        padding: "valid", "same" or p, a number of pixels added on either side.

    Returns:
        The number of windows: the feature map's size along this axis.

    Raises:
        InputError: the kernel is larger than the padded image, or as `added_pixels`.
    """
    padded = size + sum(added_pixels(size, kernel, stride, padding))
    if kernel > padded:
        raise InputError(
            f"a kernel of {kernel} pixels does not fit into {padded} pixels (the image's {size} and the "
            f"padding): take a smaller kernel or more padding"
        )
    return (padded - kernel) // stride + 1


def convolution_parameters(kernel, channels_in, channels_out, bias=True):
    """Trainable parameters of a convolution: (k * k * C_in + 1) * C_out; the 1 is each kernel's bias.

    The size of the image does not matter: all windows share the kernels.

    Args:
        kernel: side of the square kernel, or (rows, columns).
        channels_in: channels of the images.
        channels_out: number of kernels, which is the number of feature maps.
        bias: whether each kernel has a bias.

    Returns:
        The number of trainable parameters.

    Raises:
        InputError: a number below 1.
    """
    rows, columns = _pair(kernel)
    if min(rows, columns, channels_in, channels_out) < 1:
        raise InputError(
            f"kernel and channels must be at least 1, got kernel={kernel}, channels_in={channels_in}, "
            f"channels_out={channels_out}"
        )
    return (rows * columns * channels_in + int(bias)) * channels_out


def sliding_windows(images, kernel, stride=1, padding="valid", fill=0.0):
    """The window of pixels under the kernel at each of its positions.

    Args:
        images: (N, H, W, C) array.
        kernel: side of the square kernel, or (rows, columns).
        stride: pixels from one window to the next, downwards and to the right alike.
        padding: "valid", "same" or a number of pixels added on each side.
        fill: value of the added pixels.

    Returns:
        (N, rows, columns, kernel rows, kernel columns, C): one window for each pixel of the feature map.

    Raises:
        InputError: the images have no four axes, or the kernel does not fit.
    """
    images = np.asarray(images)
    if images.ndim != 4:
        raise InputError(
            f"images must be (N, H, W, C), got shape {images.shape}; one image alone needs a first axis of 1"
        )
    kernel_rows, kernel_columns = _pair(kernel)
    _, height, width, _ = images.shape
    rows = feature_map_size(height, kernel_rows, stride, padding)
    columns = feature_map_size(width, kernel_columns, stride, padding)
    above_below = added_pixels(height, kernel_rows, stride, padding)
    left_right = added_pixels(width, kernel_columns, stride, padding)
    padded = np.pad(images, ((0, 0), above_below, left_right, (0, 0)), constant_values=fill)
    windows = [
        [
            padded[:, top : top + kernel_rows, left : left + kernel_columns]
            for left in range(0, columns * stride, stride)
        ]
        for top in range(0, rows * stride, stride)
    ]
    return np.moveaxis(np.array(windows), 2, 0)  # the images, third inside the two lists, come first


def conv2d(images, kernels, bias=None, stride=1, padding="valid"):
    """Two-dimensional convolution: the sum of the products of each kernel and each window.

    out[n, i, j, f] = bias[f] + sum over a, b, c of images[n, i s + a, j s + b, c] kernels[a, b, c, f],
    on the padded images. Mathematics flips the kernels first; without the flip, as in neural networks, it is
    called cross-correlation.

    Args:
        images: (N, H, W, C_in) float array.
        kernels: (kernel rows, kernel columns, C_in, C_out) float array. 1x1 kernels mix the
            channels of each pixel by itself.
        bias: (C_out,) float array; None for none.
        stride: pixels from one window to the next.
        padding: "valid", "same" or a number of zeros added on each side.

    Returns:
        (N, rows, columns, C_out): one feature map for each kernel.

    Raises:
        InputError: images and kernels have different numbers of channels, or the kernel does not fit.
    """
    kernels = np.asarray(kernels)
    if kernels.ndim != 4 or kernels.shape[2] != np.shape(images)[-1]:
        raise InputError(
            f"kernels must be (rows, columns, C_in, C_out) with the images' {np.shape(images)[-1]} channels "
            f"as C_in, got shape {kernels.shape}"
        )
    windows = sliding_windows(images, kernels.shape[:2], stride, padding)
    maps = np.tensordot(windows, kernels, axes=3)  # sums over kernel rows, kernel columns and C_in
    return maps if bias is None else maps + np.asarray(bias)


def _pooling_windows(images, size, stride, padding, fill):
    if isinstance(padding, int) and padding >= min(_pair(size)):
        raise InputError(
            f"pooling windows of {size} pixels with {padding} pixels of padding could lie outside the image: "
            f"pad less than the window's size"
        )
    if stride is None:
        stride, other = _pair(size)
        if stride != other:
            raise InputError(f"give the stride of windows that are not square, got size={size}")
    return sliding_windows(images, size, stride, padding, fill)


def max_pool2d(images, size=2, stride=None, padding="valid"):
    """The largest value of each window, channel by channel.

    Args:
        images: (N, H, W, C) float array.
        size: side of the square window, or (rows, columns).
        stride: pixels from one window to the next; None for the windows' own size, side by side.
        padding: "valid", "same" or a number of pixels, smaller than the window. Added pixels do not count.

    Returns:
        (N, rows, columns, C).

    Raises:
        InputError: the window does not fit, or could lie outside the image.
    """
    windows = _pooling_windows(images, size, stride, padding, fill=-np.inf)
    return windows.max(axis=(3, 4))


def average_pool2d(images, size=2, stride=None, padding="valid"):
    """The mean of each window, channel by channel; pixels that padding added do not count.

    Args:
        images: (N, H, W, C) float array.
        size: side of the square window, or (rows, columns).
        stride: pixels from one window to the next; None for the windows' own size, side by side.
        padding: "valid", "same" or a number of pixels, smaller than the window.

    Returns:
        (N, rows, columns, C).

    Raises:
        InputError: the window does not fit, or could lie outside the image.
    """
    windows = _pooling_windows(images, size, stride, padding, fill=np.nan)
    return np.nanmean(windows, axis=(3, 4))
