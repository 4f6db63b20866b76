"""A convolutional classifier with global max-pooling: its logits do not depend on where the object is.

Lin, Chen and Yan, "Network In Network", ICLR 2014, section 3.2 (global pooling in place of dense layers).
"""

import keras

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class GlobalPoolingClassifier(keras.Model):
    """3x3 convolutions with ReLU, global max-pooling and one dense layer of logits.

    Convolution is equivariant to shifts: a shifted image has shifted feature maps. The maximum over a map is
    invariant: it stays the same. Zero padding at the edge of the image breaks both.

    Args:
        filters: feature maps of the convolutions, one after the other.
        classes: number of classes.

    Call:
        images (N, H, W, C) in [0, 1], of any size -> logits (N, classes).

    Raises:
        InputError: no convolution, or a number below 1.
    """

    def __init__(self, filters=(16, 32, 32), classes=10, **kwargs):
        super().__init__(**kwargs)
        if not filters or min(*filters, classes) < 1:
            raise InputError(
                f"filters must be one or more numbers of 1 or more, and classes 1 or more; got "
                f"{tuple(filters)} and {classes}"
            )
        self.filters = tuple(filters)
        self.classes = classes
        conv = dict(kernel_size=3, padding="same", activation="relu", kernel_initializer="he_normal")
        self.convolutions = [keras.layers.Conv2D(count, **conv) for count in self.filters]
        self.pool = keras.layers.GlobalMaxPooling2D()
        self.classifier = keras.layers.Dense(classes, dtype="float32")

    def build(self, input_shape):
        # One symbolic image through the whole network builds every layer.
        self.call(keras.KerasTensor(input_shape))
        self.built = True

    def endpoints(self, images, training=False):
        """Images -> {name: feature map (N, H, W, channels)}: "conv1" ...; the last is also "features"."""
        maps = {}
        features = images
        for stage, convolution in enumerate(self.convolutions, start=1):
            features = maps[f"conv{stage}"] = convolution(features)
        maps["features"] = features
        return maps

    def call(self, images, training=False):
        return self.classifier(self.pool(self.endpoints(images)["features"]))

    def get_config(self):
        return {**super().get_config(), "filters": self.filters, "classes": self.classes}
