"""EfficientNet: depth, width and resolution are scaled together.

Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019, table 1 and
section 3.3. Its block is that of Sandler et al., "MobileNetV2", CVPR 2018, with squeeze-and-excitation.
"""

import math

import keras

from keras_cv_course.errors import InputError
from keras_cv_course.layers.squeeze_excitation import SqueezeExcitation

# Table 1, stages 2 to 8: expansion, kernel, stride of the first block, channels, number of blocks.
PUBLISHED = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
# For 32x32 images: three halvings in place of five.
SMALL = (
    (1, 3, 1, 16, 1),
    (4, 3, 2, 24, 2),
    (4, 5, 2, 40, 2),
    (4, 3, 2, 80, 1),
)


def compound_scaling(phi, depth=1.2, width=1.1, resolution=1.15):
    """Factors of depth, width and resolution of a network of 2^phi times B0's multiply-adds.

    d = depth^phi, w = width^phi, r = resolution^phi (equation 3). The multiply-adds of convolutions grow with
    d * w^2 * r^2; the paper's grid search gave 1.2, 1.1 and 1.15, and 1.2 * 1.1^2 * 1.15^2 = 1.92, about 2.

    Args:
        phi: how often the multiply-adds double; 0 is B0.
        depth: the paper's alpha.
        width: the paper's beta.
        resolution: the paper's gamma.

    Returns:
        (d, w, r): factors of blocks, of channels, and of pixels along a side. For phi = 1: (1.2, 1.1, 1.15),
        which is B2 at 1.15 * 224 = 258 pixels; the authors round to 260.
    """
    return depth**phi, width**phi, resolution**phi


def scale_channels(channels, width):
    """Channels times the width, to the nearest multiple of 8, never more than a tenth below."""
    scaled = channels * width
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return rounded if rounded >= 0.9 * scaled else rounded + 8


def scale_blocks(blocks, depth):
    """Number of blocks times the depth, rounded up."""
    return math.ceil(blocks * depth)


def kernels():
    """Initialisation of the kernels, as in the authors' code: variance 2 / (kernel's area * channels out)."""
    return keras.initializers.VarianceScaling(2.0, mode="fan_out", distribution="truncated_normal")


@keras.saving.register_keras_serializable("keras_cv_course")
class InvertedBottleneck(keras.layers.Layer):
    """MBConv: 1x1 expansion, depthwise convolution, squeeze-and-excitation, 1x1 projection.

    Each convolution is followed by batch normalisation, and all but the last by swish. Where input and output
    have the same shape the input is added; in training, the rest of such a block is dropped for a random share
    of the images (stochastic depth: Huang et al., ECCV 2016).

    Args:
        filters: channels of the output.
        expansion: factor of the channels inside; at 1 there is no first 1x1 convolution.
        kernel_size: side of the depthwise kernel.
        strides: 2 halves height and width.
        drop_rate: share of the images for which the block is dropped in training.
        momentum: of the batch normalisation.

    Call:
        feature maps (N, H, W, C) -> (N, H / strides, W / strides, filters), sizes rounded up.
    """

    def __init__(
        self, filters, expansion=6, kernel_size=3, strides=1, drop_rate=0.0, momentum=0.99, **kwargs
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.expansion = expansion
        self.kernel_size = kernel_size
        self.strides = strides
        self.drop_rate = drop_rate
        self.momentum = momentum
        self.swish = keras.layers.Activation("swish")
        # One draw for each image.
        self.skip = keras.layers.Dropout(drop_rate, noise_shape=(None, 1, 1, 1))

    def build(self, input_shape):
        channels = input_shape[-1]
        wide = channels * self.expansion
        layers = keras.layers
        conv, norm = dict(padding="same", use_bias=False), dict(momentum=self.momentum)
        if self.expansion > 1:
            self.expand = layers.Conv2D(wide, 1, kernel_initializer=kernels(), **conv)
            self.expand_norm = layers.BatchNormalization(**norm)
        self.depthwise = layers.DepthwiseConv2D(
            self.kernel_size, self.strides, depthwise_initializer=kernels(), **conv
        )
        self.depthwise_norm = layers.BatchNormalization(**norm)
        # A quarter of the input's channels, not of the expanded ones.
        self.squeeze = SqueezeExcitation(max(1, channels // 4), activation="swish")
        self.project = layers.Conv2D(self.filters, 1, kernel_initializer=kernels(), **conv)
        self.project_norm = layers.BatchNormalization(**norm)
        self.adds = self.strides == 1 and channels == self.filters
        # One symbolic image builds them.
        self.call(keras.KerasTensor(input_shape, self.compute_dtype))
        self.built = True

    def call(self, features, training=False):
        inside = features
        if self.expansion > 1:
            inside = self.swish(self.expand_norm(self.expand(inside), training=training))
        inside = self.swish(self.depthwise_norm(self.depthwise(inside), training=training))
        inside = self.squeeze(inside)
        output = self.project_norm(self.project(inside), training=training)
        if not self.adds:
            return output
        return features + self.skip(output, training=training)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "expansion": self.expansion,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "drop_rate": self.drop_rate,
            "momentum": self.momentum,
        }


@keras.saving.register_keras_serializable("keras_cv_course")
class EfficientNet(keras.Model):
    """A stem, stages of inverted bottlenecks, a 1x1 convolution, global average pooling and one dense layer.

    Trainable parameters with 1,000 classes (biases in the gates and the last layer only; the scale and offset
    of batch normalisation count, its running mean and variance do not): B0 5,288,548, B1 7,794,184,
    B2 9,109,994. With running means and variances and the seven numbers of `normalization`, B0 has 5,330,571.

    `normalization` is a `keras.layers.Normalization`: after `model.normalization.adapt(images)` it subtracts
    the images' mean and divides by their standard deviation; until then it is the identity.

    Args:
        width: factor of all channels.
        depth: factor of the number of blocks in each stage.
        stages: (expansion, kernel, stride, channels, blocks) of each stage, before `width` and `depth`.
        stem: channels of the first convolution, before `width`.
        stem_strides: stride of the first convolution; 2 in the paper, 1 for small images.
        head: channels of the last convolution, before `width`.
        dropout: share of the pooled features that is set to 0 in training.
        stochastic_depth: drop_rate of the last block; it grows linearly from 0 at the first block.
        momentum: of the batch normalisation.
        classes: number of classes.

    Call:
        images (N, H, W, C) in [0, 1], of any size -> logits (N, classes). keras.applications expects [0, 255].

    Raises:
        InputError: an argument out of its range.
    """

    def __init__(
        self,
        width=1.0,
        depth=1.0,
        stages=PUBLISHED,
        stem=32,
        stem_strides=2,
        head=1280,
        dropout=0.2,
        stochastic_depth=0.2,
        momentum=0.99,
        classes=1000,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.width = width
        self.depth = depth
        self.stages = tuple(tuple(stage) for stage in stages)
        self.stem = stem
        self.stem_strides = stem_strides
        self.head = head
        self.dropout = dropout
        self.stochastic_depth = stochastic_depth
        self.momentum = momentum
        self.classes = classes
        self._check()

        layers = keras.layers
        conv, norm = dict(padding="same", use_bias=False), dict(momentum=momentum)
        self.normalization = layers.Normalization()
        self.stem_conv = layers.Conv2D(
            scale_channels(stem, width), 3, stem_strides, kernel_initializer=kernels(), **conv
        )
        self.stem_norm = layers.BatchNormalization(**norm)
        self.blocks = []
        counts = [scale_blocks(count, depth) for *_, count in self.stages]
        for stage, (expansion, kernel, strides, channels, _) in enumerate(self.stages):
            self.blocks.append(
                [
                    InvertedBottleneck(
                        scale_channels(channels, width),
                        expansion,
                        kernel,
                        strides if place == 0 else 1,
                        drop_rate=stochastic_depth * (sum(counts[:stage]) + place) / sum(counts),
                        momentum=momentum,
                        name=f"stage{stage + 1}_block{place + 1}",
                    )
                    for place in range(counts[stage])
                ]
            )
        self.head_conv = layers.Conv2D(scale_channels(head, width), 1, kernel_initializer=kernels(), **conv)
        self.head_norm = layers.BatchNormalization(**norm)
        self.swish = layers.Activation("swish")
        self.average = layers.GlobalAveragePooling2D()
        self.drop = layers.Dropout(dropout)
        self.classifier = layers.Dense(classes, dtype="float32")

    def _check(self):
        if any(len(stage) != 5 or min(stage) < 1 for stage in self.stages) or not self.stages:
            raise InputError(
                "there must be a stage, and each has five numbers of 1 or more (expansion, kernel, stride, "
                f"channels, blocks); got {self.stages}"
            )
        if min(self.stem, self.stem_strides, self.head, self.classes) < 1 or min(self.width, self.depth) <= 0:
            raise InputError(
                "stem, stem_strides, head and classes must be 1 or more, width and depth above 0; got "
                f"{self.stem}, {self.stem_strides}, {self.head}, {self.classes}, {self.width}, {self.depth}"
            )
        if not (0 <= self.dropout < 1 and 0 <= self.stochastic_depth < 1):
            raise InputError(
                f"dropout and stochastic_depth are shares from 0 to below 1, got {self.dropout} and "
                f"{self.stochastic_depth}"
            )

    @classmethod
    def b0(cls, classes=1000, **kwargs):
        """The baseline network of table 1, for 224x224 images."""
        return cls(classes=classes, **kwargs)

    @classmethod
    def b1(cls, classes=1000, **kwargs):
        """B1, for 240x240 images: phi = 0.5 gives (1.095, 1.049, 1.072), the authors take (1.1, 1, 1.071)."""
        return cls(depth=1.1, width=1.0, classes=classes, **kwargs)

    @classmethod
    def b2(cls, classes=1000, **kwargs):
        """B2, for 260x260 images: phi = 1; the authors raise the dropout to 0.3."""
        depth, width, _ = compound_scaling(1)
        return cls(**{"depth": depth, "width": width, "dropout": 0.3, "classes": classes, **kwargs})

    @classmethod
    def small(cls, classes=10, **kwargs):
        """A small one for 32x32 images; the batch statistics have a momentum of 0.9, for short trainings."""
        sizes = dict(stages=SMALL, stem=16, stem_strides=1, head=160, momentum=0.9)
        return cls(**{**sizes, "classes": classes, **kwargs})

    def build(self, input_shape):
        # One symbolic image through the whole network builds every layer.
        self.call(keras.KerasTensor(input_shape))
        self.built = True

    def endpoints(self, images, training=False):
        """Images -> {name: feature map (N, h, w, channels)}, from the first to the last.

        "stem", then "stage1", "stage2" ... the ends of the stages; "features" comes after the last 1x1
        convolution.
        """
        maps = {}
        features = self.stem_conv(self.normalization(images))
        features = maps["stem"] = self.swish(self.stem_norm(features, training=training))
        for stage, blocks in enumerate(self.blocks, start=1):
            for block in blocks:
                features = block(features, training=training)
            maps[f"stage{stage}"] = features
        features = self.head_norm(self.head_conv(features), training=training)
        maps["features"] = self.swish(features)
        return maps

    def classify(self, features, training=False):
        """The last feature map (N, h, w, channels) -> logits (N, classes)."""
        return self.classifier(self.drop(self.average(features), training=training))

    def call(self, images, training=False):
        return self.classify(self.endpoints(images, training)["features"], training)

    def get_config(self):
        return {
            **super().get_config(),
            "width": self.width,
            "depth": self.depth,
            "stages": self.stages,
            "stem": self.stem,
            "stem_strides": self.stem_strides,
            "head": self.head,
            "dropout": self.dropout,
            "stochastic_depth": self.stochastic_depth,
            "momentum": self.momentum,
            "classes": self.classes,
        }
