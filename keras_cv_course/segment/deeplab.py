"""DeepLabv3+: holes in the kernels keep the map fine, five of them look at five distances.

Chen, Zhu, Papandreou, Schroff and Adam, "Encoder-Decoder with Atrous Separable Convolution for Semantic
Image Segmentation", ECCV 2018; the pyramid is that of Chen et al., "Rethinking Atrous Convolution",
arXiv:1706.05587.
"""

import keras

from keras_cv_course.errors import InputError


def effective_kernel(kernel, rate):
    """Pixels from end to end of a kernel with weights `rate` pixels apart; 13, 25, 37 of 3 at 6, 12, 18."""
    return kernel + (kernel - 1) * (rate - 1)


@keras.saving.register_keras_serializable("keras_cv_course")
class SeparableConvolution(keras.layers.Layer):
    """Atrous separable convolution: a depthwise one with holes, then a pointwise one (section 3.1).

    Each followed by batch normalisation and ReLU. A separable convolution is the pointwise one applied
    to the depthwise one: k k C + C F weights in place of k k C F.

    Args:
        filters: channels out.
        kernel: side of the depthwise kernel.
        stride: pixels from one window to the next; 1 where there are holes.
        rate: pixels from one weight of the kernel to the next; 1 is without holes.
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
    """Atrous spatial pyramid pooling: the same map seen at several distances, and as a whole.

    A 1x1 convolution, an atrous separable one for each rate, and the mean of the whole picture, side by
    side; a 1x1 convolution mixes them.

    Args:
        filters: channels of each view, and out.
        rates: distances of the kernels' weights, in pixels of the map.
        dropout: share of the outputs that training drops.
    """

    def __init__(self, filters=256, rates=(6, 12, 18), dropout=0.1, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.rates, self.dropout = filters, tuple(rates), dropout
        layers = keras.layers
        conv = dict(use_bias=False, kernel_initializer="he_normal")
        self.points = [layers.Conv2D(filters, 1, **conv) for _ in range(3)]  # near, whole, mixed
        self.norms = [layers.BatchNormalization(momentum=0.9) for _ in range(3)]
        self.views = [SeparableConvolution(filters, rate=rate) for rate in self.rates]
        self.whole = layers.GlobalAveragePooling2D(keepdims=True)
        self.relu = layers.ReLU()
        self.drop = layers.Dropout(dropout)

    def build(self, input_shape):
        self.call(keras.KerasTensor(input_shape))
        self.built = True

    def call(self, maps, training=False):
        def point(number, inputs):
            return self.relu(self.norms[number](self.points[number](inputs), training=training))

        views = [point(0, maps), *(view(maps, training=training) for view in self.views)]
        # The mean of the whole picture, the same at every place.
        whole = point(1, self.whole(maps)) + keras.ops.zeros_like(views[0])
        return self.drop(point(2, keras.ops.concatenate([*views, whole], axis=-1)), training=training)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.filters)

    def get_config(self):
        own = dict(filters=self.filters, rates=self.rates, dropout=self.dropout)
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("keras_cv_course")
class DeepLab(keras.Model):
    """DeepLabv3+: a body of separable convolutions, a pyramid of atrous ones, a short way back with fine
    detail.

    The body is Xception's kind: residual blocks of separable convolutions, each block of stride 2. Once
    the map is `output_stride` times smaller than the picture, further blocks keep its size and spread
    their kernels instead. The decoder enlarges the pyramid's answer to the map of stride 4, joins that
    map (by 1x1 to `detail` channels, so that it does not drown the answer), refines twice and enlarges
    to full size.

    Args:
        filters: channels of the residual blocks, the first two of strides 2 and 4.
        stem: channels of the first convolution.
        depth: separable convolutions in a block.
        output_stride: 16, or 8 for finer maps; at least 4.
        pyramid: channels of the pyramid and the decoder.
        rates: of the pyramid at output stride 16; they double at 8, as in the paper.
        detail: channels of the map of stride 4 that the decoder sees.
        dropout: after the pyramid.
        classes: number of classes.

    Call:
        images (N, H, W, C) in [0, 1], H and W multiples of output_stride -> logits (N, H, W, classes).
        An export is for one size: Keras enlarges bilinearly only what it knows the size of.

    Raises:
        InputError: an argument out of its range; at `build`, a size that does not fit.
    """

    def __init__(
        self,
        filters=(128, 256, 728, 1024),
        stem=64,
        depth=3,
        output_stride=16,
        pyramid=256,
        rates=(6, 12, 18),
        detail=48,
        dropout=0.1,
        classes=21,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = tuple(filters)
        self.stem = stem
        self.depth = depth
        self.output_stride = output_stride
        self.pyramid = pyramid
        self.rates = tuple(rates)
        self.detail = detail
        self.dropout = dropout
        self.classes = classes
        if output_stride not in (4, 8, 16, 32) or len(self.filters) < 2:
            raise InputError(
                "a DeepLab needs two blocks or more and an output stride of 4, 8, 16 or 32; got "
                f"{len(self.filters)} blocks and output_stride={output_stride}"
            )
        layers = keras.layers
        conv = dict(padding="same", use_bias=False, kernel_initializer="he_normal")
        self.first = layers.Conv2D(stem, 3, strides=2, **conv)
        self.relu = layers.ReLU()
        self.blocks, self.shortcuts, self.norms = [], [], [layers.BatchNormalization(momentum=0.9)]
        apart, rate = 2, 1
        for channels in self.filters:
            stride = 2 if apart < output_stride else 1
            rate = rate if stride == 2 else 2 * rate
            apart *= stride
            block = [
                SeparableConvolution(channels, stride=stride if last else 1, rate=rate)
                for last in [False] * (depth - 1) + [True]
            ]
            self.blocks.append(block)
            self.shortcuts.append(layers.Conv2D(channels, 1, strides=stride, **conv))
            self.norms.append(layers.BatchNormalization(momentum=0.9))
        finer = 2 if output_stride <= 8 else 1
        self.views = AtrousPyramid(pyramid, [finer * one for one in self.rates], dropout)
        self.enlarge = layers.UpSampling2D(max(1, output_stride // 4), interpolation="bilinear")
        self.thin = layers.Conv2D(detail, 1, **conv)
        self.norms.append(layers.BatchNormalization(momentum=0.9))
        self.refine = [SeparableConvolution(pyramid) for _ in range(2)]
        self.classifier = layers.Conv2D(classes, 1, dtype="float32")
        self.full = layers.UpSampling2D(4, interpolation="bilinear", dtype="float32")

    @classmethod
    def small(cls, classes=10, **kwargs):
        """A small one for 64x64 images, of output stride 8."""
        sizes = dict(filters=(32, 64, 96), stem=24, depth=2, output_stride=8, pyramid=64, rates=(1, 2, 3))
        return cls(**{**sizes, "detail": 24, "dropout": 0.0, "classes": classes, **kwargs})

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
        """Images -> {name: map}: "block1" ..., "pyramid", and of stride 4 "detail" and "features"."""
        maps, norms = {}, iter(self.norms)
        features = self.relu(next(norms)(self.first(images), training=training))
        for number, (block, shortcut) in enumerate(zip(self.blocks, self.shortcuts), start=1):
            kept = next(norms)(shortcut(features), training=training)
            for convolution in block:
                features = convolution(features, training=training)
            features = maps[f"block{number}"] = features + kept
        maps["pyramid"] = self.views(features, training=training)
        maps["detail"] = self.relu(next(norms)(self.thin(maps["block1"]), training=training))
        features = keras.ops.concatenate([self.enlarge(maps["pyramid"]), maps["detail"]], axis=-1)
        for convolution in self.refine:
            features = convolution(features, training=training)
        maps["features"] = features
        return maps

    def call(self, images, training=False):
        return self.full(self.classifier(self.endpoints(images, training)["features"]))

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "stem": self.stem,
            "depth": self.depth,
            "output_stride": self.output_stride,
            "pyramid": self.pyramid,
            "rates": self.rates,
            "detail": self.detail,
            "dropout": self.dropout,
            "classes": self.classes,
        }
