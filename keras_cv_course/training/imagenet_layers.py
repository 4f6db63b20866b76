"""Layers of `keras.applications` and ours with the same weights: DenseNet and EfficientNet, for `imagenet_weights`."""

import keras

# Mean and standard deviation of ImageNet's pixels, from 0 to 1: red, green, blue.
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)


def densenet_layers(model):
    """{name of the layer in keras.applications: layer of ours} of a built DenseNet with the 7x7 stem."""
    pairs = {
        "conv1_conv": model.conv,
        "conv1_bn": model.norm,
        "bn": model.last_norm,
        "predictions": model.classifier,
    }
    # Their block 1 is conv2, and the transition behind it pool2.
    for block, dense_layers in enumerate(model.dense_blocks, start=2):
        for place, layer in enumerate(dense_layers, start=1):
            name = f"conv{block}_block{place}"
            pairs[f"{name}_0_bn"] = layer.norm1
            pairs[f"{name}_1_conv"] = layer.conv1
            pairs[f"{name}_1_bn"] = layer.norm2
            pairs[f"{name}_2_conv"] = layer.conv2
    for block, transition in enumerate(model.transitions, start=2):
        pairs[f"pool{block}_bn"] = transition.norm
        pairs[f"pool{block}_conv"] = transition.conv
    return pairs


def efficientnet_layers(model):
    """{name of the layer in keras.applications: layer of ours} of a built EfficientNet."""
    pairs = {
        "normalization": model.normalization,
        "stem_conv": model.stem_conv,
        "stem_bn": model.stem_norm,
        "top_conv": model.head_conv,
        "top_bn": model.head_norm,
        "predictions": model.classifier,
    }
    for stage, blocks in enumerate(model.blocks, start=1):
        for letter, block in zip("abcdefghijklmnopqrstuvwxyz", blocks):
            name = f"block{stage}{letter}"
            if block.expansion > 1:
                pairs[f"{name}_expand_conv"] = block.expand
                pairs[f"{name}_expand_bn"] = block.expand_norm
            pairs[f"{name}_dwconv"] = block.depthwise
            pairs[f"{name}_bn"] = block.depthwise_norm
            pairs[f"{name}_se_reduce"] = block.squeeze.reduce
            pairs[f"{name}_se_expand"] = block.squeeze.expand
            pairs[f"{name}_project_conv"] = block.project
            pairs[f"{name}_project_bn"] = block.project_norm
    return pairs


def standardized(images):
    """Images in [0, 1] minus ImageNet's mean, divided by its standard deviation; Keras' mode "torch"."""
    return keras.applications.imagenet_utils.preprocess_input(255.0 * images, mode="torch")


def efficientnet_input(images):
    """Images in [0, 1] as EfficientNet's ImageNet weights expect them.

    They were trained on (image - mean) / deviation. The normalisation layer that comes with them holds the
    deviation in place of the variance, so that it divides by its square root only. keras.applications divides
    by that root again after the layer; here it is done before it: mean + (image - mean) / root.
    """
    channels = [
        mean + (images[..., channel : channel + 1] - mean) / deviation**0.5
        for channel, (mean, deviation) in enumerate(zip(MEAN, DEVIATION))
    ]
    return keras.ops.concatenate(channels, axis=-1)
