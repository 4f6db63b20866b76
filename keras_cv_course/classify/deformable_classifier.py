"""A small classifier whose last convolution looks where it wants to, and its twin, which cannot.

The layer is that of Dai, Qi, Xiong, Li, Zhang, Hu and Wei, "Deformable Convolutional Networks", ICCV 2017; as
there it takes the place of a late convolution, whose windows already see enough to judge where to look.
"""

import keras

from keras_cv_course.errors import InputError
from keras_cv_course.layers.deformable_convolution import DeformableConv2D


@keras.saving.register_keras_serializable("keras_cv_course")
class DeformableClassifier(keras.Model):
    """Two 3x3 convolutions with stride 2, a deformable one, global average pooling and one dense layer.

    Each convolution is followed by batch normalisation and ReLU.

    Args:
        filters: channels of the three convolutions.
        deformable: False puts a plain 3x3 convolution in place of the deformable one.
        offset_rate: how fast the points move, see `DeformableConv2D`.
        classes: number of classes.

    Call:
        images (N, H, W, C) in [0, 1], of any size -> logits (N, classes).

    Raises:
        InputError: there are not three numbers of filters, or a number is below 1.
    """

    def __init__(self, filters=(16, 32, 64), deformable=True, offset_rate=0.1, classes=10, **kwargs):
        super().__init__(**kwargs)
        self.filters = tuple(filters)
        self.deformable = deformable
        self.offset_rate = offset_rate
        self.classes = classes
        if len(self.filters) != 3 or min(*self.filters, classes) < 1:
            raise InputError(
                "expected three numbers of filters and a number of classes, all of 1 or more; "
                f"got filters={self.filters}, classes={classes}"
            )
        layers = keras.layers
        conv = dict(kernel_size=3, padding="same", use_bias=False, kernel_initializer="he_normal")
        one, two, three = self.filters
        self.convolutions = [
            layers.Conv2D(one, strides=2, **conv),
            layers.Conv2D(two, strides=2, **conv),
            DeformableConv2D(three, offset_rate=offset_rate, **conv)
            if deformable
            else layers.Conv2D(three, **conv),
        ]
        self.norms = [layers.BatchNormalization(momentum=0.9) for _ in self.filters]
        self.relu = layers.ReLU()
        self.average = layers.GlobalAveragePooling2D()
        self.classifier = layers.Dense(classes, dtype="float32")

    def build(self, input_shape):
        # One symbolic image through the whole network builds every layer.
        self.call(keras.KerasTensor(input_shape))
        self.built = True

    def endpoints(self, images, training=False):
        """Images -> {name: feature map (N, h, w, channels)}: conv1, conv2, conv3, which is features, too."""
        maps, features = {}, images
        for number, (convolution, norm) in enumerate(zip(self.convolutions, self.norms), start=1):
            features = self.relu(norm(convolution(features), training=training))
            maps[f"conv{number}"] = features
        maps["features"] = features
        return maps

    def sampling_points(self, images):
        """Where the deformable layer's windows look, in pixels of the images.

        Args:
            images: (N, H, W, C), H and W multiples of 4.

        Returns:
            Two (N, H / 4, W / 4, 3, 3, 2) tensors of (y, x): a plain kernel's points, and the moved ones.
        """
        layer, features = self.convolutions[2], self.endpoints(images)["conv2"]
        moved, offsets = layer.sampling_points(features), layer.offsets(features)
        # Twice stride 2: a pixel of the map is 4 of the image; "same" sets its only zeros below and on the
        # right, so that the first window of each convolution has its middle at pixel 1: 1 + 2 * 1 = 3.
        return 4 * (moved - offsets) + 3, 4 * moved + 3

    def call(self, images, training=False):
        return self.classifier(self.average(self.endpoints(images, training)["features"]))

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "deformable": self.deformable,
            "offset_rate": self.offset_rate,
            "classes": self.classes,
        }
