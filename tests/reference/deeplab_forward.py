"""DeepLabv3+ (Chen et al., ECCV 2018, figure 2) as a slow forward pass in NumPy.

Atrous separable convolutions (section 3.1), the pyramid with its image-level branch, the decoder that upsamples,
joins the low-level map and refines. The backbone is our own: residual blocks of separable convolutions.
"""

import numpy as np

from tests.reference.numpy_layers import batch_norm, bilinear, conv2d, depthwise_conv2d, relu


def separable(maps, depthwise, norm1, pointwise, norm2, stride=1, rate=1, training=False):
    maps = relu(batch_norm(depthwise_conv2d(maps, depthwise, stride, rate), *norm1, training))
    return relu(batch_norm(conv2d(maps, pointwise), *norm2, training))


def pyramid(maps, points, branches, training=False):
    """ASPP: a 1x1 convolution, atrous ones, the mean over the image; joined, mixed by a 1x1 convolution.

    Args:
        maps: (N, H, W, C).
        points: (kernel, norm) of the 1x1 convolutions: of the maps, of their mean, of the joined ones.
        branches: arguments of `separable` of each rate, and the rate.
    """

    def point(number, inputs):
        kernel, norm = points[number]
        return relu(batch_norm(conv2d(inputs, kernel), *norm, training))

    parts = [point(0, maps)] + [separable(maps, *one, rate=rate, training=training) for one, rate in branches]
    mean = point(1, maps.mean(axis=(1, 2), keepdims=True))
    parts.append(np.broadcast_to(mean, parts[0].shape))
    return point(2, np.concatenate(parts, axis=-1))


def deeplab_forward(
    images, first, blocks, aspp, low_level, refine, classifier, upsample, training, dropped=1.0
):
    """Logits.

    Args:
        images: (N, H, W, C).
        first: (kernel, norm) of the first convolution, of stride 2.
        blocks: (arguments of the block's separable convolutions, its stride, its rate, (kernel, norm) of the 1x1
            shortcut); the last convolution of a block has its stride.
        aspp: (points, branches) of `pyramid`.
        low_level: (kernel, norm) of the 1x1 convolution of the map of stride 4.
        refine: arguments of the decoder's separable convolutions.
        classifier: kernel and bias.
        upsample: factor from the pyramid's map to the map of stride 4.
        training: normalise by the batch.
        dropped: what dropout multiplies the pyramid's output by.
    """
    kernel, norm = first
    maps = relu(batch_norm(conv2d(np.asarray(images, float), kernel, stride=2), *norm, training))
    stride4 = None
    for layers, stride, rate, (kernel, norm) in blocks:
        shortcut = batch_norm(conv2d(maps, kernel, stride=stride), *norm, training)
        for number, one in enumerate(layers, start=1):
            last = number == len(layers)
            maps = separable(maps, *one, stride=stride if last else 1, rate=rate, training=training)
        maps = maps + shortcut
        stride4 = maps if stride4 is None else stride4
    maps = bilinear(pyramid(maps, *aspp, training) * dropped, upsample)
    kernel, norm = low_level
    fine = relu(batch_norm(conv2d(stride4, kernel), *norm, training))
    maps = np.concatenate([maps, fine], axis=-1)
    for one in refine:
        maps = separable(maps, *one, training=training)
    return bilinear(conv2d(maps, *classifier), 4)
