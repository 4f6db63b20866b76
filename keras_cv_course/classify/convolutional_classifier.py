"""A small classifier: LeNet's plan with today's parts.

Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document Recognition", Proceedings
of the IEEE 1998, section II.B; batch normalisation: Ioffe and Szegedy, ICML 2015; dropout: Srivastava et al.,
JMLR 2014; initialisation: He et al., ICCV 2015.
"""

import keras

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class ConvolutionalClassifier(keras.Model):
    """LeNet's plan with today's parts: stages of convolution and max-pooling, then dense layers.

    Each stage is a convolution with "same" padding, batch normalisation if asked for, ReLU, and a max-pooling
    that halves height and width (a last odd row or column is dropped).

    Args:
        filters: feature maps of each stage.
        kernel_size: side of the kernels.
        units: units of the hidden dense layers; () for none.
        dropout: share of what enters each dense layer that training drops.
        batch_norm: batch normalisation behind every convolution, whose bias it replaces.
        classes: number of classes.

    Call:
        images (N, H, W, C) in [0, 1], of the size that the model was built with -> logits (N, classes).

    Raises:
        InputError: an argument out of its range; at `build`, images too small or of unknown size.
    """

    def __init__(
        self,
        filters=(32, 64),
        kernel_size=3,
        units=(128,),
        dropout=0.3,
        batch_norm=True,
        classes=10,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = tuple(filters)
        self.kernel_size = kernel_size
        self.units = tuple(units)
        self.dropout = dropout
        self.batch_norm = batch_norm
        self.classes = classes
        if not self.filters or min(*self.filters, *self.units, kernel_size, classes) < 1:
            raise InputError(
                f"filters, kernel_size, units and classes must be 1 or more, and there must be a stage; got "
                f"{self.filters}, {kernel_size}, {self.units} and {classes}"
            )
        if not 0 <= dropout < 1:
            raise InputError(f"dropout is a share from 0 to below 1, got {dropout}")

        layers = keras.layers
        conv = dict(padding="same", use_bias=not batch_norm, kernel_initializer="he_normal")
        self.convolutions = [layers.Conv2D(count, kernel_size, **conv) for count in self.filters]
        # Keras' momentum of 0.99 would take longer to forget its start than a short training lasts.
        self.norms = [
            layers.BatchNormalization(momentum=0.9) if batch_norm else layers.Identity() for _ in self.filters
        ]
        self.relu = layers.ReLU()
        self.pool = layers.MaxPooling2D(2)
        self.flatten = layers.Flatten()
        self.drop = layers.Dropout(dropout)
        self.hidden = [
            layers.Dense(count, activation="relu", kernel_initializer="he_normal") for count in self.units
        ]
        self.classifier = layers.Dense(classes, dtype="float32")

    def build(self, input_shape):
        smallest = 2 ** len(self.filters)
        if any(side is None or side < smallest for side in input_shape[1:3]):
            raise InputError(
                f"images must be of a known size of at least {smallest}x{smallest} pixels for "
                f"{len(self.filters)} poolings, got {tuple(input_shape)}: enlarge them, or take fewer filters"
            )
        # One symbolic image through the whole network builds every layer.
        self.call(keras.KerasTensor(input_shape))
        self.built = True

    def endpoints(self, images, training=False):
        """Images of any size -> {name: feature map (N, h, w, channels)}, from the first to the last.

        "conv1", "conv2" ... before the poolings, "pool1", "pool2" ... after them; the last one is also called
        "features".
        """
        maps, features = {}, images
        for stage, (convolution, norm) in enumerate(zip(self.convolutions, self.norms), start=1):
            features = norm(convolution(features), training=training)
            features = maps[f"conv{stage}"] = self.relu(features)
            features = maps[f"pool{stage}"] = self.pool(features)
        maps["features"] = features
        return maps

    def classify(self, features, training=False):
        """The last feature map (N, h, w, channels) -> logits (N, classes)."""
        hidden = self.drop(self.flatten(features), training=training)
        for dense in self.hidden:
            hidden = self.drop(dense(hidden), training=training)
        return self.classifier(hidden)

    def call(self, images, training=False):
        return self.classify(self.endpoints(images, training)["features"], training)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "units": self.units,
            "dropout": self.dropout,
            "batch_norm": self.batch_norm,
            "classes": self.classes,
        }
