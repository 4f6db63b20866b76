"""DeepLabv3+: atrous convolutions keep the map fine, and several rates in parallel see several scales.

Chen, Zhu, Papandreou, Schroff and Adam, "Encoder-Decoder with Atrous Separable Convolution for Semantic Image
Segmentation", ECCV 2018; the pyramid is that of Chen, Papandreou, Schroff and Adam, "Rethinking Atrous
Convolution for Semantic Image Segmentation", arXiv:1706.05587, 2017, section 3.3.
"""

import keras

from keras_cv_course.errors import InputError


def effective_kernel(kernel, rate):
    """Side of the square that an atrous kernel spans, in pixels: kernel + (kernel - 1) (rate - 1).

    Args:
        kernel: weights along a side.
        rate: pixels from one weight to the next; 1 is an ordinary convolution.

    Returns:
        Pixels: 13, 25 and 37 for three weights at the rates 6, 12 and 18.
    """
    return kernel + (kernel - 1) * (rate - 1)


@keras.saving.register_keras_serializable("keras_cv_course")
class SeparableConvolution(keras.layers.Layer):
    """Atrous separable convolution: a depthwise atrous one, then a pointwise one (section 3.1).

    Each is followed by batch normalisation (momentum 0.9) and ReLU. For C channels in, F out and kernels of k x k it
    has k k C + C F weights in place of k k C F.

    Args:
        filters: channels out.
        kernel: side of the depthwise kernel.
        stride: pixels from one window to the next; 1 where the rate is above 1.
        rate: pixels from one weight of the kernel to the next; 1 is an ordinary convolution.

    Call:
        maps (N, H, W, C) -> (N, ceil(H / stride), ceil(W / stride), filters).
    """

    def __init__(self, filters, kernel=3, stride=1, rate=1, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.kernel, self.stride, self.rate = filters, kernel, stride, rate
        layers, start = keras.layers, "he_normal"
        self.depthwise = layers.DepthwiseConv2D(
            kernel,
            strides=stride,
            dilation_rate=rate,
            padding="same",
            use_bias=False,
            depthwise_initializer=start,
        )
        self.pointwise = layers.Conv2D(filters, 1, use_bias=False, kernel_initializer=start)
        self.norms = [layers.BatchNormalization(momentum=0.9) for _ in range(2)]
        self.relu = layers.ReLU()

    def build(self, input_shape):
        self.call(keras.KerasTensor(input_shape))
        self.built = True

    def call(self, maps, training=False):
        maps = self.relu(self.norms[0](self.depthwise(maps), training=training))
        return self.relu(self.norms[1](self.pointwise(maps), training=training))

    def compute_output_shape(self, input_shape):
        batch, height, width, _ = input_shape
        sides = (None if side is None else -(-side // self.stride) for side in (height, width))
        return (batch, *sides, self.filters)

    def get_config(self):
        own = dict(filters=self.filters, kernel=self.kernel, stride=self.stride, rate=self.rate)
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("keras_cv_course")
class AtrousPyramid(keras.layers.Layer):
    """Atrous spatial pyramid pooling (ASPP): parallel branches that see the same map at several scales.

    In this order: a 1x1 convolution; one atrous separable convolution for each rate; the mean of the map over the
    whole image, a 1x1 convolution of it, repeated at every pixel (the image-level branch). They are concatenated
    and mixed by one more 1x1 convolution. Each 1x1 convolution is followed by batch normalisation and ReLU; dropout
    comes last.

    In training, the image-level branch is normalised over as many values as the batch has images: with a single
    one it is a constant, whatever the image. Use batches of two or more, better of eight or more.

    Args:
        filters: channels of each branch, and out.
        rates: of the atrous kernels, in pixels of the map.
        dropout: rate of the dropout on the output.

    Call:
        maps (N, H, W, C) -> (N, H, W, filters).
    """

    def __init__(self, filters=256, rates=(6, 12, 18), dropout=0.1, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.rates, self.dropout = filters, tuple(rates), dropout
        layers = keras.layers
        conv = dict(use_bias=False, kernel_initializer="he_normal")
        self.points = [layers.Conv2D(filters, 1, **conv) for _ in range(3)]  # of the map, its mean, the mix
        self.norms = [layers.BatchNormalization(momentum=0.9) for _ in range(3)]
        self.branches = [SeparableConvolution(filters, rate=rate) for rate in self.rates]
        self.image_mean = layers.GlobalAveragePooling2D(keepdims=True)
        self.relu = layers.ReLU()
        self.drop = layers.Dropout(dropout)

    def build(self, input_shape):
        self.call(keras.KerasTensor(input_shape))
        self.built = True

    def call(self, maps, training=False):
        def point(number, inputs):
            return self.relu(self.norms[number](self.points[number](inputs), training=training))

        branches = [point(0, maps), *(branch(maps, training=training) for branch in self.branches)]
        # (N, 1, 1, filters), repeated at every pixel.
        image_level = point(1, self.image_mean(maps)) + keras.ops.zeros_like(branches[0])
        joined = keras.ops.concatenate([*branches, image_level], axis=-1)
        return self.drop(point(2, joined), training=training)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.filters)

    def get_config(self):
        own = dict(filters=self.filters, rates=self.rates, dropout=self.dropout)
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("keras_cv_course")
class DeepLab(keras.Model):
    """DeepLabv3+: a backbone of separable convolutions, an atrous pyramid, and a decoder with low-level features.

    The backbone is a small relative of the paper's modified Xception: residual blocks of separable convolutions,
    each of stride 2 until the map is `output_stride` times smaller than the image. Further blocks keep its size and
    double their rate instead. The decoder upsamples the pyramid's output to the map of stride 4, concatenates that
    map (reduced to `low_level_filters` channels, so that it does not outweigh the rest), refines with two separable
    convolutions and upsamples to full size.

    In training, use batches of two or more; see `AtrousPyramid`.

    Args:
        filters: channels of the residual blocks; the first one has stride 4.
        stem_filters: channels of the first convolution, of stride 2.
        block_depth: separable convolutions in a block.
        output_stride: pixels of the image for one pixel of the pyramid's map: 4, 8, 16 or 32.
        pyramid_filters: channels of the pyramid and the decoder.
        rates: of the pyramid's kernels at output stride 16; they double at 8 and 4, as the paper doubles them at 8.
        low_level_filters: channels of the map of stride 4 that the decoder concatenates.
        dropout: rate of the dropout behind the pyramid.
        classes: number of classes.

    Call:
        images (N, H, W, C) in [0, 1], H and W multiples of output_stride -> logits (N, H, W, classes).
        An export is for one size: Keras' bilinear upsampling needs to know it.

    Raises:
        InputError: an argument out of its range; at `build`, a size that does not fit.

    Example:
        >>> model = DeepLab.small(classes=4)
        >>> tuple(model(keras.ops.zeros((2, 64, 64, 3))).shape)
        (2, 64, 64, 4)
    """

    def __init__(
        self,
        filters=(128, 256, 728, 1024),
        stem_filters=64,
        block_depth=3,
        output_stride=16,
        pyramid_filters=256,
        rates=(6, 12, 18),
        low_level_filters=48,
        dropout=0.1,
        classes=21,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = tuple(filters)
        self.stem_filters = stem_filters
        self.block_depth = block_depth
        self.output_stride = output_stride
        self.pyramid_filters = pyramid_filters
        self.rates = tuple(rates)
        self.low_level_filters = low_level_filters
        self.dropout = dropout
        self.classes = classes
        if output_stride not in (4, 8, 16, 32) or len(self.filters) < 2:
            raise InputError(
                "a DeepLab needs two blocks or more and an output stride of 4, 8, 16 or 32; got "
                f"{len(self.filters)} blocks and output_stride={output_stride}"
            )
        layers = keras.layers
        conv = dict(padding="same", use_bias=False, kernel_initializer="he_normal")
        self.first = layers.Conv2D(stem_filters, 3, strides=2, **conv)
        self.relu = layers.ReLU()
        self.blocks, self.shortcuts, self.norms = [], [], [layers.BatchNormalization(momentum=0.9)]
        apart, rate = 2, 1
        for channels in self.filters:
            stride = 2 if apart < output_stride else 1
            rate = rate if stride == 2 else 2 * rate
            apart *= stride
            block = [
                SeparableConvolution(channels, stride=stride if last else 1, rate=rate)
                for last in [False] * (block_depth - 1) + [True]
            ]
            self.blocks.append(block)
            self.shortcuts.append(layers.Conv2D(channels, 1, strides=stride, **conv))
            self.norms.append(layers.BatchNormalization(momentum=0.9))
        finer = 2 if output_stride <= 8 else 1
        self.pyramid = AtrousPyramid(pyramid_filters, [finer * one for one in self.rates], dropout)
        self.upsample = layers.UpSampling2D(max(1, output_stride // 4), interpolation="bilinear")
        self.low_level = layers.Conv2D(low_level_filters, 1, **conv)
        self.norms.append(layers.BatchNormalization(momentum=0.9))
        self.refine = [SeparableConvolution(pyramid_filters) for _ in range(2)]
        self.classifier = layers.Conv2D(classes, 1, dtype="float32")
        self.full_size = layers.UpSampling2D(4, interpolation="bilinear", dtype="float32")

    @classmethod
    def small(cls, classes=10, **kwargs):
        """A small one for 64x64 images, of output stride 8."""
        sizes = dict(filters=(32, 64, 96), stem_filters=24, block_depth=2, output_stride=8, rates=(1, 2, 3))
        sizes |= dict(pyramid_filters=64, low_level_filters=24, dropout=0.0)
        return cls(**{**sizes, "classes": classes, **kwargs})

    def build(self, input_shape):
        step = max(self.output_stride, 4)
        sides = [step if side is None else side for side in input_shape[1:3]]
        for side in sides:
            if side < step or side % step:
                raise InputError(
                    f"height and width must be multiples of {step} for an output stride of "
                    f"{self.output_stride}, got {tuple(input_shape)}; resize or pad the images"
                )
        # One symbolic image through the whole network builds every layer.
        self.call(keras.KerasTensor((None, *sides, input_shape[-1])))
        self.built = True

    def endpoints(self, images, training=False):
        """Images -> {name: map}: "block1" ..., "pyramid", and of stride 4 "low_level" and "features"."""
        maps, norms = {}, iter(self.norms)
        features = self.relu(next(norms)(self.first(images), training=training))
        for number, (block, shortcut) in enumerate(zip(self.blocks, self.shortcuts), start=1):
            kept = next(norms)(shortcut(features), training=training)
            for convolution in block:
                features = convolution(features, training=training)
            features = maps[f"block{number}"] = features + kept
        maps["pyramid"] = self.pyramid(features, training=training)
        low_level = self.relu(next(norms)(self.low_level(maps["block1"]), training=training))
        maps["low_level"] = low_level
        features = keras.ops.concatenate([self.upsample(maps["pyramid"]), low_level], axis=-1)
        for convolution in self.refine:
            features = convolution(features, training=training)
        maps["features"] = features
        return maps

    def call(self, images, training=False):
        return self.full_size(self.classifier(self.endpoints(images, training)["features"]))

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "stem_filters": self.stem_filters,
            "block_depth": self.block_depth,
            "output_stride": self.output_stride,
            "pyramid_filters": self.pyramid_filters,
            "rates": self.rates,
            "low_level_filters": self.low_level_filters,
            "dropout": self.dropout,
            "classes": self.classes,
        }
