"""The residual block: its input plus a function of its input.

He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, sections 3.1 to 3.3
and figure 5.
"""

import keras
from keras import ops

# Close to 0.9 and 1e-5 of the first implementations; to the digit that of keras.applications.
BATCH_NORM = dict(momentum=0.9, epsilon=1.001e-5)


@keras.saving.register_keras_serializable("keras_cv_course")
class ConvolutionNorm(keras.layers.Layer):
    """A convolution with kernel // 2 zeros on every side, then batch normalisation.

    With an odd kernel and stride 1, height and width stay; with stride 2 they are halved, rounded up.
    Keras' "same" padding differs: with stride 2 it adds its zeros at the bottom and on the right only.

    Args:
        filters: channels.
        kernel: side of the kernel.
        stride: stride of the convolution.
        bias: whether the convolution has a bias; batch normalisation subtracts any bias again.

    Call:
        feature maps (N, H, W, C) -> (N, H / stride, W / stride, filters).
    """

    def __init__(self, filters, kernel, stride=1, bias=False, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel = kernel
        self.stride = stride
        self.bias = bias
        options = dict(use_bias=bias, kernel_initializer="he_normal")
        if stride == 1 or kernel == 1:  # here "same" does just that, without a copy of the feature map
            self.pad = keras.layers.Identity()
            self.conv = keras.layers.Conv2D(filters, kernel, stride, padding="same", **options)
        else:
            self.pad = keras.layers.ZeroPadding2D(kernel // 2)
            self.conv = keras.layers.Conv2D(filters, kernel, stride, padding="valid", **options)
        self.norm = keras.layers.BatchNormalization(**BATCH_NORM)

    def build(self, input_shape):
        self.conv.build(self.pad.compute_output_shape(input_shape))
        self.norm.build((None, None, None, self.filters))
        self.built = True

    def call(self, features, training=False):
        return self.norm(self.conv(self.pad(features)), training=training)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel": self.kernel,
            "stride": self.stride,
            "bias": self.bias,
        }


@keras.saving.register_keras_serializable("keras_cv_course")
class ResidualBlock(keras.layers.Layer):
    """The input plus two or three convolutions of it: y = relu(x + F(x)), equation 1.

    F is two 3x3 convolutions, or as a bottleneck 1x1, 3x3 and 1x1 with a quarter of the channels inside,
    each followed by batch normalisation, with ReLU between them and none behind the last (figure 5).

    Where x has another size or other channels than F(x), the shortcut changes its shape:

        "projection"  a 1x1 convolution with batch normalisation (equation 2; the paper's option B)
        "padding"     every second pixel, and channels of zeros; no weights (option A)
        "none"        no shortcut: y = relu(F(x)), the plain network of section 3.3

    Args:
        filters: channels of the output.
        stride: 2 halves height and width.
        bottleneck: three convolutions in place of two.
        shortcut: "projection", "padding" or "none".
        stride_in: which convolution of a bottleneck has the stride: "3x3", or the first "1x1" as in the
            paper and keras.applications. With "3x3" no pixel is skipped.
        conv_bias: whether convolutions have biases.
        relu_after_addition: as in the paper. Without it the block is y = x + F(x), an identity plus a
            residual from the first block to the last.

    Call:
        feature maps (N, H, W, C) -> (N, H / stride, W / stride, filters), sizes rounded up.
    """

    def __init__(
        self,
        filters,
        stride=1,
        bottleneck=False,
        shortcut="projection",
        stride_in="3x3",
        conv_bias=False,
        relu_after_addition=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.stride = stride
        self.bottleneck = bottleneck
        self.shortcut = shortcut
        self.stride_in = stride_in
        self.conv_bias = conv_bias
        self.relu_after_addition = relu_after_addition
        if bottleneck:
            inner = filters // 4
            first, second = (stride, 1) if stride_in == "1x1" else (1, stride)
            sizes = [(inner, 1, first), (inner, 3, second), (filters, 1, 1)]
        else:
            sizes = [(filters, 3, stride), (filters, 3, 1)]
        self.convolutions = [ConvolutionNorm(*size, bias=conv_bias) for size in sizes]
        self.relu = keras.layers.ReLU()

    def build(self, input_shape):
        reshapes = self.stride > 1 or input_shape[-1] != self.filters
        self.projection = None
        if reshapes and self.shortcut == "projection":
            self.projection = ConvolutionNorm(self.filters, 1, self.stride, bias=self.conv_bias)
            self.projection.build(input_shape)
        channels = input_shape[-1]
        for convolution in self.convolutions:
            convolution.build((None, None, None, channels))
            channels = convolution.filters
        self.built = True

    def residual(self, features, training=False):
        """F(x): the convolutions, with ReLU between them."""
        *inner, last = self.convolutions
        for convolution in inner:
            features = self.relu(convolution(features, training=training))
        return last(features, training=training)

    def identity(self, features, training=False):
        """x in the shape of F(x): the shortcut."""
        if self.projection is not None:
            return self.projection(features, training=training)
        missing = self.filters - features.shape[-1]
        if self.stride > 1 or missing:  # option A
            features = features[:, :: self.stride, :: self.stride]
            features = ops.pad(features, [[0, 0], [0, 0], [0, 0], [0, missing]])
        return features

    def call(self, features, training=False):
        output = self.residual(features, training)
        if self.shortcut != "none":
            output = output + self.identity(features, training)
        return self.relu(output) if self.relu_after_addition else output

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "stride": self.stride,
            "bottleneck": self.bottleneck,
            "shortcut": self.shortcut,
            "stride_in": self.stride_in,
            "conv_bias": self.conv_bias,
            "relu_after_addition": self.relu_after_addition,
        }
