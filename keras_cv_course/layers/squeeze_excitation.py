"""Squeeze-and-excitation: each channel is scaled by a gate computed from the means of all channels.

Hu, Shen and Sun, "Squeeze-and-Excitation Networks", CVPR 2018, section 3. In SE-ResNet and EfficientNet.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class SqueezeExcitation(keras.layers.Layer):
    """Multiply each channel by a gate in (0, 1), a function of the spatial means of all channels.

    Args:
        squeezed: units of the first dense layer; C / 16 in the paper.
        activation: of the first dense layer; ReLU in the paper, swish in EfficientNet.

    Call:
        feature maps (N, H, W, C) -> same shape.

    Raises:
        InputError: `squeezed` below 1.
    """

    def __init__(self, squeezed, activation="relu", **kwargs):
        super().__init__(**kwargs)
        if squeezed < 1:
            raise InputError(f"squeezed must be at least 1 channel, got {squeezed}: take a smaller reduction")
        self.squeezed = squeezed
        self.activation = activation
        # A 1x1 convolution on one pixel is the paper's dense layer.
        self.reduce = keras.layers.Conv2D(squeezed, 1, activation=activation)

    def build(self, input_shape):
        """Make `expand`, the 1x1 convolution from the squeezed to all channels, and build it and `reduce`."""
        channels = input_shape[-1]
        self.expand = keras.layers.Conv2D(channels, 1, activation="sigmoid")
        self.reduce.build((None, 1, 1, channels))
        self.expand.build((None, 1, 1, self.squeezed))
        self.built = True

    def gates(self, maps):
        """Feature maps (N, H, W, C) -> gates (N, 1, 1, C) in (0, 1)."""
        squeezed = ops.mean(maps, axis=(1, 2), keepdims=True)  # eq. 2: z, one number for each channel
        return self.expand(self.reduce(squeezed))  # eq. 3: s = sigmoid(W2 activation(W1 z))

    def call(self, maps):
        return maps * self.gates(maps)  # eq. 4

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "squeezed": self.squeezed, "activation": self.activation}
