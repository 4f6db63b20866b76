"""Measures of images that were generated for label maps: do they fit the map, and do they look real?

Isola et al., CVPR 2017, section 4.1, "FCN-score": a network that segments real images is applied to the generated
ones, and its answer is compared with the map.
"""

import keras
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from keras_cv_course.metrics.frechet_distance import frechet_distance
from keras_cv_course.metrics.mean_iou import mean_iou
from keras_cv_course.metrics.sharpness import gradient_energy

LUMA = np.float32([0.299, 0.587, 0.114])  # ITU-R BT.601
STEP = 4  # pixels between the features that are compared
PATCH = 5  # pixels, sides of the patches that are looked up among the training images


def texture_segmenter(classes, filters=24, layers=5):
    """A small fully convolutional network: images (N, H, W, 3) -> logits (N, H, W, classes).

    3x3 convolutions without pooling see 11x11 pixels with five layers: colour and texture, hardly the outline.
    """
    network = keras.Sequential(name="segmenter")
    for _ in range(layers):
        network.add(keras.layers.Conv2D(filters, 3, padding="same", use_bias=False))
        network.add(keras.layers.BatchNormalization(momentum=0.9))
        network.add(keras.layers.ReLU())
    network.add(keras.layers.Conv2D(classes, 1, dtype="float32"))
    return network


def with_grey(images, masks):
    """Images (N, H, W, 3) and masks twice: in colour, and in grey (three equal channels)."""
    return np.concatenate([images, grey(images)]), np.concatenate([masks, masks])


def grey(images):
    """Images (N, H, W, 3) -> the same shape, all channels equal to the luma."""
    return np.repeat((images @ LUMA)[..., None], 3, axis=-1).astype("float32")


class MapEvaluator:
    """Measures generated images with a segmentation network of the real ones.

    Args:
        segmenter: a `texture_segmenter`, trained on real images `with_grey`.
        classes: number of classes of the maps.
        training: (N, H, W, 3) images in [0, 1] that the generator learns from.
    """

    def __init__(self, segmenter, classes, training):
        self.segmenter, self.classes = segmenter, classes
        self.last_features = keras.Model(segmenter.inputs, segmenter.layers[-2].output)
        self.training = {patch.tobytes() for patch in _patches(training).reshape(-1, PATCH * PATCH * 3)}

    def segment(self, images):
        """Images (N, H, W, 3) -> the class (N, H, W) of every pixel."""
        return self.segmenter.predict(images, batch_size=100, verbose=0).argmax(axis=-1)

    def features(self, images):
        """Features (M, D) of the grey images at every fourth pixel in either direction: textures without colour."""
        maps = self.last_features.predict(grey(images), batch_size=100, verbose=0)
        maps = maps[:, STEP // 2 :: STEP, STEP // 2 :: STEP]
        return maps.reshape(-1, maps.shape[-1])

    def copied(self, generated, masks):
        """The share of 5x5 patches inside objects that occur in a training image, all values alike in 8 bits."""
        inside = sliding_window_view(masks > 0, (PATCH, PATCH), axis=(1, 2)).all(axis=(-2, -1))
        patches = _patches(generated)[inside]
        return (
            float(np.mean([patch.tobytes() in self.training for patch in patches])) if len(patches) else 0.0
        )

    def measure(self, generated, masks, truth):
        """All measures of generated images.

        Args:
            generated: (N, H, W, 3) in [0, 1].
            masks: (N, H, W) the maps that they were generated for; 0 is the background, 255 is void.
            truth: (N, H, W, 3) the real images of these maps.

        Returns:
            {"agreement": mean IoU of the map with the segmentation of the generated image,
            "frechet": Fréchet distance to the real images in the segmentation network's features, without colour,
            "sharpness": gradient energy over that of the real images,
            "copied": see `copied`,
            "l1": mean absolute difference to the real image}.
        """
        return {
            "agreement": mean_iou(masks, self.segment(generated), self.classes),
            "frechet": frechet_distance(self.features(truth), self.features(generated)),
            "sharpness": gradient_energy(generated) / gradient_energy(truth),
            "copied": self.copied(generated, masks),
            "l1": float(np.abs(generated - truth).mean()),
        }


def _patches(images):
    """(N, H - 4, W - 4, 75) uint8 patches of images (N, H, W, 3) in [0, 1]."""
    eight_bits = np.rint(255 * np.clip(images, 0, 1)).astype("uint8")
    windows = sliding_window_view(eight_bits, (PATCH, PATCH), axis=(1, 2))
    return np.ascontiguousarray(windows).reshape(*windows.shape[:3], -1)
