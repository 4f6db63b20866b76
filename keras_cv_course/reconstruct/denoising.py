"""Denoising autoencoder: two ways to corrupt images, and a network that restores them.

P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol, "Extracting and Composing Robust Features with Denoising
Autoencoders", ICML 2008.
"""

import math

import keras
import numpy as np

from keras_cv_course.errors import InputError


def add_noise(images, noise, rng):
    """Corrupt images with Gaussian noise, then clip them back to [0, 1].

    Args:
        images: (N, H, W, C) float array in [0, 1].
        noise: standard deviation of the noise; pixels are in [0, 1].
        rng: a `numpy.random.Generator`.

    Returns:
        The noisy images, same shape and dtype; `images` are left as they are.

    Raises:
        InputError: the noise is negative, infinite or NaN.
    """
    if not 0 <= noise < math.inf:
        raise InputError(f"noise is a standard deviation, a number of 0 or more, received {noise}")
    noisy = images + noise * rng.standard_normal(images.shape, dtype="float32")
    return np.clip(noisy, 0.0, 1.0).astype(images.dtype)


def drop_pixels(images, rate, rng):
    """Corrupt images by dropout: each pixel is set to 0 with probability `rate` (the paper, section 2.3).

    Args:
        images: (N, H, W, C) float array.
        rate: share of the pixels to set to 0, in [0, 1). A lost pixel loses all its channels.
        rng: a `numpy.random.Generator`.

    Returns:
        The corrupted images, same shape and dtype; kept pixels are not rescaled, `images` are left as they
        are.

    Raises:
        InputError: the rate is not in [0, 1), or NaN.
    """
    if not 0 <= rate < 1:
        raise InputError(f"a dropout rate is a share from 0 to below 1, received {rate}")
    keep = rng.random(images.shape[:-1] + (1,)) >= rate
    return images * keep.astype(images.dtype)


CORRUPTIONS = {"gaussian": add_noise, "dropout": drop_pixels}


@keras.saving.register_keras_serializable("keras_cv_course")
class DenoisingAutoencoder(keras.Model):
    """Convolutional autoencoder that maps a corrupted image to the clean one.

    Two 3x3 convolutions of stride 2 reduce height and width to a quarter, two transposed ones bring them back,
    all four with ReLU; a last 3x3 convolution with a sigmoid makes the pixels. Padding is "same" throughout.

    Args:
        filters: channels of the two encoder stages; the decoder mirrors them.
        channels: channels of the images.
        brightness: mean pixel of the training images, above 0 and below 1. The last bias starts at its logit,
            log(b / (1 - b)), so that the untrained network outputs about that (as in T.-Y. Lin et al., "Focal
            Loss for Dense Object Detection", ICCV 2017, section 3.3). On mostly dark images the sigmoid would
            saturate at 0 in the first steps otherwise.

    Call:
        images (N, H, W, C) in [0, 1], H and W multiples of 4 -> same shape, in [0, 1]. `build` also takes a
        shape whose H or W is None, for images of any size.

    Raises:
        InputError: not two numbers of filters, filters or channels below 1, a brightness out of range; at
            `build`, an H or W that is known and no multiple of 4, or another number of channels.

    Example:
        model = DenoisingAutoencoder(filters=(8, 4), channels=3)
        model.build((None, None, None, 3))
        model(np.zeros((2, 8, 12, 3), "float32")).shape  # (2, 8, 12, 3)
    """

    def __init__(self, filters=(16, 8), channels=1, brightness=0.5, **kwargs):
        super().__init__(**kwargs)
        if len(filters) != 2 or min(*filters, channels) < 1:
            raise InputError(
                f"filters must be two numbers of channels of 1 or more, received {tuple(filters)} "
                f"for {channels} channels"
            )
        self.filters = tuple(filters)
        if not 0 < brightness < 1:
            raise InputError(
                f"brightness is the mean of pixels in [0, 1], strictly inside, received {brightness}"
            )
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
                f"received {tuple(input_shape)}; pad or resize them"
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
