"""Instance normalisation: every image, every channel by itself.

Ulyanov, Vedaldi and Lempitsky, "Instance Normalization: The Missing Ingredient for Fast Stylization", 2016,
eq. 2. In CycleGAN's networks.
"""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_cv_course")
class InstanceNormalization(keras.layers.Layer):
    """Shift and scale each channel of each image to mean 0 and variance 1 over its pixels.

    Nothing is learned and no batch is looked at, so that training and use are the same.

    Args:
        epsilon: added to the variance.

    Call:
        maps (N, H, W, C) -> same shape. A channel without contrast becomes 0.
    """

    def __init__(self, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape):
        self.built = True

    def call(self, maps):
        exact = ops.cast(maps, "float32")  # sums over many pixels overflow or round in half precision
        centred = exact - ops.mean(exact, axis=(1, 2), keepdims=True)
        variance = ops.mean(ops.square(centred), axis=(1, 2), keepdims=True)
        return ops.cast(centred * ops.rsqrt(variance + self.epsilon), maps.dtype)  # eq. 2

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}
