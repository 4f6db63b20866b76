"""VGG: 3x3 kernels, 16 or 19 layers deep.

Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015.
Two 3x3 convolutions have a receptive field of 5x5 pixels, three of 7x7, with fewer weights and more
non-linearities than one large kernel (section 2.3).
"""

import keras

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class VGG(keras.Model):
    """Blocks of 3x3 convolutions, each block closed by a 2x2 max-pooling, then dense layers.

    Trainable parameters at 224x224x3 and 1,000 classes, weights and biases: VGG16 (the paper's D)
    138,357,544, of which the convolutions have 14,714,688; VGG19 (E) 143,667,240.

    Args:
        blocks: number of convolutions in each block. The defaults are VGG16's.
        filters: channels of each block.
        units: units of the hidden dense layers; () for none.
        dropout: share of their outputs that is set to 0 in training.
        batch_norm: batch normalisation after every convolution, whose bias it replaces; not in the paper.
        classes: number of classes.

    Call:
        images (N, H, W, C) in [0, 1], of the size that the model was built with -> logits (N, classes).
        ImageNet weights expect other values than [0, 1]: see `training.imagenet_weights.preprocess`.

    Raises:
        InputError: an argument out of its range; at `build`, images too small or of unknown size.
    """

    def __init__(
        self,
        blocks=(2, 2, 3, 3, 3),
        filters=(64, 128, 256, 512, 512),
        units=(4096, 4096),
        dropout=0.5,
        batch_norm=False,
        classes=1000,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.blocks = tuple(blocks)
        self.filters = tuple(filters)
        self.units = tuple(units)
        self.dropout = dropout
        self.batch_norm = batch_norm
        self.classes = classes
        if len(self.blocks) != len(self.filters) or min(*self.blocks, *self.filters, *self.units) < 1:
            raise InputError(
                "blocks and filters must be equally long, and every number 1 or more; "
                f"got blocks={self.blocks}, filters={self.filters}, units={self.units}"
            )

        layers = keras.layers
        self.convolutions, self.norms = [], []
        for block, (count, channels) in enumerate(zip(self.blocks, self.filters), start=1):
            for place in range(1, count + 1):
                name = f"conv{block}_{place}"
                conv = dict(padding="same", use_bias=not batch_norm, kernel_initializer="he_normal")
                self.convolutions.append(layers.Conv2D(channels, 3, name=name, **conv))
                norm = (
                    layers.BatchNormalization(momentum=0.9, epsilon=1e-5) if batch_norm else layers.Identity()
                )
                self.norms.append(norm)
        self.relu = layers.ReLU()
        self.pool = layers.MaxPooling2D(2)
        self.flatten = layers.Flatten()
        dense = dict(activation="relu", kernel_initializer="he_normal")
        self.hidden = [layers.Dense(count, **dense) for count in self.units]
        self.drop = layers.Dropout(dropout)
        self.classifier = layers.Dense(classes, dtype="float32")

    @classmethod
    def vgg16(cls, classes=1000, **kwargs):
        """The paper's configuration D: 13 convolutions and 3 dense layers, for 224x224 images."""
        return cls(classes=classes, **kwargs)

    @classmethod
    def vgg19(cls, classes=1000, **kwargs):
        """The paper's configuration E: 16 convolutions and 3 dense layers, for 224x224 images."""
        return cls(blocks=(2, 2, 4, 4, 4), classes=classes, **kwargs)

    @classmethod
    def small(cls, classes=10, **kwargs):
        """A small one for 32x32 images: three blocks of two convolutions."""
        sizes = dict(blocks=(2, 2, 2), filters=(16, 32, 64), units=(128,))
        return cls(**{**sizes, "classes": classes, **kwargs})

    def build(self, input_shape):
        for side in input_shape[1:3]:
            if side is None or side < 2 ** len(self.blocks):
                raise InputError(
                    f"images must be of a known size of at least {2 ** len(self.blocks)}x"
                    f"{2 ** len(self.blocks)} pixels for {len(self.blocks)} poolings, "
                    f"got {tuple(input_shape)}: enlarge them, or take fewer blocks"
                )
        # One symbolic image through the whole network builds every layer.
        self.call(keras.KerasTensor(input_shape))
        self.built = True

    def endpoints(self, images, training=False):
        """Images of any size -> {name: feature map (N, h, w, channels)}, from the first to the last.

        The convolutions are conv1_1, conv1_2 ..., the ends of the blocks pool1, pool2 ...; the last
        one is also called "features".
        """
        maps, features, layer = {}, images, 0
        for block, count in enumerate(self.blocks, start=1):
            for place in range(1, count + 1):
                features = self.norms[layer](self.convolutions[layer](features), training=training)
                features = maps[f"conv{block}_{place}"] = self.relu(features)
                layer += 1
            features = maps[f"pool{block}"] = self.pool(features)
        maps["features"] = features
        return maps

    def classify(self, features, training=False):
        """The last feature map (N, h, w, channels) -> logits (N, classes)."""
        hidden = self.flatten(features)
        for dense in self.hidden:
            hidden = self.drop(dense(hidden), training=training)
        return self.classifier(hidden)

    def call(self, images, training=False):
        return self.classify(self.endpoints(images, training)["features"], training)

    def get_config(self):
        return {
            **super().get_config(),
            "blocks": self.blocks,
            "filters": self.filters,
            "units": self.units,
            "dropout": self.dropout,
            "batch_norm": self.batch_norm,
            "classes": self.classes,
        }
