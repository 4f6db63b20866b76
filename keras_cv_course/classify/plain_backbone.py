"""A plain backbone: convolution, batch normalisation, ReLU, and max-pooling between the stages."""

import keras

from keras_cv_course.errors import InputError


def plain_backbone(filters=(16, 32, 64, 96), channels=3):
    """Stages of a 3x3 convolution, batch normalisation and ReLU, with 2x2 max-pooling between them.

    Convolutions keep height and width ("same" padding) and have no bias: the normalisation's offset replaces it.

    The layers are called conv1, norm1, relu1, pool1, conv2 ..., in the order in which they are applied, so
    that everything from one of them on can be trained by itself.

    Args:
        filters: channels of each stage.
        channels: channels of the images.

    Returns:
        A `keras.Sequential`, images (N, H, W, channels) of any size -> features (N, h, w, filters[-1]).

    Raises:
        InputError: there is no stage, or a number is below 1.
    """
    if not filters or min(*filters, channels) < 1:
        raise InputError(
            f"filters and channels must be 1 or more, and there must be a stage; got {filters}, {channels}"
        )
    layers = [keras.layers.Input((None, None, channels))]
    for stage, count in enumerate(filters, start=1):
        if stage > 1:
            layers.append(keras.layers.MaxPooling2D(2, name=f"pool{stage - 1}"))
        layers += [
            keras.layers.Conv2D(
                count, 3, padding="same", use_bias=False, kernel_initializer="he_normal", name=f"conv{stage}"
            ),
            keras.layers.BatchNormalization(momentum=0.9, name=f"norm{stage}"),
            keras.layers.ReLU(name=f"relu{stage}"),
        ]
    return keras.Sequential(layers, name="backbone")
