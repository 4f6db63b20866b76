"""A transposed convolution whose kernel is twice its stride, as one small convolution.

Such a layer enlarges: kernels of 2 s pixels, s apart. Every block of s x s fine pixels then hears 2 x 2
coarse ones, so that a 2 x 2 convolution with s s outputs for each channel finds them all at once (Shi
et al., "Is the deconvolution layer the same as a convolutional layer?", arXiv:1609.07009). The numbers
are those of `Conv2DTranspose`; on a processor whose library knows no large kernels it is many times
faster.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class Enlarging(keras.layers.Conv2DTranspose):
    """`Conv2DTranspose` with kernel_size = 2 * strides and padding "same": same weights, same numbers.

    Args:
        filters: channels out.
        factor: the stride: pixels that one pixel becomes along each axis.
        **kwargs: of `Conv2DTranspose`, such as kernel_initializer and use_bias.

    Raises:
        InputError: a factor below 1.
    """

    def __init__(self, filters, factor, **kwargs):
        if factor < 1:
            raise InputError(f"one pixel becomes 1 or more along each axis, got factor={factor}")
        super().__init__(filters, 2 * factor, strides=factor, padding="same", **kwargs)
        self.factor = factor

    def call(self, inputs):
        factor, channels = self.factor, inputs.shape[-1]
        count, height, width = ops.shape(inputs)[:3]
        # w[r] and w[factor + r] weigh the coarse pixels j and j - 1 for the fine pixel j * factor + r.
        kernel = ops.reshape(self.kernel, (2, factor, 2, factor, self.filters, channels))
        kernel = ops.transpose(ops.flip(kernel, (0, 2)), (0, 2, 5, 1, 3, 4))
        kernel = ops.reshape(kernel, (2, 2, channels, factor * factor * self.filters))
        around = ops.pad(inputs, [[0, 0], [1, 1], [1, 1], [0, 0]])
        blocks = ops.conv(around, kernel, padding="valid", data_format="channels_last")
        blocks = ops.reshape(blocks, (count, height + 1, width + 1, factor, factor, self.filters))
        blocks = ops.transpose(blocks, (0, 1, 3, 2, 4, 5))
        fine = ops.reshape(blocks, (count, (height + 1) * factor, (width + 1) * factor, self.filters))
        start = factor // 2
        fine = fine[:, start : start + height * factor, start : start + width * factor]
        fine = fine + self.bias if self.use_bias else fine
        return self.activation(fine)

    def get_config(self):
        config = super().get_config()
        for fixed in ("kernel_size", "strides", "padding"):
            del config[fixed]
        return {**config, "factor": self.factor}
