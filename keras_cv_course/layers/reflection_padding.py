"""Reflection padding: beyond its edge an image goes on as its mirror image."""

import keras
from keras import ops

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class ReflectionPadding2D(keras.layers.Layer):
    """Add pixels on all four sides by reflection at the edge pixel, which is not repeated: 3 2 | 1 2 3 | 2 1.

    A convolution then sees no false edge, as it does with zeros.

    Args:
        padding: pixels on every side.

    Call:
        maps (N, H, W, C) -> (N, H + 2 padding, W + 2 padding, C).

    Raises:
        InputError: a padding below 0; maps that are not larger than the padding.
    """

    def __init__(self, padding=1, **kwargs):
        super().__init__(**kwargs)
        if padding < 0:
            raise InputError(f"padding must be 0 or more pixels, got {padding}")
        self.padding = padding

    def build(self, input_shape):
        self.built = True

    def call(self, maps):
        if any(side is not None and side <= self.padding for side in maps.shape[1:3]):
            raise InputError(
                f"{self.padding} pixels can be reflected in larger maps only, got {tuple(maps.shape)}: take "
                "larger images"
            )
        sides = (self.padding, self.padding)
        return ops.pad(maps, ((0, 0), sides, sides, (0, 0)), mode="reflect")

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        height, width = (None if side is None else side + 2 * self.padding for side in (height, width))
        return (batch, height, width, channels)

    def get_config(self):
        return {**super().get_config(), "padding": self.padding}
