"""SE-ResNet: residual blocks with squeeze-and-excitation.

Hu, Shen and Sun, "Squeeze-and-Excitation Networks", CVPR 2018, section 3.3, figure 3 and table 1. The gate
itself is in `keras_cv_course.layers.squeeze_excitation`, the block without it in `residual_block`.
"""

import keras

from keras_cv_course.classify.residual_block import ConvolutionNorm, ResidualBlock
from keras_cv_course.errors import InputError
from keras_cv_course.layers.squeeze_excitation import SqueezeExcitation


@keras.saving.register_keras_serializable("keras_cv_course")
class SEResidualBlock(ResidualBlock):
    """y = relu(x + s F(x)): the gate s scales the channels of the residual F(x) (figure 3).

    Args:
        filters: channels of the output.
        stride: 2 halves height and width.
        bottleneck: three convolutions in place of two.
        reduction: r; the gate computes with filters / r channels, at least one.

    Call:
        feature maps (N, H, W, C) -> (N, H / stride, W / stride, filters), sizes rounded up.
    """

    def __init__(self, filters, stride=1, bottleneck=False, reduction=16, **kwargs):
        super().__init__(filters, stride, bottleneck, **kwargs)
        self.reduction = reduction
        self.gate = SqueezeExcitation(max(1, filters // reduction))

    def build(self, input_shape):
        super().build(input_shape)
        self.gate.build((None, None, None, self.filters))

    def residual(self, features, training=False):
        """s F(x)."""
        return self.gate(super().residual(features, training))

    def get_config(self):
        return {**super().get_config(), "reduction": self.reduction}


@keras.saving.register_keras_serializable("keras_cv_course")
class SEResNet(keras.Model):
    """A stem, stages of residual blocks with gates, global average pooling and one dense layer.

    Each stage but the first halves height and width in its first block. The defaults are SE-ResNet-50's.
    Trainable parameters with 1,000 classes and r = 16 (no biases in convolutions, biases in the gates):
    SE-ResNet-50 28,088,024 (2,530,992 of them in the gates), SE-ResNet-18 11,778,592 (89,080).

    Args:
        blocks: number of blocks in each stage.
        filters: channels of each stage's output.
        bottleneck: three convolutions a block in place of two.
        reduction: r; a gate computes with channels / r.
        stem: "7x7" with stride 2 and max-pooling, for large images; "3x3" with stride 1, for small ones.
        classes: number of classes.

    Call:
        images (N, H, W, C) in [0, 1], of any size -> logits (N, classes).

    Raises:
        InputError: an argument out of its range.
    """

    def __init__(
        self,
        blocks=(3, 4, 6, 3),
        filters=(256, 512, 1024, 2048),
        bottleneck=True,
        reduction=16,
        stem="7x7",
        classes=1000,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.blocks = tuple(blocks)
        self.filters = tuple(filters)
        self.bottleneck = bottleneck
        self.reduction = reduction
        self.stem = stem
        self.classes = classes
        if len(self.blocks) != len(self.filters) or min(*self.blocks, *self.filters, reduction, classes) < 1:
            raise InputError(
                "blocks and filters must be equally long, and every number 1 or more; got "
                f"blocks={self.blocks}, filters={self.filters}, reduction={reduction}, classes={classes}"
            )
        if bottleneck and any(count % 4 for count in self.filters):
            raise InputError(f"a bottleneck needs filters that are multiples of 4, got {self.filters}")
        if stem not in ("7x7", "3x3"):
            raise InputError(f"stem must be one of ('7x7', '3x3'), got {stem!r}")

        layers = keras.layers
        # The stem has as many channels as the inside of the first stage's blocks: 64 in the paper.
        width = self.filters[0] // 4 if bottleneck else self.filters[0]
        self.conv1 = ConvolutionNorm(width, 7, 2) if stem == "7x7" else ConvolutionNorm(width, 3)
        self.relu = layers.ReLU()
        self.pad = layers.ZeroPadding2D(1)
        self.pool = layers.MaxPooling2D(3, strides=2)
        self.stages = [
            [
                SEResidualBlock(
                    channels,
                    stride=2 if stage > 0 and place == 0 else 1,
                    bottleneck=bottleneck,
                    reduction=reduction,
                    name=f"stage{stage + 2}_block{place + 1}",
                )
                for place in range(count)
            ]
            for stage, (count, channels) in enumerate(zip(self.blocks, self.filters))
        ]
        self.average = layers.GlobalAveragePooling2D()
        self.classifier = layers.Dense(classes, dtype="float32")

    @classmethod
    def se_resnet50(cls, classes=1000, **kwargs):
        """50 layers, bottlenecks: table 1."""
        return cls(classes=classes, **kwargs)

    @classmethod
    def se_resnet18(cls, classes=1000, **kwargs):
        """18 layers."""
        return cls((2, 2, 2, 2), (64, 128, 256, 512), bottleneck=False, classes=classes, **kwargs)

    @classmethod
    def small(cls, classes=10, **kwargs):
        """A small one for 32x32 images: 8 layers, gates with a quarter of the channels."""
        sizes = dict(blocks=(1, 1, 1), filters=(16, 32, 64), bottleneck=False, reduction=4, stem="3x3")
        return cls(**{**sizes, "classes": classes, **kwargs})

    def build(self, input_shape):
        # One symbolic image through the whole network builds every layer.
        self.call(keras.KerasTensor(input_shape))
        self.built = True

    def endpoints(self, images, training=False):
        """Images -> {name: feature map (N, h, w, channels)}, from the first to the last.

        "c1" is the stem before its pooling, "c2", "c3" ... the ends of the stages: at the stem "7x7", c2 has
        a quarter of the image's height and width, c5 a 32nd. The last one is also called "features".
        """
        maps = {}
        features = maps["c1"] = self.relu(self.conv1(images, training=training))
        if self.stem == "7x7":
            features = self.pool(self.pad(features))
        for stage, blocks in enumerate(self.stages, start=2):
            for block in blocks:
                features = block(features, training=training)
            maps[f"c{stage}"] = features
        maps["features"] = features
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
            "filters": self.filters,
            "bottleneck": self.bottleneck,
            "reduction": self.reduction,
            "stem": self.stem,
            "classes": self.classes,
        }
