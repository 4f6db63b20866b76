"""Deformable convolution: the sampling points of the kernel are moved by learned offsets.

Dai, Qi, Xiong, Li, Zhang, Hu and Wei, "Deformable Convolutional Networks", ICCV 2017, section 2.1.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError


def grid_points(size, count, kernel_size, strides, padding):
    """Sampling points of an ordinary convolution along one axis: p0 + p_n of eq. 1.

    Args:
        size: pixels along the axis.
        count: windows along the axis.
        kernel_size: pixels of a window.
        strides: pixels from one window to the next.
        padding: "valid": the first window begins at pixel 0. "same": it begins before the image, by half of the
            pixels that the last window lacks, rounded down, as in `keras.layers.Conv2D`.

    Returns:
        (count, kernel_size) float32 tensor of positions in pixels; those outside 0 ... size - 1 are padding.
    """
    first = 0
    if padding == "same":
        first = -(ops.maximum((count - 1) * strides + kernel_size - size, 0) // 2)
    points = first + strides * ops.arange(count)[:, None] + ops.arange(kernel_size)
    return ops.cast(points, "float32")


def bilinear_samples(images, points):
    """Bilinear interpolation of images at points between their pixels; outside an image all pixels are 0.

    x(p) = sum over q of max(0, 1 - |q_y - p_y|) max(0, 1 - |q_x - p_x|) x(q)    (eq. 3 and 4)

    where q runs over the pixels. Only the four pixels around p have a weight above 0; only these are read.

    Args:
        images: (N, H, W, C) tensor.
        points: (N, P, 2) float32 tensor of (y, x) in pixels; (0, 0) is the centre of the top left pixel.

    Returns:
        (N, P, C) tensor of the images' dtype.
    """
    # One pixel of zeros all around, so that a point next to the image blends into 0.
    padded = ops.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]])
    count, height, width, channels = ops.shape(padded)
    y = ops.clip(points[..., 0] + 1, 0, ops.cast(height - 1, points.dtype))
    x = ops.clip(points[..., 1] + 1, 0, ops.cast(width - 1, points.dtype))
    top, left = ops.floor(y), ops.floor(x)
    row, column = ops.cast(top, "int32"), ops.cast(left, "int32")
    rows = [(row, 1 - (y - top)), (ops.minimum(row + 1, height - 1), y - top)]
    columns = [(column, 1 - (x - left)), (ops.minimum(column + 1, width - 1), x - left)]

    # The pixels of all images in one list; `first` is where each image begins.
    pixels = ops.reshape(padded, (-1, channels))
    first = ops.arange(count)[:, None] * height * width
    samples = 0
    for row, row_weight in rows:
        for column, column_weight in columns:
            values = ops.take(pixels, first + row * width + column, axis=0)  # (N, P, C)
            samples += ops.cast(row_weight * column_weight, values.dtype)[..., None] * values
    return samples


def rms_radius(points):
    """Root mean squared distance of a kernel's sampling points from their mean.

    It does not change when all points move alike. For a 3x3 grid it is sqrt(4 / 3) = 1.15 pixels.

    Args:
        points: (..., kernel, kernel, 2) tensor of (y, x), such as those of `DeformableConv2D.sampling_points`.

    Returns:
        (...) tensor, in the unit of the points.
    """
    points = ops.convert_to_tensor(points)
    away = points - ops.mean(points, axis=(-3, -2), keepdims=True)
    return ops.sqrt(ops.mean(ops.sum(away**2, axis=-1), axis=(-2, -1)))


@keras.saving.register_keras_serializable("keras_cv_course")
class DeformableConv2D(keras.layers.Layer):
    """Convolution whose sampling points are moved by offsets that a second convolution predicts.

    y(p0) = sum over p_n of w(p_n) x(p0 + p_n + offset_n(p0))    (eq. 2)

    The second convolution has the same input, kernel size and stride. Its weights are initialised with 0, so that
    the layer starts as the ordinary convolution that it replaces.

    Args:
        filters: number of feature maps.
        kernel_size: side of the square kernel.
        strides: pixels from one window to the next.
        padding: "same" or "valid", as in `keras.layers.Conv2D`.
        activation: activation of the output.
        use_bias: whether each feature map has a bias.
        kernel_initializer: initialisation of the kernel.
        offset_scale: factor of the predicted offsets. Adam's steps do not depend on the size of the gradient, so
            that 0.1 has the effect of a ten times smaller learning rate for the offsets.

    Call:
        images (N, H, W, C) -> feature maps (N, rows, columns, filters), the size that Conv2D gives.

    Raises:
        InputError: a number below 1, another padding, or an offset_scale that is not above 0.
    """

    def __init__(
        self,
        filters,
        kernel_size=3,
        strides=1,
        padding="same",
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        offset_scale=1.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if min(filters, kernel_size, strides) < 1 or padding not in ("same", "valid"):
            raise InputError(
                f'filters, kernel_size and strides must be at least 1 and padding "same" or "valid"; '
                f"got {filters}, {kernel_size}, {strides} and {padding!r}"
            )
        if not offset_scale > 0:
            raise InputError(f"offset_scale must be above 0, got {offset_scale}")
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding
        self.activation = activation
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.offset_scale = offset_scale
        self.activate = keras.activations.get(activation)
        # float32: bfloat16 has a resolution of an eighth of a pixel at position 32.
        self.offset_convolution = keras.layers.Conv2D(
            2 * kernel_size**2, kernel_size, strides, padding, kernel_initializer="zeros", dtype="float32"
        )

    def build(self, input_shape):
        side = self.kernel_size
        self.offset_convolution.build(input_shape)
        self.kernel = self.add_weight(
            (side, side, input_shape[-1], self.filters), initializer=self.kernel_initializer, name="kernel"
        )
        if self.use_bias:
            self.bias = self.add_weight((self.filters,), initializer="zeros", name="bias")
        self.built = True

    def offsets(self, images):
        """Offsets of the sampling points: (N, rows, columns, kernel, kernel, 2), pixels down and right."""
        offsets = self.offset_scale * self.offset_convolution(images)
        _, rows, columns, _ = ops.shape(offsets)
        return ops.reshape(offsets, (-1, rows, columns, self.kernel_size, self.kernel_size, 2))

    def sampling_points(self, images):
        """The sampling points: (N, rows, columns, kernel, kernel, 2) of (y, x), in pixels of the images."""
        offsets = self.offsets(images)
        _, height, width, _ = ops.shape(images)
        _, rows, columns, *_ = ops.shape(offsets)
        kernel = (self.kernel_size, self.strides, self.padding)
        y = grid_points(height, rows, *kernel)[:, None, :, None] + offsets[..., 0]
        x = grid_points(width, columns, *kernel)[None, :, None, :] + offsets[..., 1]
        return ops.stack([y, x], axis=-1)

    def call(self, images):
        points = self.sampling_points(images)
        count, rows, columns, *_ = ops.shape(points)
        samples = bilinear_samples(images, ops.reshape(points, (count, -1, 2)))
        window = self.kernel_size**2 * images.shape[-1]
        maps = ops.matmul(
            ops.reshape(samples, (-1, rows, columns, window)),
            ops.reshape(self.kernel, (window, self.filters)),
        )  # eq. 2
        return self.activate(maps + self.bias if self.use_bias else maps)

    def compute_output_shape(self, input_shape):
        return (*self.offset_convolution.compute_output_shape(input_shape)[:-1], self.filters)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "activation": self.activation,
            "use_bias": self.use_bias,
            "kernel_initializer": self.kernel_initializer,
            "offset_scale": self.offset_scale,
        }
