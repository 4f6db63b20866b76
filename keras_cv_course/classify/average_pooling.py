"""A convolutional classifier with global average pooling and one dense layer: what class activation maps need.

Lin, Chen and Yan, "Network In Network", ICLR 2014, section 3.2 (pooling in place of dense layers). Zhou et al.,
"Learning Deep Features for Discriminative Localization", CVPR 2016, section 2. Batch normalisation: Ioffe and Szegedy,
ICML 2015.
"""

import keras

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class AveragePoolingClassifier(keras.Model):
    """Stages of a 3x3 convolution, batch normalisation and ReLU, 2x2 max-pooling between them; then mean and dense.

    Args:
        filters: feature maps of each stage.
        pools: how many of the stages, from the first on, are followed by a max-pooling, but for the last one; None for
            all. Fewer leave finer maps.
        classes: number of classes.
        bias: what the biases of the logits start from: log(p / (1 - p)) where each class is in a share p of the images
            and the loss is a binary cross-entropy.

    Call:
        images (N, H, W, C) in [0, 1], of any size -> logits (N, classes).

    Raises:
        InputError: no stage, or a number below 1; a negative number of poolings.

    Example:
        >>> model = AveragePoolingClassifier(filters=(4, 6), classes=3)
        >>> tuple(model(keras.ops.zeros((2, 16, 24, 3))).shape)
        (2, 3)
    """

    def __init__(self, filters=(24, 48, 96), classes=10, pools=None, bias=0.0, **kwargs):
        super().__init__(**kwargs)
        if not filters or min(*filters, classes) < 1:
            raise InputError(
                f"filters must be one or more numbers of 1 or more, and classes 1 or more; received {tuple(filters)} "
                f"and {classes}"
            )
        if pools is not None and pools < 0:
            raise InputError(f"pools must be 0 or more, received {pools}")
        self.filters = tuple(filters)
        self.pools = pools
        self.classes = classes
        self.bias = bias
        layers = keras.layers
        conv = dict(kernel_size=3, padding="same", use_bias=False, kernel_initializer="he_normal")
        self.convolutions = [
            layers.Conv2D(count, **conv, name=f"conv{stage}") for stage, count in enumerate(self.filters, 1)
        ]
        # In a short training the running statistics would not converge with Keras' momentum of 0.99.
        self.norms = [
            layers.BatchNormalization(momentum=0.9, name=f"norm{stage}")
            for stage in range(1, len(self.filters) + 1)
        ]
        # A layer each: an explanation asks for what comes out of one of them.
        self.relus = [layers.ReLU(name=f"relu{stage}") for stage in range(1, len(self.filters) + 1)]
        self.pool = layers.MaxPooling2D(2)
        self.average = layers.GlobalAveragePooling2D()
        start = keras.initializers.Constant(bias)
        self.classifier = layers.Dense(classes, dtype="float32", bias_initializer=start)

    def build(self, input_shape):
        # One symbolic image through the whole network builds every layer.
        self.call(keras.KerasTensor(input_shape))
        self.built = True

    def endpoints(self, images, training=False):
        """Images -> {name: feature map (N, h, w, channels)}: "relu1" ...; the last one is "features", too."""
        maps, features = {}, images
        for stage, (convolution, norm, relu) in enumerate(zip(self.convolutions, self.norms, self.relus), 1):
            if stage > 1 and (self.pools is None or stage <= self.pools + 1):
                features = self.pool(features)
            features = maps[f"relu{stage}"] = relu(norm(convolution(features), training=training))
        maps["features"] = features
        return maps

    def classify(self, features, training=False):
        """The last feature map (N, h, w, channels) -> logits (N, classes)."""
        return self.classifier(self.average(features))

    def call(self, images, training=False):
        return self.classify(self.endpoints(images, training)["features"])

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "classes": self.classes,
            "pools": self.pools,
            "bias": self.bias,
        }
