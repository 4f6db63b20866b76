"""Our convolutions beside Keras' own on random images: the largest difference."""

import keras
import numpy as np

from keras_cv_course.classify.feature_maps import conv2d, convolution_parameters, feature_map_size
from keras_cv_course.layers.deformable_convolution import DeformableConv2D


def differences_from_keras(configurations, rng):
    """`conv2d` and the formulas for sizes and parameters, compared with `keras.layers.Conv2D`.

    Args:
        configurations: how many random sizes, kernels, strides and paddings are compared.
        rng: a `numpy.random.Generator`.

    Returns:
        (largest absolute difference of the feature maps, number of sizes and parameter counts that differ).
    """
    differences, mismatches = [], 0
    for _ in range(configurations):
        kernel, stride = int(rng.integers(1, 6)), int(rng.integers(1, 4))
        channels, count = (int(number) for number in rng.integers(1, 5, 2))
        padding = str(rng.choice(["valid", "same"]))
        height, width = (int(side) for side in rng.integers(kernel, 13, 2))
        images = rng.standard_normal((2, height, width, channels)).astype("float32")
        layer = keras.layers.Conv2D(count, kernel, stride, padding, bias_initializer="normal")
        theirs = keras.ops.convert_to_numpy(layer(images))
        differences.append(np.abs(conv2d(images, *layer.get_weights(), stride, padding) - theirs).max())
        mismatches += theirs.shape[1] != feature_map_size(height, kernel, stride, padding)
        mismatches += layer.count_params() != convolution_parameters(kernel, channels, count)
    return max(differences), mismatches


def difference_without_offsets(rng):
    """An untrained `DeformableConv2D` compared with `keras.layers.Conv2D` of the same kernel.

    Args:
        rng: a `numpy.random.Generator`.

    Returns:
        The largest absolute difference of the feature maps over three paddings and strides.
    """
    images, differences = rng.standard_normal((4, 9, 9, 3)).astype("float32"), []
    for options in (dict(padding="same"), dict(padding="valid"), dict(padding="same", strides=2)):
        ours, theirs = DeformableConv2D(8, 3, **options), keras.layers.Conv2D(8, 3, **options)
        output = keras.ops.convert_to_numpy(ours(images))
        theirs.build(images.shape)
        theirs.set_weights([ours.kernel, ours.bias])
        differences.append(np.abs(output - keras.ops.convert_to_numpy(theirs(images))).max())
    return max(differences)
