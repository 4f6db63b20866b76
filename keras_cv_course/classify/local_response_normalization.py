"""Local response normalisation: each channel is divided by the activity of its neighbours.

Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks",
NIPS 2012, section 3.3. AlexNet and GoogLeNet use it; batch normalisation has since taken its place.
"""

import keras
import numpy as np
from keras import ops

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class LocalResponseNormalization(keras.layers.Layer):
    """Divide each activation by the sum of squares of the channels around it, at the same pixel.

        b_i = a_i / (bias + alpha * sum_j a_j^2) ^ beta,    j from i - size // 2 to i + size // 2

    Channels beyond the first and the last count as 0. Some libraries divide alpha by `size`; the paper
    does not. It has no weights.

    Args:
        size: number of channels in a neighbourhood, odd.
        bias: k in the paper.
        alpha: factor of the sum of squares.
        beta: the exponent.

    Call:
        feature maps (N, H, W, C) -> same shape.

    Raises:
        InputError: the size is not odd.
    """

    def __init__(self, size=5, bias=2.0, alpha=1e-4, beta=0.75, **kwargs):
        super().__init__(**kwargs)
        if size < 1 or size % 2 == 0:
            raise InputError(f"a neighbourhood has an odd number of channels, 1 or more; got size={size}")
        self.size = size
        self.bias = bias
        self.alpha = alpha
        self.beta = beta

    def call(self, features):
        channel = np.arange(features.shape[-1])
        # A sum over neighbours is a product with a band of ones, and a power is the exponential of a
        # logarithm: five shifted sums and `power` take twice as long.
        band = np.abs(channel[:, None] - channel) <= self.size // 2
        energy = ops.matmul(ops.square(features), ops.cast(band, features.dtype))
        return features * ops.exp(-self.beta * ops.log(self.bias + self.alpha * energy))  # section 3.3

    def get_config(self):
        return {
            **super().get_config(),
            "size": self.size,
            "bias": self.bias,
            "alpha": self.alpha,
            "beta": self.beta,
        }
