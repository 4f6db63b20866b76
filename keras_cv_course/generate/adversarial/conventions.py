"""What the three papers' networks have in common: the range of an image, the first weights, the norm.

Radford et al., ICLR 2016, section 4; Isola et al., CVPR 2017, appendix; Zhu et al., ICCV 2017, appendix.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError


def mean_absolute(images, others):
    """Mean absolute difference of images in [0, 1], as the papers measure it: in the range [-1, 1]."""
    return 2.0 * ops.mean(ops.abs(ops.cast(images, "float32") - ops.cast(others, "float32")))


def to_signed(images):
    """Images in [0, 1] -> [-1, 1]."""
    return 2.0 * images - 1.0


def tanh_image(maps):
    """The papers' tanh, answered in [0, 1]."""
    return 0.5 * ops.tanh(maps) + 0.5


def initial(mean=0.0):
    """N(mean, 0.02), from which all three papers draw their first weights; scales of a norm around 1."""
    return keras.initializers.RandomNormal(mean, 0.02)


def batch_norm():
    """Batch normalisation with the published settings."""
    return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, gamma_initializer=initial(1.0))


def check_sizes(**sizes):
    """Raise InputError unless every number, or every number of a tuple, is 1 or more."""
    for name, size in sizes.items():
        numbers = size if isinstance(size, (tuple, list)) else (size,)
        if not numbers or min(numbers) < 1:
            raise InputError(f"{name} must be 1 or more, got {size}")
