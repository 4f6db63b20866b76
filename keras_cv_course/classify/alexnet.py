"""AlexNet: the convolutional network that won the ImageNet challenge of 2012.

Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012,
section 3.5 and figure 2. The one tower of 64-192-384-256-256 channels is that of the authors' program
cuda-convnet2 and of torchvision; Krizhevsky, "One weird trick for parallelizing convolutional neural networks",
arXiv:1404.5997, a footnote of section 5, has 64-192-384-384-256.
"""

import keras

from keras_cv_course.classify.local_response_normalization import LocalResponseNormalization
from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class AlexNet(keras.Model):
    """Five convolutions, max-pooling behind the first, second and fifth, and three dense layers.

    The paper's network was too large for one GPU of 2012: each of two GPUs held a tower, half of the channels,
    and the towers are connected in the third convolution and in the dense layers only. `groups=2` is that.
    The defaults are torchvision's one tower, which most libraries call AlexNet.

    Trainable parameters at 224x224x3 and 1,000 classes, weights and biases:

        one_tower    64-192-384-256-256   61,100,840
        ungrouped    96-256-384-384-256   62,378,344
        two_tower    the same, groups=2   60,965,224

    Args:
        filters: channels of the five convolutions.
        groups: towers of the second, fourth and fifth convolution.
        response_normalization: local response normalisation behind the first and the second convolution.
        first_kernel: side of the first convolution's kernel.
        first_stride: its stride.
        units: units of each of the two hidden dense layers.
        dropout: share of the hidden dense layers' outputs that is set to 0 in training (section 4.2).
        classes: number of classes.

    Call:
        images (N, H, W, C) in [0, 1], of the size that the model was built with -> logits (N, classes).

    Raises:
        InputError: an argument out of its range; at `build`, images too small or of unknown size.
    """

    def __init__(
        self,
        filters=(64, 192, 384, 256, 256),
        groups=1,
        response_normalization=False,
        first_kernel=11,
        first_stride=4,
        units=4096,
        dropout=0.5,
        classes=1000,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = tuple(filters)
        self.groups = groups
        self.response_normalization = response_normalization
        self.first_kernel = first_kernel
        self.first_stride = first_stride
        self.units = units
        self.dropout = dropout
        self.classes = classes
        if len(self.filters) != 5 or min(*self.filters, groups, first_kernel, first_stride, units) < 1:
            raise InputError(
                f"expected five numbers of filters and sizes of 1 or more; got filters={self.filters}, "
                f"groups={groups}, first_kernel={first_kernel}, first_stride={first_stride}, units={units}"
            )
        if groups > 1 and any(count % groups for count in self.filters):
            raise InputError(f"every number of filters must be a multiple of groups={groups}; got {filters}")

        one, two, three, four, five = self.filters
        layers = keras.layers
        conv = dict(padding="same", activation="relu", kernel_initializer="he_normal")
        # Two zeros on each side: (224 + 2 * 2 - 11) / 4 + 1 = 55 rows, the paper's number.
        self.pad = layers.ZeroPadding2D(2)
        self.conv1 = layers.Conv2D(one, first_kernel, first_stride, **{**conv, "padding": "valid"})
        self.conv2 = layers.Conv2D(two, 5, groups=groups, **conv)
        self.conv3 = layers.Conv2D(three, 3, **conv)
        self.conv4 = layers.Conv2D(four, 3, groups=groups, **conv)
        self.conv5 = layers.Conv2D(five, 3, groups=groups, **conv)
        self.normalize = LocalResponseNormalization() if response_normalization else layers.Identity()
        self.pool = layers.MaxPooling2D(3, strides=2)
        self.flatten = layers.Flatten()
        self.fc6 = layers.Dense(units, activation="relu", kernel_initializer="he_normal")
        self.fc7 = layers.Dense(units, activation="relu", kernel_initializer="he_normal")
        self.drop = layers.Dropout(dropout)
        self.classifier = layers.Dense(classes, dtype="float32")

    @classmethod
    def one_tower(cls, classes=1000, **kwargs):
        """The network of torchvision, for 224x224 images."""
        return cls(classes=classes, **kwargs)

    @classmethod
    def ungrouped(cls, classes=1000, **kwargs):
        """The paper's channels without groups, for 224x224 images."""
        return cls(filters=(96, 256, 384, 384, 256), classes=classes, **kwargs)

    @classmethod
    def two_tower(cls, classes=1000, **kwargs):
        """The paper's network: two towers and local response normalisation, for 224x224 images."""
        return cls.ungrouped(classes, groups=2, response_normalization=True, **kwargs)

    @classmethod
    def small(cls, classes=10, **kwargs):
        """A small one for 32x32 images: fewer channels, and a first convolution of 5x5 with stride 2."""
        sizes = dict(filters=(24, 48, 96, 64, 64), first_kernel=5, first_stride=2, units=128)
        return cls(**{**sizes, "classes": classes, **kwargs})

    def build(self, input_shape):
        for side in input_shape[1:3]:
            if side is None or self.side_of_features(side) < 1:
                raise InputError(
                    "AlexNet needs images of a known size that leaves at least one pixel behind its last "
                    f"pooling, got {tuple(input_shape)}: enlarge them, or make first_stride smaller"
                )
        # One symbolic image through the whole network builds every layer.
        self.call(keras.KerasTensor(input_shape))
        self.built = True

    def side_of_features(self, side):
        """Rows (or columns) of the last feature map of an image with `side` rows."""
        side = (side + 2 * 2 - self.first_kernel) // self.first_stride + 1
        for _ in range(3):
            side = (side - 3) // 2 + 1
        return side

    def endpoints(self, images, training=False):
        """Images -> {name: feature map (N, h, w, channels)}, from the first to the last, "features"."""
        maps = {}
        maps["conv1"] = self.conv1(self.pad(images))
        maps["pool1"] = self.pool(self.normalize(maps["conv1"]))
        maps["conv2"] = self.conv2(maps["pool1"])
        maps["pool2"] = self.pool(self.normalize(maps["conv2"]))
        maps["conv3"] = self.conv3(maps["pool2"])
        maps["conv4"] = self.conv4(maps["conv3"])
        maps["conv5"] = self.conv5(maps["conv4"])
        maps["pool5"] = maps["features"] = self.pool(maps["conv5"])
        return maps

    def classify(self, features, training=False):
        """The last feature map (N, h, w, channels) -> logits (N, classes)."""
        hidden = self.drop(self.fc6(self.flatten(features)), training=training)
        hidden = self.drop(self.fc7(hidden), training=training)
        return self.classifier(hidden)

    def call(self, images, training=False):
        return self.classify(self.endpoints(images, training)["features"], training)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "groups": self.groups,
            "response_normalization": self.response_normalization,
            "first_kernel": self.first_kernel,
            "first_stride": self.first_stride,
            "units": self.units,
            "dropout": self.dropout,
            "classes": self.classes,
        }
