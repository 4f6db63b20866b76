"""GoogLeNet: kernels of several sizes side by side, after 1x1 convolutions that reduce the channels.

Szegedy et al., "Going Deeper with Convolutions", CVPR 2015, table 1 and figure 3. The modules
are in `inception.py`.
"""

import keras

from keras_cv_course.classify.inception import Inception, convolution
from keras_cv_course.classify.local_response_normalization import LocalResponseNormalization
from keras_cv_course.errors import InputError

# Table 1, one row a module: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection.
PUBLISHED = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
SMALL = {
    "3a": (16, 16, 24, 4, 8, 8),
    "3b": (16, 16, 32, 4, 8, 8),
    "4a": (24, 24, 40, 8, 16, 16),
    "4b": (24, 24, 40, 8, 16, 16),
    "5a": (32, 32, 64, 8, 16, 16),
}


@keras.saving.register_keras_serializable("keras_cv_course")
class AuxiliaryHead(keras.layers.Layer):
    """Auxiliary classifier on an intermediate feature map: in training its loss adds gradient to the layers below.

    Section 5: 5x5 average pooling with stride 3, a 1x1 convolution, a dense layer, dropout, logits.

    Args:
        filters: channels of the 1x1 convolution.
        units: units of the hidden dense layer.
        dropout: share of their outputs that is set to 0 in training.
        classes: number of classes.

    Call:
        feature maps (N, H, W, C), H and W at least 5 -> logits (N, classes).
    """

    def __init__(self, filters, units, dropout, classes, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.units = units
        self.dropout = dropout
        self.classes = classes
        self.pool = keras.layers.AveragePooling2D(5, 3)
        self.conv = convolution(filters, 1)
        self.flatten = keras.layers.Flatten()
        self.hidden = keras.layers.Dense(units, activation="relu", kernel_initializer="he_normal")
        self.drop = keras.layers.Dropout(dropout)
        self.classifier = keras.layers.Dense(classes, dtype="float32")

    def build(self, input_shape):
        if any(side is None or side < 5 for side in input_shape[1:3]):
            raise InputError(
                "an auxiliary head needs a feature map of a known size of at least 5x5, "
                f"got {tuple(input_shape)}: enlarge the images, or set auxiliary_after=()"
            )
        self.call(keras.KerasTensor(input_shape, self.compute_dtype))
        self.built = True

    def call(self, features, training=False):
        hidden = self.hidden(self.flatten(self.conv(self.pool(features))))
        return self.classifier(self.drop(hidden, training=training))

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "units": self.units,
            "dropout": self.dropout,
            "classes": self.classes,
        }


@keras.saving.register_keras_serializable("keras_cv_course")
class GoogLeNet(keras.Model):
    """A stem, Inception modules in three stages, global average pooling and one dense layer.

    Trainable parameters at 224x224x3 and 1,000 classes, weights and biases: 6,998,552 without and
    13,378,280 with the two auxiliary heads. As published: 5x5 convolutions and no batch normalisation.

    The auxiliary heads are for training only: with `training=True` the model returns a dictionary, and
    `compute_loss` adds their losses, each times `auxiliary_weight`, to that of the logits; regularisers count
    once. So the loss that `fit` prints for training is larger than that for validation; metrics see the logits.

    Args:
        inceptions: {name: six numbers of channels, see `Inception`}, in order. The name's digit is the stage;
            in front of every stage but the first, max-pooling halves height and width.
        stem: channels of the three convolutions in front of the modules: 7x7, 1x1 and 3x3.
        large_images: True for the published stem, which divides height and width by 8. False for small
            images: a 3x3 with stride 1 in place of the 7x7 with stride 2, and one pooling in place of two.
        factorize: "none" as published; "3x3" or "1xn" in InceptionV3's way, see `large_convolution`.
        auxiliary_after: names of the modules that an auxiliary head follows; () for none.
        auxiliary_units: channels of a head's 1x1 convolution, and units of its hidden layer.
        auxiliary_dropout: share of the hidden layer's outputs that is set to 0 in training.
        auxiliary_weight: weight of a head's loss (section 5).
        dropout: share of the pooled features that is set to 0 in training.
        classes: number of classes.

    Call:
        images (N, H, W, C) in [0, 1] -> logits (N, classes); with `training=True` and auxiliary heads
        {"logits": (N, classes), "4a": (N, classes), "4d": (N, classes)}.

    Raises:
        InputError: an argument out of its range; at `build`, images too small for the auxiliary heads.
    """

    def __init__(
        self,
        inceptions=PUBLISHED,
        stem=(64, 64, 192),
        large_images=True,
        factorize="none",
        auxiliary_after=("4a", "4d"),
        auxiliary_units=(128, 1024),
        auxiliary_dropout=0.7,
        auxiliary_weight=0.3,
        dropout=0.4,
        classes=1000,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.inceptions = {name: tuple(filters) for name, filters in inceptions.items()}
        self.stem = tuple(stem)
        self.large_images = large_images
        self.factorize = factorize
        self.auxiliary_after = tuple(auxiliary_after)
        self.auxiliary_units = tuple(auxiliary_units)
        self.auxiliary_dropout = auxiliary_dropout
        self.auxiliary_weight = auxiliary_weight
        self.dropout = dropout
        self.classes = classes
        unknown = [name for name in self.auxiliary_after if name not in self.inceptions]
        if unknown:
            raise InputError(
                f"auxiliary_after names modules that are not there: {unknown}; "
                f"choose from {list(self.inceptions)}"
            )
        if any(len(filters) != 6 or min(filters) < 1 for filters in self.inceptions.values()):
            raise InputError(f"a module has six numbers of channels of 1 or more; got {inceptions}")

        layers = keras.layers
        seven, one, three = self.stem
        self.conv1 = convolution(seven, 7, strides=2) if large_images else convolution(seven, 3)
        self.normalize = LocalResponseNormalization()
        self.conv2_reduce = convolution(one, 1)
        self.conv2 = convolution(three, 3)
        self.pool = layers.MaxPooling2D(3, strides=2, padding="same")
        self.blocks = [
            Inception(filters, factorize, name=f"inception_{name}")
            for name, filters in self.inceptions.items()
        ]
        self.heads = [
            AuxiliaryHead(*self.auxiliary_units, auxiliary_dropout, classes, name=f"head_{name}")
            for name in self.auxiliary_after
        ]
        self.average = layers.GlobalAveragePooling2D()
        self.drop = layers.Dropout(dropout)
        self.classifier = layers.Dense(classes, dtype="float32")

    @classmethod
    def googlenet(cls, classes=1000, **kwargs):
        """The published network, for 224x224 images."""
        return cls(classes=classes, **kwargs)

    @classmethod
    def small(cls, classes=10, **kwargs):
        """A small one for 32x32 images: five modules, one auxiliary head."""
        sizes = dict(
            inceptions=SMALL,
            stem=(16, 16, 48),
            large_images=False,
            auxiliary_after=("4a",),
            auxiliary_units=(16, 64),
        )
        return cls(**{**sizes, "classes": classes, **kwargs})

    def build(self, input_shape):
        # One symbolic image builds every layer; training=True, or it would miss the auxiliary heads.
        self.call(keras.KerasTensor(input_shape), training=True)
        self.built = True

    def endpoints(self, images, training=False):
        """Images of any size -> {name: feature map (N, h, w, channels)}, from the first to the last.

        "conv1", "conv2", then the modules by name; the last one is also called "features".
        """
        maps = {}
        maps["conv1"] = self.conv1(images)
        features = self.normalize(self.pool(maps["conv1"]))
        maps["conv2"] = self.conv2(self.conv2_reduce(features))
        features = self.normalize(maps["conv2"])
        if self.large_images:
            features = self.pool(features)
        previous = None
        for name, block in zip(self.inceptions, self.blocks):
            if previous and name[0] != previous[0]:  # 3b -> 4a: a new stage
                features = self.pool(features)
            features = maps[name] = block(features)
            previous = name
        maps["features"] = features
        return maps

    def classify(self, features, training=False):
        """The last feature map (N, h, w, channels) -> logits (N, classes)."""
        return self.classifier(self.drop(self.average(features), training=training))

    def call(self, images, training=False):
        maps = self.endpoints(images, training)
        logits = self.classify(maps["features"], training)
        if not (training and self.heads):
            return logits
        outputs = {"logits": logits}
        for name, head in zip(self.auxiliary_after, self.heads):
            outputs[name] = head(maps[name], training=training)
        return outputs

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        if not isinstance(y_pred, dict):
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        # Section 5: loss = main + 0.3 (first + second).
        loss = super().compute_loss(x, y, y_pred["logits"], sample_weight, training)
        regularisers = sum(self.losses)  # which each call of Keras' own adds; they belong to the main loss
        for name in self.auxiliary_after:
            head = super().compute_loss(x, y, y_pred[name], sample_weight, training) - regularisers
            loss = loss + self.auxiliary_weight * head
        return loss

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        logits = y_pred["logits"] if isinstance(y_pred, dict) else y_pred
        return super().compute_metrics(x, y, logits, sample_weight)

    def get_config(self):
        return {
            **super().get_config(),
            "inceptions": dict(self.inceptions),
            "stem": self.stem,
            "large_images": self.large_images,
            "factorize": self.factorize,
            "auxiliary_after": self.auxiliary_after,
            "auxiliary_units": self.auxiliary_units,
            "auxiliary_dropout": self.auxiliary_dropout,
            "auxiliary_weight": self.auxiliary_weight,
            "dropout": self.dropout,
            "classes": self.classes,
        }
