"""A small classifier whose last convolution is deformable, dilated or plain.

Dai, Qi, Xiong, Li, Zhang, Hu and Wei, "Deformable Convolutional Networks", ICCV 2017; as there, deformable
convolution replaces a late convolution. Dilation: Yu and Koltun, ICLR 2016.
"""

import keras
import numpy as np
from scipy.ndimage import center_of_mass

from keras_cv_course.errors import InputError
from keras_cv_course.layers.deformable_convolution import DeformableConv2D


@keras.saving.register_keras_serializable("keras_cv_course")
class DeformableClassifier(keras.Model):
    """Three 3x3 convolutions or more, the first two with stride 2, global average pooling and one dense layer.

    Each convolution is followed by batch normalisation and ReLU.

    Args:
        filters: channels of the convolutions.
        layer: the last convolution: "deformable"; "dilated", with rate 2; or "plain".
        offset_scale: factor of the offsets, see `DeformableConv2D`.
        classes: number of classes.

    Call:
        images (N, H, W, C) in [0, 1], of any size -> logits (N, classes).

    Raises:
        InputError: there are fewer than three numbers of filters, a number is below 1, or the layer is unknown.
    """

    def __init__(self, filters=(16, 32, 64), layer="deformable", offset_scale=0.1, classes=10, **kwargs):
        super().__init__(**kwargs)
        self.filters = tuple(filters)
        self.layer = layer
        self.offset_scale = offset_scale
        self.classes = classes
        if len(self.filters) < 3 or min(*self.filters, classes) < 1:
            raise InputError(
                "expected three numbers of filters or more and a number of classes, all of 1 or more; "
                f"got filters={self.filters}, classes={classes}"
            )
        if layer not in ("deformable", "dilated", "plain"):
            raise InputError(f'layer must be "deformable", "dilated" or "plain", got {layer!r}')
        layers = keras.layers
        conv = dict(kernel_size=3, padding="same", use_bias=False, kernel_initializer="he_normal")
        *others, last = self.filters
        self.convolutions = [
            layers.Conv2D(count, strides=2 if place < 2 else 1, **conv) for place, count in enumerate(others)
        ]
        if layer == "deformable":
            self.convolutions.append(DeformableConv2D(last, offset_scale=offset_scale, **conv))
        else:
            self.convolutions.append(
                layers.Conv2D(last, dilation_rate=2 if layer == "dilated" else 1, **conv)
            )
        self.norms = [layers.BatchNormalization(momentum=0.9) for _ in self.filters]
        self.relu = layers.ReLU()
        self.average = layers.GlobalAveragePooling2D()
        self.classifier = layers.Dense(classes, dtype="float32")

    def build(self, input_shape):
        # One symbolic image through the whole network builds every layer.
        self.call(keras.KerasTensor(input_shape))
        self.built = True

    def endpoints(self, images, training=False):
        """Images -> {name: feature map (N, h, w, channels)}: "conv1", "conv2" ..., the last also "features"."""
        maps, features = {}, images
        for number, (convolution, norm) in enumerate(zip(self.convolutions, self.norms), start=1):
            features = self.relu(norm(convolution(features), training=training))
            maps[f"conv{number}"] = features
        maps["features"] = features
        return maps

    def sampling_points(self, images):
        """Sampling points of the deformable layer, in pixels of the images.

        Args:
            images: (N, H, W, C), H and W multiples of 4.

        Returns:
            Two (N, H / 4, W / 4, 3, 3, 2) tensors of (y, x): the grid, and the grid plus offsets.
        """
        layer, features = self.convolutions[-1], self.endpoints(images)[f"conv{len(self.filters) - 1}"]
        moved, offsets = layer.sampling_points(features), layer.offsets(features)
        # Twice stride 2: a pixel of the map is 4 of the image; "same" adds its zeros at the bottom and on the right,
        # so that the first window of each convolution has its centre at pixel 1: 1 + 2 * 1 = 3.
        return 4 * (moved - offsets) + 3, 4 * moved + 3

    def object_window(self, images):
        """Sampling points of the one window that lies nearest to the centre of mass of each image's brightness.

        Args:
            images: (N, H, W, C) array, one bright object on black each; H and W multiples of 4.

        Returns:
            Two (N, 3, 3, 2) arrays of (y, x) in pixels of the images: the grid, and the grid plus offsets.
        """
        centres = np.array([center_of_mass(image)[:2] for image in images])
        grid, moved = (keras.ops.convert_to_numpy(points) for points in self.sampling_points(images))
        middles = grid[0, :, 0, 1, 1, 0], grid[0, 0, :, 1, 1, 1]
        rows, columns = (
            np.abs(middle - centre[:, None]).argmin(axis=1)
            for middle, centre in zip(middles, centres.T, strict=True)
        )
        return [points[np.arange(len(images)), rows, columns] for points in (grid, moved)]

    def call(self, images, training=False):
        return self.classifier(self.average(self.endpoints(images, training)["features"]))

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "layer": self.layer,
            "offset_scale": self.offset_scale,
            "classes": self.classes,
        }
