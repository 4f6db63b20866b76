"""What the comparisons with the slow forward passes share: weights to compute with, and dropout's own mask."""

import keras
import numpy as np


def set_weights(layer, seed=0):
    """Give a built layer or model random weights; scales, offsets, means and variances are positive."""
    rng = np.random.default_rng(seed)
    values = []
    for weight in layer.weights:
        if not np.issubdtype(np.dtype(keras.ops.dtype(weight)), np.floating):
            continue
        drawn = (
            rng.uniform(0.2, 1.0, weight.shape) if len(weight.shape) < 2 else rng.normal(0, 0.4, weight.shape)
        )
        weight.assign(drawn.astype("float32"))
        values.append(drawn)
    return values


def arrays(layer):
    """The weights of a layer, float64."""
    return [np.asarray(keras.ops.convert_to_numpy(weight), float) for weight in layer.weights]


def convolution(layer, norm):
    """(kernel, bias or None, norm's weights or None) of a convolution and what follows it."""
    kernel, *bias = arrays(layer)
    return kernel, bias[0] if bias else None, arrays(norm) or None


def drop_mask(dropout, *shapes):
    """What the dropout layer will multiply maps of these shapes by when it is called next, in this order.

    Its random state is put back, so that the next calls draw the same.
    """
    state = dropout.seed_generator.state
    before = keras.ops.convert_to_numpy(state)
    masks = [np.asarray(dropout(np.ones(shape, "float32"), training=True), float) for shape in shapes]
    state.assign(before)
    return masks if len(masks) > 1 else masks[0]
