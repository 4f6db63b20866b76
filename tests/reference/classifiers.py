"""The classifiers of Day 1 as slow forward passes in NumPy, each written from its paper's table or figure.

Every function takes the Keras model for its weights and its sizes, images (N, H, W, C) and whether this is
training; then batch normalisation takes the batch's own statistics, and dropout multiplies by 1 - rate, which
shows where it stands (see `tests/parity/test_classifiers_in_numpy.py`). What comes back are logits.
"""

import numpy as np

from tests.reference.numpy_layers import batch_norm, relu, same_padding


def places(maps, window, stride, padding, fill=0.0):
    """Yield (row, column, pixels) for every place in a window: what each place sees, (N, h, w, C).

    Args:
        maps: (N, H, W, C).
        window: (rows, columns).
        stride: pixels from one window to the next.
        padding: "same", or a number of pixels on every side.
        fill: value of the added pixels.
    """
    sides = maps.shape[1:3]
    pads = [
        same_padding(side, size, stride) if padding == "same" else (padding, padding)
        for side, size in zip(sides, window, strict=True)
    ]
    maps = np.pad(maps, ((0, 0), *pads, (0, 0)), constant_values=fill)
    height, width = ((side - size) // stride + 1 for side, size in zip(maps.shape[1:3], window, strict=True))
    for row, column in np.ndindex(*window):
        rows = row + stride * np.arange(height)
        columns = column + stride * np.arange(width)
        yield row, column, maps[:, rows[:, None], columns]


def conv(maps, weights, stride=1, padding="same", groups=1):
    """Convolution with a kernel (rows, columns, C_in / groups, C_out) and perhaps a bias."""
    kernel, *bias = weights
    ins, outs = maps.shape[-1] // groups, kernel.shape[-1] // groups
    total = 0.0
    for row, column, part in places(maps, kernel.shape[:2], stride, padding):
        towers = [
            part[..., g * ins : (g + 1) * ins] @ kernel[row, column, :, g * outs : (g + 1) * outs]
            for g in range(groups)
        ]
        total = total + np.concatenate(towers, axis=-1)
    return total + bias[0] if bias else total


def depthwise(maps, kernel, stride):
    """Each channel with a kernel of its own, (rows, columns, C, 1)."""
    return sum(
        part * kernel[row, column, :, 0]
        for row, column, part in places(maps, kernel.shape[:2], stride, "same")
    )


def max_pool(maps, window, stride, padding=0):
    return np.max([part for *_, part in places(maps, (window, window), stride, padding, -np.inf)], axis=0)


def average_pool(maps, window, stride):
    return np.mean([part for *_, part in places(maps, (window, window), stride, 0)], axis=0)


def dense(rows, weights):
    return rows @ weights[0] + weights[1]


def dropout(maps, rate, training):
    return maps * (1 - rate) if training else maps


def response_norm(maps, size=5, bias=2.0, alpha=1e-4, beta=0.75):
    """Krizhevsky et al., section 3.3, channel by channel."""
    channels = maps.shape[-1]
    out = np.empty_like(maps)
    for i in range(channels):
        near = maps[..., max(0, i - size // 2) : min(channels, i + size // 2 + 1)]
        out[..., i] = maps[..., i] / (bias + alpha * (near**2).sum(axis=-1)) ** beta
    return out


def norm(maps, layer, training):
    """Batch normalisation of a Keras layer, whose weights are gamma, beta, mean and variance."""
    return batch_norm(maps, *layer.get_weights(), training, layer.epsilon)


def sigmoid(maps):
    return 1 / (1 + np.exp(-maps))


def swish(maps):
    return maps * sigmoid(maps)


def lenet5(model, images, training):
    """LeCun et al. 1998, figure 2."""
    activation = {"tanh": np.tanh, "relu": relu}[model.activation]
    pool = {"average": average_pool, "max": max_pool}[model.pooling]
    maps = activation(conv(images, model.c1.get_weights(), padding=model.padding))
    maps = activation(conv(pool(maps, 2, 2), model.c3.get_weights(), padding=0))
    maps = activation(conv(pool(maps, 2, 2), model.c5.get_weights(), padding=0))
    hidden = activation(dense(maps.reshape(len(maps), -1), model.f6.get_weights()))
    return dense(hidden, model.classifier.get_weights())


def convolutional_classifier(model, images, training):
    """Stages of convolutions, batch normalisation and ReLU, a 2x2 max-pooling behind each; dropout in front of
    every dense layer."""
    maps, layers = images, zip(model.convolutions, model.norms, strict=True)
    for _ in model.filters:
        for _ in range(model.depth):
            convolution, normalisation = next(layers)
            maps = conv(maps, convolution.get_weights())
            maps = relu(norm(maps, normalisation, training) if model.batch_norm else maps)
        maps = max_pool(maps, 2, 2)
    hidden = dropout(maps.reshape(len(maps), -1), model.dropout, training)
    for layer in model.hidden:
        hidden = dropout(relu(dense(hidden, layer.get_weights())), model.dropout, training)
    return dense(hidden, model.classifier.get_weights())


def global_pooling_classifier(model, images, training):
    """Convolutions with ReLU, then the largest value of every map."""
    maps = images
    for convolution in model.convolutions:
        maps = relu(conv(maps, convolution.get_weights()))
    return dense(maps.max(axis=(1, 2)), model.classifier.get_weights())


def alexnet(model, images, training):
    """Krizhevsky et al. 2012, figure 2 and sections 3.3 to 3.5 and 4.2."""
    response = response_norm if model.response_normalization else (lambda maps: maps)
    maps = relu(conv(images, model.conv1.get_weights(), model.first_stride, padding=2))
    maps = max_pool(response(maps), 3, 2)
    maps = relu(conv(maps, model.conv2.get_weights(), groups=model.groups))
    maps = max_pool(response(maps), 3, 2)
    maps = relu(conv(maps, model.conv3.get_weights()))
    maps = relu(conv(maps, model.conv4.get_weights(), groups=model.groups))
    maps = relu(conv(maps, model.conv5.get_weights(), groups=model.groups))
    hidden = max_pool(maps, 3, 2).reshape(len(images), -1)
    for layer in (model.fc6, model.fc7):
        hidden = dropout(relu(dense(hidden, layer.get_weights())), model.dropout, training)
    return dense(hidden, model.classifier.get_weights())


def vgg(model, images, training):
    """Simonyan and Zisserman 2015, table 1; batch normalisation if asked for."""
    maps, layers = images, zip(model.convolutions, model.norms, strict=True)
    for count in model.blocks:
        for _ in range(count):
            convolution, normalisation = next(layers)
            maps = conv(maps, convolution.get_weights())
            maps = relu(norm(maps, normalisation, training) if model.batch_norm else maps)
        maps = max_pool(maps, 2, 2)
    hidden = maps.reshape(len(maps), -1)
    for layer in model.hidden:
        hidden = dropout(relu(dense(hidden, layer.get_weights())), model.dropout, training)
    return dense(hidden, model.classifier.get_weights())


def inception(maps, module):
    """Szegedy et al. 2015, figure 2b."""

    def branch(maps, layers):
        for layer in layers:
            maps = relu(conv(maps, layer.get_weights()))
        return maps

    pooled = max_pool(maps, 3, 1, "same")
    branches = [branch(maps, layers) for layers in (module.branch1, module.branch3, module.branch5)]
    return np.concatenate([*branches, branch(pooled, module.branch_pool[1:])], axis=-1)


def googlenet(model, images, training):
    """Szegedy et al. 2015, table 1 and section 5; {"logits", heads ...} in training."""
    maps = relu(conv(images, model.conv1.get_weights(), 2 if model.large_images else 1))
    maps = response_norm(max_pool(maps, 3, 2, "same"))
    maps = relu(conv(maps, model.conv2_reduce.get_weights()))
    maps = response_norm(relu(conv(maps, model.conv2.get_weights())))
    maps = max_pool(maps, 3, 2, "same") if model.large_images else maps
    heads, stage, answers = dict(zip(model.auxiliary_after, model.heads, strict=True)), "3", {}
    for name, module in zip(model.inceptions, model.blocks, strict=True):
        if name[0] != stage:
            maps, stage = max_pool(maps, 3, 2, "same"), name[0]
        maps = inception(maps, module)
        if name in heads:
            head = heads[name]
            hidden = relu(conv(average_pool(maps, 5, 3), head.conv.get_weights()))
            hidden = relu(dense(hidden.reshape(len(hidden), -1), head.hidden.get_weights()))
            hidden = dropout(hidden, head.dropout, training)
            answers[name] = dense(hidden, head.classifier.get_weights())
    features = dropout(maps.mean(axis=(1, 2)), model.dropout, training)
    logits = dense(features, model.classifier.get_weights())
    return {"logits": logits, **answers} if training and answers else logits


def conv_norm(maps, layer, training):
    """A convolution with kernel // 2 zeros on every side, then batch normalisation."""
    kernel = layer.conv.get_weights()[0]
    maps = conv(maps, layer.conv.get_weights(), layer.stride, padding=len(kernel) // 2)
    return norm(maps, layer.norm, training)


def squeeze_excitation(maps, gate, activation):
    """Hu et al. 2018, equations 2 to 4."""
    (w1, b1), (w2, b2) = gate.reduce.get_weights(), gate.expand.get_weights()
    scale = sigmoid(activation(maps.mean(axis=(1, 2)) @ w1[0, 0] + b1) @ w2[0, 0] + b2)
    return maps * scale[:, None, None]


def residual_block(maps, block, training):
    """He et al. 2016, equations 1 and 2, figures 2 and 5; with a gate Hu et al. 2018, figure 3."""
    out = maps
    for layer in block.convolutions[:-1]:
        out = relu(conv_norm(out, layer, training))
    out = conv_norm(out, block.convolutions[-1], training)
    if hasattr(block, "gate"):
        out = squeeze_excitation(out, block.gate, relu)
    if block.shortcut == "projection" and block.projection is not None:
        out = out + conv_norm(maps, block.projection, training)
    elif block.shortcut != "none":
        kept = maps[:, :: block.stride, :: block.stride]
        out[..., : maps.shape[-1]] += kept
    return relu(out) if block.relu_after_addition else out


def resnet(model, images, training):
    """He et al. 2016, table 1 and section 4.2; also SE-ResNet."""
    maps = relu(conv_norm(images, model.conv1, training))
    if model.stem == "7x7":
        maps = max_pool(maps, 3, 2, padding=1)
    blocks = getattr(model, "residual_blocks", None) or [b for stage in model.stages for b in stage]
    for block in blocks:
        maps = residual_block(maps, block, training)
    return dense(maps.mean(axis=(1, 2)), model.classifier.get_weights())


def densenet(model, images, training):
    """Huang et al. 2017, table 1 and equation 2."""
    if model.stem == "7x7":
        maps = conv(images, model.conv.get_weights(), 2, padding=3)
        maps = max_pool(relu(norm(maps, model.norm, training)), 3, 2, padding=1)
    else:
        maps = conv(images, model.conv.get_weights())
    for number, layers in enumerate(model.dense_blocks):
        if number:
            transition = model.transitions[number - 1]
            maps = conv(relu(norm(maps, transition.norm, training)), transition.conv.get_weights())
            maps = average_pool(maps, 2, 2)
        for layer in layers:
            new = conv(relu(norm(maps, layer.norm1, training)), layer.conv1.get_weights())
            new = conv(relu(norm(new, layer.norm2, training)), layer.conv2.get_weights())
            maps = np.concatenate([maps, new], axis=-1)
    maps = relu(norm(maps, model.last_norm, training))
    return dense(maps.mean(axis=(1, 2)), model.classifier.get_weights())


def efficientnet(model, images, training):
    """Tan and Le 2019, table 1, with the block of Sandler et al. 2018, figure 3b, and a gate."""
    maps = conv(images, model.stem_conv.get_weights(), model.stem_strides)
    maps = swish(norm(maps, model.stem_norm, training))
    for block in [block for stage in model.blocks for block in stage]:
        inside = maps
        if block.expansion > 1:
            inside = swish(norm(conv(inside, block.expand.get_weights()), block.expand_norm, training))
        inside = depthwise(inside, block.depthwise.get_weights()[0], block.strides)
        inside = swish(norm(inside, block.depthwise_norm, training))
        inside = squeeze_excitation(inside, block.squeeze, swish)
        inside = norm(conv(inside, block.project.get_weights()), block.project_norm, training)
        if block.strides == 1 and maps.shape[-1] == inside.shape[-1]:
            inside = maps + dropout(inside, block.drop_rate, training)
        maps = inside
    maps = swish(norm(conv(maps, model.head_conv.get_weights()), model.head_norm, training))
    features = dropout(maps.mean(axis=(1, 2)), model.dropout, training)
    return dense(features, model.classifier.get_weights())


def relu6(maps):
    return np.clip(maps, 0, 6)


def efficientnet_lite(model, images, training):
    """Liu 2020 and the official code: the table of Tan and Le 2019 with the block of Sandler et al. 2018, figure 3b."""
    maps = conv((255 * images - 127) / 128, model.stem_conv.get_weights(), model.stem_strides)
    maps = relu6(norm(maps, model.stem_norm, training))
    for block in [block for stage in model.blocks for block in stage]:
        inside = maps
        if block.expansion > 1:
            inside = relu6(norm(conv(inside, block.expand.get_weights()), block.expand_norm, training))
        inside = depthwise(inside, block.depthwise.get_weights()[0], block.strides)
        inside = relu6(norm(inside, block.depthwise_norm, training))
        inside = norm(conv(inside, block.project.get_weights()), block.project_norm, training)
        if block.strides == 1 and maps.shape[-1] == inside.shape[-1]:
            inside = maps + dropout(inside, block.drop_rate, training)
        maps = inside
    maps = relu6(norm(conv(maps, model.head_conv.get_weights()), model.head_norm, training))
    features = dropout(maps.mean(axis=(1, 2)), model.dropout, training)
    return dense(features, model.classifier.get_weights())


def deformable_classifier(model, images, training):
    """Two convolutions of stride 2, perhaps others, and a last one, whose points move by Dai et al. 2017,
    equations 2 to 4."""
    maps = images
    for place, convolution in enumerate(model.convolutions[:-1]):
        maps = conv(maps, convolution.get_weights(), 2 if place < 2 else 1)
        maps = relu(norm(maps, model.norms[place], training))
    maps = relu(norm(last_convolution(maps, model), model.norms[-1], training))
    return dense(maps.mean(axis=(1, 2)), model.classifier.get_weights())


def last_convolution(maps, model):
    layer = model.convolutions[-1]
    if model.layer == "plain":
        return conv(maps, layer.get_weights())
    kernel = np.asarray(layer.kernel)
    if model.layer == "dilated":
        rows, columns = np.nonzero(np.ones((3, 3)))
        spread = np.zeros((5, 5, *kernel.shape[2:]))
        spread[2 * rows, 2 * columns] = kernel[rows, columns]
        return conv(maps, [spread])
    offsets = layer.offset_scale * conv(maps, layer.offset_convolution.get_weights())
    count, height, width, _ = maps.shape
    out = np.zeros((count, height, width, kernel.shape[-1]))
    for n, row, column in np.ndindex(count, height, width):
        moves = offsets[n, row, column].reshape(3, 3, 2)
        for a, b in np.ndindex(3, 3):
            y, x = row + a - 1 + moves[a, b, 0], column + b - 1 + moves[a, b, 1]
            rows = np.maximum(0, 1 - np.abs(np.arange(height) - y))
            columns = np.maximum(0, 1 - np.abs(np.arange(width) - x))
            out[n, row, column] += np.einsum("h,w,hwc->c", rows, columns, maps[n]) @ kernel[a, b]
    return out
