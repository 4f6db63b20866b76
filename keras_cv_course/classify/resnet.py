"""ResNet: networks of residual blocks.

He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016: table 1 for ImageNet,
section 4.2 for CIFAR-10, section 3.3 for the plain networks.
"""

import keras

from keras_cv_course.classify.residual_block import ConvolutionNorm, ResidualBlock
from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class ResNet(keras.Model):
    """A stem, stages of residual blocks, global average pooling and one dense layer.

    Each stage but the first halves height and width in its first block. The defaults are ResNet-18's.

    Trainable parameters (no biases in convolutions; batch normalisation's scale and offset count, its
    running mean and variance do not):

        ImageNet, 1,000 classes                      CIFAR, 10 classes, shortcuts of option A
        resnet18   11,689,512                        resnet20     269,722
        resnet34   21,797,672                        resnet32     464,154
        resnet50   25,557,032   with conv_bias       resnet56     853,018
                                25,583,592           resnet110  1,727,962
        resnet101  44,549,160
        resnet152  60,192,808

    Args:
        blocks: number of blocks in each stage.
        filters: channels of each stage's output.
        bottleneck: three convolutions a block in place of two.
        stem: "7x7" with stride 2 and max-pooling, for large images; "3x3" with stride 1, for small ones.
        shortcut: "projection", "padding" or "none" for the plain network, see `ResidualBlock`.
        stride_in: which convolution of a bottleneck halves, "3x3" or "1x1", see `ResidualBlock`.
        conv_bias: whether convolutions have biases, as in keras.applications; batch normalisation cancels them.
        relu_after_addition: as in the paper, see `ResidualBlock`.
        classes: number of classes.

    Call:
        images (N, H, W, C) in [0, 1], of any size -> logits (N, classes).
        ImageNet weights expect other values than [0, 1]: see `training.imagenet_weights.preprocess`.

    Raises:
        InputError: an argument out of its range.
    """

    def __init__(
        self,
        blocks=(2, 2, 2, 2),
        filters=(64, 128, 256, 512),
        bottleneck=False,
        stem="7x7",
        shortcut="projection",
        stride_in="3x3",
        conv_bias=False,
        relu_after_addition=True,
        classes=1000,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.blocks = tuple(blocks)
        self.filters = tuple(filters)
        self.bottleneck = bottleneck
        self.stem = stem
        self.shortcut = shortcut
        self.stride_in = stride_in
        self.conv_bias = conv_bias
        self.relu_after_addition = relu_after_addition
        self.classes = classes
        self._check()

        layers = keras.layers
        # The stem has as many channels as the inside of the first stage's blocks: 64 in the paper.
        width = self.filters[0] // 4 if bottleneck else self.filters[0]
        large = stem == "7x7"
        self.conv1 = ConvolutionNorm(width, 7 if large else 3, 2 if large else 1, bias=conv_bias)
        self.relu = layers.ReLU()
        self.pad = layers.ZeroPadding2D(1)
        self.pool = layers.MaxPooling2D(3, strides=2)
        options = dict(
            bottleneck=bottleneck,
            shortcut=shortcut,
            stride_in=stride_in,
            conv_bias=conv_bias,
            relu_after_addition=relu_after_addition,
        )
        self.residual_blocks = []
        for stage, (count, channels) in enumerate(zip(self.blocks, self.filters)):
            for place in range(count):
                halves = stage > 0 and place == 0
                name = f"stage{stage + 2}_block{place + 1}"
                self.residual_blocks.append(
                    ResidualBlock(channels, stride=2 if halves else 1, name=name, **options)
                )
        self.average = layers.GlobalAveragePooling2D()
        self.classifier = layers.Dense(classes, dtype="float32")

    def _check(self):
        if len(self.blocks) != len(self.filters) or min(*self.blocks, *self.filters, self.classes) < 1:
            raise InputError(
                "blocks and filters must be equally long, and every number 1 or more; "
                f"got blocks={self.blocks}, filters={self.filters}, classes={self.classes}"
            )
        if self.bottleneck and any(count % 4 for count in self.filters):
            raise InputError(f"a bottleneck needs filters that are multiples of 4, got {self.filters}")
        choices = {
            "stem": ("7x7", "3x3"),
            "shortcut": ("projection", "padding", "none"),
            "stride_in": ("3x3", "1x1"),
        }
        for name, known in choices.items():
            if getattr(self, name) not in known:
                raise InputError(f"{name} must be one of {known}, got {getattr(self, name)!r}")
        if self.shortcut == "padding" and list(self.filters) != sorted(self.filters):
            raise InputError(f"padded shortcuts need filters that never shrink, got {self.filters}")

    @classmethod
    def resnet18(cls, classes=1000, **kwargs):
        """18 layers with weights on the way from image to logits."""
        return cls(classes=classes, **kwargs)

    @classmethod
    def resnet34(cls, classes=1000, **kwargs):
        """34 layers."""
        return cls(blocks=(3, 4, 6, 3), classes=classes, **kwargs)

    @classmethod
    def resnet50(cls, classes=1000, **kwargs):
        """50 layers, bottlenecks."""
        return cls.bottlenecks((3, 4, 6, 3), classes, **kwargs)

    @classmethod
    def resnet101(cls, classes=1000, **kwargs):
        """101 layers, bottlenecks."""
        return cls.bottlenecks((3, 4, 23, 3), classes, **kwargs)

    @classmethod
    def resnet152(cls, classes=1000, **kwargs):
        """152 layers, bottlenecks."""
        return cls.bottlenecks((3, 8, 36, 3), classes, **kwargs)

    @classmethod
    def bottlenecks(cls, blocks, classes=1000, **kwargs):
        """The bottleneck networks of table 1."""
        return cls(blocks, (256, 512, 1024, 2048), bottleneck=True, classes=classes, **kwargs)

    @classmethod
    def cifar(cls, depth, classes=10, **kwargs):
        """The networks of section 4.2 for 32x32 images: 6n + 2 layers, 16, 32 and 64 channels, option A.

        Args:
            depth: 20, 32, 44, 56, 110 in the paper.
            classes: number of classes.
            **kwargs: further arguments; shortcut="none" for the plain network.

        Raises:
            InputError: the depth is not 6n + 2.
        """
        if depth < 8 or depth % 6 != 2:
            raise InputError(f"these networks have 6n + 2 layers, such as 20, 56 or 110; got {depth}")
        sizes = dict(blocks=((depth - 2) // 6,) * 3, filters=(16, 32, 64), stem="3x3", shortcut="padding")
        return cls(**{**sizes, "classes": classes, **kwargs})

    @classmethod
    def small(cls, classes=10, **kwargs):
        """A small one for 32x32 images: 8 layers."""
        return cls.cifar(8, classes, **kwargs)

    def build(self, input_shape):
        self.conv1.build(input_shape)
        channels = self.conv1.filters
        for block in self.residual_blocks:
            block.build((None, None, None, channels))
            channels = block.filters
        self.classifier.build((None, channels))
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
        blocks = iter(self.residual_blocks)
        for stage, count in enumerate(self.blocks, start=2):
            for _ in range(count):
                features = next(blocks)(features, training=training)
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
            "stem": self.stem,
            "shortcut": self.shortcut,
            "stride_in": self.stride_in,
            "conv_bias": self.conv_bias,
            "relu_after_addition": self.relu_after_addition,
            "classes": self.classes,
        }
