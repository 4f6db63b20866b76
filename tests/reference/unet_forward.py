"""The U-Net of figure 1 (Ronneberger, Fischer and Brox, MICCAI 2015) as a slow forward pass in NumPy."""

import numpy as np

from tests.reference.numpy_layers import batch_norm, conv2d, conv2d_transpose, max_pool, relu


def double_convolution(maps, layers, padding, training):
    """conv 3x3, ReLU, conv 3x3, ReLU; with batch normalisation between each convolution and its ReLU.

    `layers`: two of (kernel, bias, norm), bias or norm (gamma, beta, mean, variance) being None.
    """
    for kernel, bias, norm in layers:
        maps = conv2d(maps, kernel, 0.0 if bias is None else bias, padding=padding)
        maps = relu(maps if norm is None else batch_norm(maps, *norm, training))
    return maps


def crop(maps, like):
    """The middle of the maps, as large as `like`."""
    top, left = ((one - other) // 2 for one, other in zip(maps.shape[1:3], like.shape[1:3], strict=True))
    return maps[:, top : top + like.shape[1], left : left + like.shape[2]]


def unet_forward(images, down, up, classifier, padding, training=False, dropped=None):
    """Logits of a U-Net.

    Args:
        images: (N, H, W, C).
        down: the double convolutions of the contracting path, from the top.
        up: (kernel and bias of the up-convolution, double convolution) of the expanding path, from the lowest.
        classifier: kernel and bias of the last 1x1 convolution.
        padding: "valid" or "same".
        training: normalise by the batch.
        dropped: what dropout multiplies the lowest level's output by, or None.
    """
    maps, skips = np.asarray(images, float), []
    for number, layers in enumerate(down):
        maps = double_convolution(max_pool(maps) if number else maps, layers, padding, training)
        skips.append(maps)
    maps = skips.pop()
    if dropped is not None:
        maps = maps * dropped
    for (kernel, bias), layers in up:
        maps = conv2d_transpose(maps, kernel, bias)
        maps = np.concatenate([crop(skips.pop(), maps), maps], axis=-1)
        maps = double_convolution(maps, layers, padding, training)
    return conv2d(maps, *classifier)
