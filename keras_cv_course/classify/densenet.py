"""DenseNet: the input of every layer is the concatenation of all previous layers' outputs.

Huang, Liu, van der Maaten and Weinberger, "Densely Connected Convolutional Networks", CVPR 2017: table 1 for
ImageNet, section 4.2 for CIFAR.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError

# The first implementation's; the epsilon to the digit that keras.applications has.
BATCH_NORM = dict(momentum=0.9, epsilon=1.001e-5)


@keras.saving.register_keras_serializable("keras_cv_course")
class DenseLayer(keras.layers.Layer):
    """The input, followed by `growth` new channels: x_l = [x, H(x)] (equation 2).

    H is batch normalisation, ReLU and a 1x1 convolution to 4 * growth channels, then batch normalisation, ReLU
    and a 3x3 convolution to `growth` channels. The 1x1 bounds the cost of the 3x3.

    Args:
        growth: k, channels that the layer adds.

    Call:
        feature maps (N, H, W, C) -> (N, H, W, C + growth).
    """

    def __init__(self, growth, **kwargs):
        super().__init__(**kwargs)
        self.growth = growth
        layers = keras.layers
        conv = dict(padding="same", use_bias=False, kernel_initializer="he_normal")
        self.norm1 = layers.BatchNormalization(**BATCH_NORM)
        self.conv1 = layers.Conv2D(4 * growth, 1, **conv)
        self.norm2 = layers.BatchNormalization(**BATCH_NORM)
        self.conv2 = layers.Conv2D(growth, 3, **conv)
        self.relu = layers.ReLU()

    def build(self, input_shape):
        between = (*input_shape[:-1], 4 * self.growth)
        self.norm1.build(input_shape)
        self.conv1.build(input_shape)
        self.norm2.build(between)
        self.conv2.build(between)
        self.built = True

    def call(self, features, training=False):
        new = self.conv1(self.relu(self.norm1(features, training=training)))
        new = self.conv2(self.relu(self.norm2(new, training=training)))
        return ops.concatenate([features, new], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + self.growth)

    def get_config(self):
        return {**super().get_config(), "growth": self.growth}


@keras.saving.register_keras_serializable("keras_cv_course")
class Transition(keras.layers.Layer):
    """Between two dense blocks: fewer channels, half the height and width.

    Batch normalisation, ReLU, a 1x1 convolution and 2x2 average pooling.

    Args:
        filters: channels of the output.

    Call:
        feature maps (N, H, W, C) -> (N, H / 2, W / 2, filters), sizes rounded down.
    """

    def __init__(self, filters, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.norm = keras.layers.BatchNormalization(**BATCH_NORM)
        self.conv = keras.layers.Conv2D(filters, 1, use_bias=False, kernel_initializer="he_normal")
        self.relu = keras.layers.ReLU()
        self.pool = keras.layers.AveragePooling2D(2)

    def build(self, input_shape):
        self.norm.build(input_shape)
        self.conv.build(input_shape)
        self.built = True

    def call(self, features, training=False):
        return self.pool(self.conv(self.relu(self.norm(features, training=training))))

    def get_config(self):
        return {**super().get_config(), "filters": self.filters}


@keras.saving.register_keras_serializable("keras_cv_course")
class DenseNet(keras.Model):
    """A stem, dense blocks with transitions between them, global average pooling and one dense layer.

    The defaults are DenseNet-121's. Trainable parameters (no biases in convolutions; batch normalisation's
    scale and offset count, its running mean and variance do not): DenseNet-121 with 1,000 classes 7,978,856;
    DenseNet-BC of 100 layers, growth 12, with 10 classes 769,162.

    Args:
        blocks: number of dense layers in each block.
        growth: k, channels that each dense layer adds.
        compression: share of the channels that a transition keeps, the paper's theta.
        stem: "7x7" with stride 2 and max-pooling, for large images; "3x3" with stride 1, for small ones.
            Either makes 2 * growth channels.
        classes: number of classes.

    Call:
        images (N, H, W, C) in [0, 1], of any size -> logits (N, classes).
        ImageNet weights expect other values than [0, 1]: see `training.imagenet_weights.preprocess`.

    Raises:
        InputError: an argument out of its range.
    """

    def __init__(
        self, blocks=(6, 12, 24, 16), growth=32, compression=0.5, stem="7x7", classes=1000, **kwargs
    ):
        super().__init__(**kwargs)
        self.blocks = tuple(blocks)
        self.growth = growth
        self.compression = compression
        self.stem = stem
        self.classes = classes
        if not self.blocks or min(*self.blocks, growth, classes) < 1:
            raise InputError(
                f"blocks, growth and classes must be 1 or more; got {self.blocks}, {growth} and {classes}"
            )
        if not 0 < compression <= 1:
            raise InputError(f"compression is a share above 0 and up to 1, got {compression}")
        if stem not in ("7x7", "3x3"):
            raise InputError(f"stem must be one of ('7x7', '3x3'), got {stem!r}")

        layers = keras.layers
        channels = 2 * growth
        conv = dict(use_bias=False, kernel_initializer="he_normal")
        if stem == "7x7":
            self.pad = layers.ZeroPadding2D(3)
            self.conv = layers.Conv2D(channels, 7, strides=2, **conv)
            self.norm = layers.BatchNormalization(**BATCH_NORM)
            self.pool_pad = layers.ZeroPadding2D(1)
            self.pool = layers.MaxPooling2D(3, strides=2)
        else:
            self.conv = layers.Conv2D(channels, 3, padding="same", **conv)
        self.relu = layers.ReLU()

        self.dense_blocks, self.transitions = [], []
        for block, count in enumerate(self.blocks, start=1):
            if block > 1:
                channels = int(channels * compression)
                self.transitions.append(Transition(channels, name=f"transition{block - 1}"))
            self.dense_blocks.append(
                [DenseLayer(growth, name=f"block{block}_layer{place + 1}") for place in range(count)]
            )
            channels += count * growth
        self.last_norm = layers.BatchNormalization(**BATCH_NORM)
        self.average = layers.GlobalAveragePooling2D()
        self.classifier = layers.Dense(classes, dtype="float32")

    @classmethod
    def densenet121(cls, classes=1000, **kwargs):
        """121 layers: table 1."""
        return cls(classes=classes, **kwargs)

    @classmethod
    def cifar(cls, depth=100, growth=12, classes=10, **kwargs):
        """DenseNet-BC of section 4.2 for 32x32 images: three blocks, 6n + 4 layers.

        Args:
            depth: 100, 190 or 250 in the paper.
            growth: 12, 40 or 24 in the paper.
            classes: number of classes.
            **kwargs: further arguments.

        Raises:
            InputError: the depth is not 6n + 4.
        """
        if depth < 10 or depth % 6 != 4:
            raise InputError(f"these networks have 6n + 4 layers, such as 22, 40 or 100; got {depth}")
        sizes = dict(blocks=((depth - 4) // 6,) * 3, growth=growth, stem="3x3")
        return cls(**{**sizes, "classes": classes, **kwargs})

    @classmethod
    def small(cls, classes=10, **kwargs):
        """A small one for 32x32 images: 22 layers."""
        return cls.cifar(22, classes=classes, **kwargs)

    def build(self, input_shape):
        # One symbolic image through the whole network builds every layer.
        self.call(keras.KerasTensor(input_shape))
        self.built = True

    def endpoints(self, images, training=False):
        """Images -> {name: feature map (N, h, w, channels)}, from the first to the last.

        "stem" is the stem before its pooling, "block1", "block2" ... the ends of the dense blocks: at the
        stem "7x7", block1 has a quarter of the image's height and width, block4 a 32nd. "features" is the
        last block after the last batch normalisation and ReLU.
        """
        maps = {}
        if self.stem == "7x7":
            maps["stem"] = self.relu(self.norm(self.conv(self.pad(images)), training=training))
            features = self.pool(self.pool_pad(maps["stem"]))
        else:
            features = maps["stem"] = self.conv(images)
        for block, dense_layers in enumerate(self.dense_blocks, start=1):
            if block > 1:
                features = self.transitions[block - 2](features, training=training)
            for layer in dense_layers:
                features = layer(features, training=training)
            maps[f"block{block}"] = features
        maps["features"] = self.relu(self.last_norm(features, training=training))
        return maps

    def classify(self, features, training=False):
        """The last feature map (N, h, w, channels) -> logits (N, classes)."""
        return self.classifier(self.average(features))

    def call(self, images, training=False):
        return self.classify(self.endpoints(images, training)["features"], training)

    def get_config(self):
        return {
            **super().get_config(),
            "blocks": self.blocks,
            "growth": self.growth,
            "compression": self.compression,
            "stem": self.stem,
            "classes": self.classes,
        }
