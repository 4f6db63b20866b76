"""What the networks of DCGAN, pix2pix and CycleGAN share: the range of images, first weights, batch norm, L1.

Radford et al., ICLR 2016, section 4; Isola et al., CVPR 2017, appendix 6.2; Zhu et al., ICCV 2017, appendix 7.1.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError


def l1_distance(images, others):
    """Mean absolute difference of images in [0, 1], measured in the papers' range of [-1, 1]: a float32 scalar."""
    return 2.0 * ops.mean(ops.abs(ops.cast(images, "float32") - ops.cast(others, "float32")))


def to_signed(images):
    """Images in [0, 1] -> [-1, 1]."""
    return 2.0 * images - 1.0


def tanh_image(maps):
    """tanh of the last layer's maps, brought from [-1, 1] to [0, 1]."""
    return 0.5 * ops.tanh(maps) + 0.5


def normal_weights(mean=0.0):
    """The initialiser N(mean, 0.02) of all three papers: kernels around 0, scales of a norm around 1."""
    return keras.initializers.RandomNormal(mean, 0.02)


def batch_norm():
    """Batch normalisation as in the authors' programs: momentum 0.9, epsilon 1e-5, scales from N(1, 0.02)."""
    return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, gamma_initializer=normal_weights(1.0))


def check_sizes(**sizes):
    """Raise InputError unless every number, or every number of a tuple, is 1 or more."""
    for name, size in sizes.items():
        numbers = size if isinstance(size, (tuple, list)) else (size,)
        if not numbers or min(numbers) < 1:
            raise InputError(f"{name} must be 1 or more, got {size}")
