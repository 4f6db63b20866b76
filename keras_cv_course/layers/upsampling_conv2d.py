"""A transposed convolution whose kernel is twice its stride, computed as one small convolution.

A kernel of 2 s pixels at stride s makes every block of s x s output pixels depend on 2 x 2 input pixels. One
2 x 2 convolution with s s outputs a channel therefore computes the whole block at once (Shi et al., "Is the
deconvolution layer the same as a convolutional layer?", arXiv:1609.07009, 2016). The numbers are those of
`keras.layers.Conv2DTranspose`. On a CPU, whose library has no fast code for large kernels, a step of training is
quicker from a stride of 8 on, and slower at 2 and 4 (benchmarks/results/small_choices.json).
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class UpsamplingConv2D(keras.layers.Conv2DTranspose):
    """`Conv2DTranspose` with kernel_size = 2 * strides and padding "same": same weights, same numbers.

    Args:
        filters: channels out.
        factor: the stride; height and width grow by this factor.
        **kwargs: of `Conv2DTranspose`, such as kernel_initializer and use_bias.

    Call:
        maps (N, H, W, C) -> (N, factor H, factor W, filters).

    Raises:
        InputError: a factor below 1.

    Example:
        >>> layer = UpsamplingConv2D(filters=3, factor=8)
        >>> layer(keras.ops.ones((1, 4, 4, 16))).shape
        TensorShape([1, 32, 32, 3])
    """

    def __init__(self, filters, factor, **kwargs):
        if factor < 1:
            raise InputError(f"the upsampling factor must be 1 or more, got factor={factor}")
        super().__init__(filters, 2 * factor, strides=factor, padding="same", **kwargs)
        self.factor = factor

    def call(self, inputs):
        factor, channels = self.factor, inputs.shape[-1]
        count, height, width = ops.shape(inputs)[:3]
        # w[r] and w[factor + r] weigh the input pixels j and j - 1 for the output pixel j * factor + r.
        kernel = ops.reshape(self.kernel, (2, factor, 2, factor, self.filters, channels))
        kernel = ops.transpose(ops.flip(kernel, (0, 2)), (0, 2, 5, 1, 3, 4))
        kernel = ops.reshape(kernel, (2, 2, channels, factor * factor * self.filters))
        padded = ops.pad(inputs, [[0, 0], [1, 1], [1, 1], [0, 0]])
        blocks = ops.conv(padded, kernel, padding="valid", data_format="channels_last")
        blocks = ops.reshape(blocks, (count, height + 1, width + 1, factor, factor, self.filters))
        blocks = ops.transpose(blocks, (0, 1, 3, 2, 4, 5))
        outputs = ops.reshape(blocks, (count, (height + 1) * factor, (width + 1) * factor, self.filters))
        start = factor // 2
        outputs = outputs[:, start : start + height * factor, start : start + width * factor]
        outputs = outputs + self.bias if self.use_bias else outputs
        return self.activation(outputs)

    def get_config(self):
        config = super().get_config()
        for fixed in ("kernel_size", "strides", "padding"):
            del config[fixed]
        return {**config, "factor": self.factor}
