"""CenterNet's network in NumPy, from Xiao et al. 2018, section 2, and Zhou et al. 2019, section 5."""

import numpy as np

from tests.reference.classifiers import conv_norm, max_pool, residual_block
from tests.reference.numpy_layers import batch_norm, conv2d, conv2d_transpose, relu


def centernet_forward(model, images, training=False):
    """The three maps with the model's weights: {"heat_map", "offset", "size"}."""
    maps = np.asarray(images, float)
    for layer in model.stem:
        maps = relu(conv_norm(maps, layer, training))
        maps = max_pool(maps, 3, 2, padding=1) if model.large_stem else max_pool(maps, 2, 2)
    for block in model.body:
        maps = residual_block(maps, block, training)
    for up, norm in zip(model.up, model.up_norms, strict=True):
        # A 4x4 kernel at stride 2 makes 2 n + 2 pixels of n; one on every side is cut off.
        maps = conv2d_transpose(maps, np.array(up.kernel), stride=2, crop=1)
        maps = relu(batch_norm(maps, *norm.get_weights(), training, epsilon=norm.epsilon))
    heads = {}
    for name, (hidden, last) in model.heads.items():
        inside = relu(conv2d(maps, *hidden.get_weights()))
        heads[name] = conv2d(inside, *last.get_weights())
    return heads
