"""The Inception module: kernels of several sizes side by side.

Szegedy et al., "Going Deeper with Convolutions", CVPR 2015, figure 2b; the factorised forms are those of
InceptionV3: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", CVPR 2016,
section 3, figures 5 and 6.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError


def convolution(filters, kernel, strides=1):
    """A convolution with ReLU that keeps height and width, or divides them by the strides."""
    return keras.layers.Conv2D(
        filters, kernel, strides, padding="same", activation="relu", kernel_initializer="he_normal"
    )


def large_convolution(filters, kernel, factorize):
    """Layers whose receptive field is `kernel` x `kernel` pixels, where `kernel` is 3 or 5.

        "none"  one convolution of kernel x kernel; 5x5 has 25 weights per pair of channels;
        "3x3"   a 5x5 as two 3x3, which together see 5x5 pixels: 9 + 9 = 18 weights;
        "1xn"   n x n as 1 x n and n x 1, a row and then a column: 5 + 5 = 10 weights, and 3 + 3 for a 3x3.

    Each layer has a ReLU, so that a factorised pair is not linear.

    Args:
        filters: channels of every layer.
        kernel: 3 or 5.
        factorize: "none", "3x3" or "1xn".

    Returns:
        A list of layers, to be applied one after the other.

    Raises:
        InputError: unknown factorisation.
    """
    if factorize == "none" or (factorize == "3x3" and kernel == 3):
        return [convolution(filters, kernel)]
    if factorize == "3x3":
        return [convolution(filters, 3), convolution(filters, 3)]
    if factorize == "1xn":
        return [convolution(filters, (1, kernel)), convolution(filters, (kernel, 1))]
    raise InputError(f'factorize must be "none", "3x3" or "1xn", got {factorize!r}')


@keras.saving.register_keras_serializable("keras_cv_course")
class Inception(keras.layers.Layer):
    """The Inception module: four branches on the same feature map, concatenated along the channels.

    Args:
        filters: channels of the 1x1; of the 1x1 before the 3x3 and of the 3x3; of the 1x1 before the 5x5
            and of the 5x5; and of the 1x1 after the pooling. A 1x1 before a large kernel ("reduce" in the
            paper's table) leaves it fewer channels to compute with.
        factorize: form of the large convolutions, see `large_convolution`.

    Call:
        feature maps (N, H, W, C) -> (N, H, W, one + three + five + pooled).
    """

    def __init__(self, filters, factorize="none", **kwargs):
        super().__init__(**kwargs)
        self.filters = tuple(filters)
        self.factorize = factorize
        one, three_reduce, three, five_reduce, five, pooled = self.filters
        self.branch1 = [convolution(one, 1)]
        self.branch3 = [convolution(three_reduce, 1), *large_convolution(three, 3, factorize)]
        self.branch5 = [convolution(five_reduce, 1), *large_convolution(five, 5, factorize)]
        self.branch_pool = [keras.layers.MaxPooling2D(3, 1, padding="same"), convolution(pooled, 1)]

    def build(self, input_shape):
        self.call(keras.KerasTensor(input_shape, self.compute_dtype))
        self.built = True

    def call(self, features):
        outputs = []
        for branch in (self.branch1, self.branch3, self.branch5, self.branch_pool):
            output = features
            for layer in branch:
                output = layer(output)
            outputs.append(output)
        return ops.concatenate(outputs, axis=-1)

    def get_config(self):
        return {**super().get_config(), "filters": self.filters, "factorize": self.factorize}
