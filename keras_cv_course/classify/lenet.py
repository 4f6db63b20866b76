"""LeNet-5.

LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition", Proceedings
of the IEEE 1998, section II.B and figure 2.
"""

import keras

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class LeNet5(keras.Model):
    """LeNet-5 in the form in which it is usually implemented.

    C1 (5x5 convolution), S2 (2x2 pooling), C3 (5x5), S4 (2x2), C5 (5x5 on the 5x5 pixels that are left), F6
    (dense) and a dense layer of logits. Trainable parameters at 32x32x1, layer by layer:
    156 + 2,416 + 48,120 + 10,164 + 850 = 61,706.

    The paper's own has 60,000: its C3 is connected to some of S2's maps only (table I), its pooling has a weight
    and a bias for each map, and its last layer consists of radial basis functions.

    Args:
        filters: feature maps of C1, C3 and C5.
        units: units of F6.
        activation: activation of every layer but pooling and logits.
        pooling: "average" as in the paper, or "max".
        padding: pixels of zeros on each side of the image; 2 brings MNIST's 28x28 pixels to 32x32.
        classes: number of classes.

    Call:
        images (N, 32, 32, C) in [0, 1], or smaller by twice the padding -> logits (N, classes).

    Raises:
        InputError: an argument out of its range; at `build`, images of another size.
    """

    def __init__(
        self,
        filters=(6, 16, 120),
        units=84,
        activation="tanh",
        pooling="average",
        padding=0,
        classes=10,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = tuple(filters)
        self.units = units
        self.activation = activation
        self.pooling = pooling
        self.padding = padding
        self.classes = classes
        if len(self.filters) != 3 or min(*self.filters, units, classes) < 1 or padding < 0:
            raise InputError(
                f"filters must be three numbers, all of 1 or more, with units and classes of 1 or more and a "
                f"padding of 0 or more; got {self.filters}, {units}, {classes} and {padding}"
            )
        if pooling not in ("average", "max"):
            raise InputError(f'pooling must be "average" or "max", got {pooling!r}')

        layers = keras.layers
        pool = layers.AveragePooling2D if pooling == "average" else layers.MaxPooling2D
        c1, c3, c5 = self.filters
        self.pad = layers.ZeroPadding2D(padding)
        self.c1 = layers.Conv2D(c1, 5, activation=activation)
        self.s2 = pool(2)
        self.c3 = layers.Conv2D(c3, 5, activation=activation)
        self.s4 = pool(2)
        self.c5 = layers.Conv2D(c5, 5, activation=activation)
        self.flatten = layers.Flatten()
        self.f6 = layers.Dense(units, activation)
        self.classifier = layers.Dense(classes, dtype="float32")

    def build(self, input_shape):
        side = 32 - 2 * self.padding
        if tuple(input_shape[1:3]) != (side, side):
            raise InputError(
                f"images must be {side}x{side} pixels with a padding of {self.padding}, got "
                f"{tuple(input_shape)}: resize them, or give the padding that brings them to 32x32"
            )
        # One symbolic image through the whole network builds every layer.
        self.call(keras.KerasTensor(input_shape))
        self.built = True

    def endpoints(self, images, training=False):
        """Images -> {name: feature map (N, h, w, channels)}: "c1", "s2", "c3", "s4", "c5" = "features"."""
        maps = {}
        maps["c1"] = self.c1(self.pad(images))
        maps["s2"] = self.s2(maps["c1"])
        maps["c3"] = self.c3(maps["s2"])
        maps["s4"] = self.s4(maps["c3"])
        maps["features"] = maps["c5"] = self.c5(maps["s4"])
        return maps

    def classify(self, features, training=False):
        """The last feature map (N, 1, 1, channels) -> logits (N, classes)."""
        return self.classifier(self.f6(self.flatten(features)))

    def call(self, images, training=False):
        return self.classify(self.endpoints(images, training)["features"], training)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "units": self.units,
            "activation": self.activation,
            "pooling": self.pooling,
            "padding": self.padding,
            "classes": self.classes,
        }
