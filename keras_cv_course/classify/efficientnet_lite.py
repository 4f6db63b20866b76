"""EfficientNet-Lite: EfficientNet for telephones, without gates and with an activation that eight bits can hold.

The network that R. Liu published in "Higher Accuracy on Vision Models with EfficientNet-Lite", TensorFlow Blog,
March 2020, and in the official code of Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional
Neural Networks", ICML 2019 (table 1). Three things differ from EfficientNet: no squeeze-and-excitation; ReLU6 in
place of swish (Sandler et al., "MobileNetV2", CVPR 2018, section 3.2); and stem and head keep their size when the
rest is scaled.
"""

import keras

from keras_cv_course.classify.efficientnet import (
    PUBLISHED,
    SMALL,
    kernels,
    scale_blocks,
    scale_channels,
)
from keras_cv_course.errors import InputError

# The weights were trained on (pixel - 127) / 128, where pixels are 0 to 255.
CENTRE = 127.0
SCALE = 128.0


@keras.saving.register_keras_serializable("keras_cv_course")
class LiteBottleneck(keras.layers.Layer):
    """The inverted bottleneck of MobileNetV2: 1x1 expansion, depthwise convolution, linear 1x1 projection.

    Each convolution is followed by batch normalisation, and all but the last by ReLU6, min(max(x, 0), 6). Where input
    and output have the same shape the input is added; in training, the rest of such a block is dropped for a random
    share of the images (stochastic depth: Huang et al., ECCV 2016).

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
        self.relu6 = keras.layers.Activation("relu6")
        # One draw for each image.
        self.skip = keras.layers.Dropout(drop_rate, noise_shape=(None, 1, 1, 1))

    def build(self, input_shape):
        channels = input_shape[-1]
        layers = keras.layers
        conv, norm = dict(padding="same", use_bias=False), dict(momentum=self.momentum)
        if self.expansion > 1:
            wide = channels * self.expansion
            self.expand = layers.Conv2D(wide, 1, kernel_initializer=kernels(), **conv)
            self.expand_norm = layers.BatchNormalization(**norm)
        self.depthwise = layers.DepthwiseConv2D(
            self.kernel_size, self.strides, depthwise_initializer=kernels(), **conv
        )
        self.depthwise_norm = layers.BatchNormalization(**norm)
        self.project = layers.Conv2D(self.filters, 1, kernel_initializer=kernels(), **conv)
        self.project_norm = layers.BatchNormalization(**norm)
        self.adds = self.strides == 1 and channels == self.filters
        # One symbolic image builds them.
        self.call(keras.KerasTensor(input_shape, self.compute_dtype))
        self.built = True

    def call(self, features, training=False):
        inside = features
        if self.expansion > 1:
            inside = self.relu6(self.expand_norm(self.expand(inside), training=training))
        inside = self.relu6(self.depthwise_norm(self.depthwise(inside), training=training))
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
class EfficientNetLite(keras.Model):
    """A stem, stages of inverted bottlenecks, a 1x1 convolution, global average pooling and one dense layer.

    Trainable parameters with 1,000 classes: Lite0 4,652,008, Lite4 13,006,568. The stages' table is that of
    EfficientNet-B0; `width` scales the channels of all stages and `depth` the number of blocks of all stages but the
    first and the last, while stem (32 channels) and head (1,280) stay.

    The first thing that the network does to an image is (255 x - 127) / 128, the range its published weights were
    trained with: `training.pretrained.efficientnet_lite0()` has them.

    Args:
        width: factor of the stages' channels.
        depth: factor of the number of blocks of each stage but the first and the last.
        stages: (expansion, kernel, stride, channels, blocks) of each stage, before `width` and `depth`.
        stem: channels of the first convolution.
        stem_strides: stride of the first convolution; 2 as published, 1 for small images.
        head: channels of the last convolution.
        dropout: share of the pooled features that is set to 0 in training.
        stochastic_depth: drop_rate of the last block; it grows linearly from 0 at the first block.
        momentum: of the batch normalisation.
        classes: number of classes.

    Call:
        images (N, H, W, C) in [0, 1], of any size -> logits (N, classes).

    Raises:
        InputError: an argument out of its range.

    Example:
        >>> model = EfficientNetLite.small(classes=3)
        >>> tuple(model(keras.ops.zeros((2, 32, 32, 3))).shape)
        (2, 3)
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
        self.centred = layers.Rescaling(255 / SCALE, offset=-CENTRE / SCALE)
        self.stem_conv = layers.Conv2D(stem, 3, stem_strides, kernel_initializer=kernels(), **conv)
        self.stem_norm = layers.BatchNormalization(**norm)
        counts = [scale_blocks(count, depth) for *_, count in self.stages]
        for end in (0, -1):
            counts[end] = self.stages[end][-1]
        self.blocks = []
        for stage, (expansion, kernel, strides, channels, _) in enumerate(self.stages):
            self.blocks.append(
                [
                    LiteBottleneck(
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
        self.head_conv = layers.Conv2D(head, 1, kernel_initializer=kernels(), **conv)
        self.head_norm = layers.BatchNormalization(**norm)
        self.relu6 = layers.Activation("relu6")
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
    def lite0(cls, classes=1000, **kwargs):
        """The smallest one, for 224x224 images: B0's table."""
        return cls(classes=classes, **kwargs)

    @classmethod
    def lite4(cls, classes=1000, **kwargs):
        """The largest one, for 300x300 images: 1.4 times the channels, 1.8 times the blocks, dropout 0.3."""
        return cls(**{"width": 1.4, "depth": 1.8, "dropout": 0.3, "classes": classes, **kwargs})

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
        features = self.stem_conv(self.centred(images))
        features = maps["stem"] = self.relu6(self.stem_norm(features, training=training))
        for stage, blocks in enumerate(self.blocks, start=1):
            for block in blocks:
                features = block(features, training=training)
            maps[f"stage{stage}"] = features
        features = self.head_norm(self.head_conv(features), training=training)
        maps["features"] = self.relu6(features)
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
