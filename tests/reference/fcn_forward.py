"""FCN (Long, Shelhamer and Darrell, CVPR 2015, figure 3 and section 4) as a slow forward pass in NumPy."""

import numpy as np

from tests.reference.numpy_layers import batch_norm, conv2d, conv2d_transpose, max_pool, relu

EPSILON = 1e-5  # of the batch normalisation in our VGG; the paper has none


def fcn_forward(images, blocks, head, scores, upsample, training=False, dropped=()):
    """{"pool1", ..., "score32", ..., "logits": map} of an FCN with VGG's blocks.

    Args:
        images: (N, H, W, C).
        blocks: lists of (kernel, bias, norm) convolutions, each followed by ReLU; a 2x2 pooling after each list.
        head: (kernel, bias) of the dense layers that became convolutions, each followed by ReLU and dropout.
        scores: (kernel, bias) of the 1x1 scores: of the last map, of the pooling before it, ...
        upsample: kernels of the transposed convolutions; the last one leads to full size.
        training: normalise by the batch.
        dropped: what dropout multiplies the output of each head layer by, or nothing.
    """
    maps, out = np.asarray(images, float), {}
    for number, layers in enumerate(blocks, start=1):
        for kernel, bias, norm in layers:
            maps = conv2d(maps, kernel, 0.0 if bias is None else bias)
            maps = relu(maps if norm is None else batch_norm(maps, *norm, training, EPSILON))
        maps = out[f"pool{number}"] = max_pool(maps)
    for number, (kernel, bias) in enumerate(head):
        maps = relu(conv2d(maps, kernel, bias))
        maps = maps * dropped[number] if len(dropped) else maps
    apart = 2 ** len(blocks)
    score = out[f"score{apart}"] = conv2d(maps, *scores[0])
    for number, (finer, kernel) in enumerate(zip(scores[1:], upsample, strict=False), start=1):
        # Twice as large: a kernel of 4 at stride 2, cut by 1 on every side.
        score = conv2d_transpose(score, kernel, crop=1) + conv2d(out[f"pool{len(blocks) - number}"], *finer)
        apart //= 2
        out[f"score{apart}"] = score
    out["logits"] = conv2d_transpose(score, upsample[-1], stride=apart, crop=apart // 2)
    return out
