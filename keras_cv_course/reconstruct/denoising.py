"""Denoising autoencoder.

Vincent, Larochelle, Bengio and Manzagol, "Extracting and Composing Robust Features
with Denoising Autoencoders", ICML 2008.
"""

import math

import keras
import numpy as np

from keras_cv_course.errors import InputError


def add_noise(images, noise, rng):
    """Corrupt images with Gaussian noise, then clip them back to [0, 1].

    Args:
        images: (N, H, W, C) float array in [0, 1].
        noise: standard deviation of the noise, in pixel units.
        rng: a `numpy.random.Generator`.

    Returns:
        The noisy images, same shape and dtype.

    Raises:
        InputError: the noise is negative.
    """
    if noise < 0:
        raise InputError(f"noise is a standard deviation, 0 or more, got {noise}")
    noisy = images + noise * rng.standard_normal(images.shape, dtype="float32")
    return np.clip(noisy, 0.0, 1.0).astype(images.dtype)


def drop_pixels(images, rate, rng):
    """Corrupt images by dropout: each pixel is set to 0 with probability `rate` (the paper, section 2.3).

    Args:
        images: (N, H, W, C) float array.
        rate: share of the pixels to lose, in [0, 1). A lost pixel loses all its channels.
        rng: a `numpy.random.Generator`.

    Returns:
        The images with holes, same shape and dtype.

    Raises:
        InputError: the rate is not in [0, 1).
    """
    if not 0 <= rate < 1:
        raise InputError(f"a dropout rate is a share from 0 to below 1, got {rate}")
    keep = rng.random(images.shape[:-1] + (1,)) >= rate
    return images * keep.astype(images.dtype)


CORRUPTIONS = {"gaussian": add_noise, "dropout": drop_pixels}


@keras.saving.register_keras_serializable("keras_cv_course")
class DenoisingAutoencoder(keras.Model):
    """Convolutional autoencoder that maps a corrupted image to the clean one.

    Two stride-2 convolutions shrink the image to 1/16 of its area; two transposed
    convolutions bring it back.

    Args:
        filters: channels of the two encoder stages; the decoder mirrors them.
        channels: channels of the image.
        brightness: mean pixel of the training images. The untrained network answers with about that: the last
            bias starts at its logit (as in Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017,
            section 3.3). Mostly dark images would else push the sigmoid flat to 0 in the first steps.

    Call:
        images (N, H, W, C) in [0, 1], H and W multiples of 4 -> same shape, in [0, 1].

    Raises:
        InputError: a number of filters or channels below 1, a brightness that is not between 0 and 1; at
            `build`, H or W no multiple of 4.
    """

    def __init__(self, filters=(16, 8), channels=1, brightness=0.5, **kwargs):
        super().__init__(**kwargs)
        if len(filters) != 2 or min(*filters, channels) < 1:
            raise InputError(
                f"filters must be two numbers of channels of 1 or more, got {tuple(filters)} "
                f"for {channels} channels"
            )
        self.filters = tuple(filters)
        if not 0 < brightness < 1:
            raise InputError(f"brightness is the mean of pixels in [0, 1], strictly inside, got {brightness}")
        self.channels = channels
        self.brightness = float(brightness)
        logit = math.log(self.brightness / (1 - self.brightness))
        wide, narrow = self.filters
        conv = dict(kernel_size=3, strides=2, padding="same", activation="relu")
        self.encoder = keras.Sequential(
            [keras.layers.Conv2D(wide, **conv), keras.layers.Conv2D(narrow, **conv)]
        )
        self.decoder = keras.Sequential(
            [
                keras.layers.Conv2DTranspose(narrow, **conv),
                keras.layers.Conv2DTranspose(wide, **conv),
                keras.layers.Conv2D(
                    channels,
                    kernel_size=3,
                    padding="same",
                    activation="sigmoid",
                    bias_initializer=keras.initializers.Constant(logit),
                    dtype="float32",
                ),
            ]
        )

    def build(self, input_shape):
        _, height, width, channels = input_shape
        if any(side is not None and side % 4 for side in (height, width)) or channels != self.channels:
            raise InputError(
                f"images must be (N, H, W, {self.channels}) with H and W multiples of 4, "
                f"got {tuple(input_shape)}; pad or resize them"
            )
        self.encoder.build(input_shape)
        self.decoder.build(self.encoder.compute_output_shape(input_shape))
        self.built = True

    def call(self, images, training=False):
        return self.decoder(self.encoder(images, training=training), training=training)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "channels": self.channels,
            "brightness": self.brightness,
        }
