"""A LeNet-style classifier with batch normalisation, ReLU, max-pooling and dropout.

Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document Recognition", Proceedings
of the IEEE 1998, section II.B; batch normalisation: Ioffe and Szegedy, ICML 2015; dropout: Srivastava et al.,
JMLR 2014; initialisation: He et al., ICCV 2015.
"""

import keras

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class ConvolutionalClassifier(keras.Model):
    """Stages of convolutions and max-pooling, then dense layers, as in LeNet-5.

    Each stage is `depth` times a convolution with "same" padding, batch normalisation if asked for, and ReLU; then
    a 2x2 max-pooling that halves height and width (a last odd row or column is dropped). Convolutions are followed
    by dense layers with ReLU, and by one without activation: the logits.

    Args:
        filters: feature maps of the convolutions of each stage; one stage or more.
        depth: convolutions in each stage.
        kernel_size: side of the kernels.
        units: units of the hidden dense layers; () for none.
        dropout: share of the inputs of each dense layer that is set to 0 in training.
        batch_norm: batch normalisation after every convolution, whose bias it replaces.
        classes: number of classes.

    Call:
        images (N, H, W, C) in [0, 1], of the size that the model was built with -> logits (N, classes).

    Raises:
        InputError: an argument out of its range: no stage, a number below 1, a dropout outside [0, 1); at
            `build`, images too small for the poolings, or of unknown size.
    """

    def __init__(
        self,
        filters=(32, 64),
        depth=1,
        kernel_size=3,
        units=(128,),
        dropout=0.3,
        batch_norm=True,
        classes=10,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = tuple(filters)
        self.depth = depth
        self.kernel_size = kernel_size
        self.units = tuple(units)
        self.dropout = dropout
        self.batch_norm = batch_norm
        self.classes = classes
        if not self.filters or min(*self.filters, depth, kernel_size, *self.units, classes) < 1:
            raise InputError(
                f"filters, depth, kernel_size, units and classes must be 1 or more, and there must be a stage; "
                f"got {self.filters}, {depth}, {kernel_size}, {self.units} and {classes}"
            )
        if not 0 <= dropout < 1:
            raise InputError(f"dropout is a share from 0 to below 1, got {dropout}")

        layers = keras.layers
        conv = dict(padding="same", use_bias=not batch_norm, kernel_initializer="he_normal")
        channels = [count for count in self.filters for _ in range(depth)]
        self.convolutions = [layers.Conv2D(count, kernel_size, **conv) for count in channels]
        # In a short training the running statistics would not converge with Keras' momentum of 0.99.
        self.norms = [
            layers.BatchNormalization(momentum=0.9) if batch_norm else layers.Identity() for _ in channels
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

        "conv1", "conv2" ... are the stages before their poolings, "pool1", "pool2" ... after them; the last one is
        also called "features".
        """
        maps, features = {}, images
        layers = zip(self.convolutions, self.norms)
        for stage in range(1, len(self.filters) + 1):
            for _ in range(self.depth):
                convolution, norm = next(layers)
                features = self.relu(norm(convolution(features), training=training))
            maps[f"conv{stage}"] = features
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
            "depth": self.depth,
            "kernel_size": self.kernel_size,
            "units": self.units,
            "dropout": self.dropout,
            "batch_norm": self.batch_norm,
            "classes": self.classes,
        }
