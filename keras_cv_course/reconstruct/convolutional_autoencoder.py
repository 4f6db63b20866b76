"""Convolutional autoencoder: a bottleneck between convolutions, whose weights all places share.

J. Masci, U. Meier, D. Ciresan, J. Schmidhuber, "Stacked Convolutional Auto-Encoders for Hierarchical Feature
Extraction", ICANN 2011.
"""

import math

import keras

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class ConvolutionalAutoencoder(keras.Model):
    """Autoencoder of strided convolutions around a dense, linear code; the decoder mirrors the encoder.

    Each stage, a 3x3 convolution of stride 2 with "same" padding, halves height and width, rounded up. The
    decoder's first layer, from the code to the smallest feature map, is dense with the activation; 3x3
    transposed convolutions of stride 2 double the sides again, the last one has a sigmoid, and what exceeds
    the image's size is cropped below and on the right. Strided convolutions take the place of the paper's
    max-pooling.

    Args:
        image_shape: (height, width, channels) of one image.
        latent: size of the code.
        filters: channels of the encoder's stages, from the image to the code.
        activation: activation of every layer but the code and the pixels.

    Call:
        images (N, height, width, channels) in [0, 1] -> same shape, in [0, 1].

    Raises:
        InputError: an image_shape that is not three numbers of 1 or more, latent or filters below 1, no
            filters; at `build`, images of another shape.

    Example:
        model = ConvolutionalAutoencoder(image_shape=(8, 8, 1), latent=4, filters=(8,))
        model.encode(np.zeros((2, 8, 8, 1), "float32")).shape  # (2, 4)
        model(np.zeros((2, 8, 8, 1), "float32")).shape  # (2, 8, 8, 1)
    """

    def __init__(self, image_shape=(28, 28, 1), latent=64, filters=(32, 64), activation="relu", **kwargs):
        super().__init__(**kwargs)
        self.image_shape = tuple(image_shape)
        self.latent = latent
        self.filters = tuple(filters)
        self.activation = activation
        if len(self.image_shape) != 3 or min(self.image_shape) < 1:
            raise InputError(
                f"image_shape must be (height, width, channels), all at least 1; received {image_shape}"
            )
        if latent < 1 or not self.filters or min(self.filters) < 1:
            raise InputError(
                f"latent and filters must be at least 1; received latent={latent}, filters={self.filters}"
            )

        height, width, channels = self.image_shape
        shrink = 2 ** len(self.filters)
        smallest = (math.ceil(height / shrink), math.ceil(width / shrink), self.filters[-1])
        padded = (smallest[0] * shrink, smallest[1] * shrink)
        conv = dict(kernel_size=3, strides=2, padding="same")
        self.encoder = keras.Sequential(
            [
                keras.Input(self.image_shape),
                *(keras.layers.Conv2D(count, activation=activation, **conv) for count in self.filters),
                keras.layers.Flatten(),
                keras.layers.Dense(latent),
            ],
            name="encoder",
        )
        self.decoder = keras.Sequential(
            [
                keras.Input((latent,)),
                keras.layers.Dense(math.prod(smallest), activation),
                keras.layers.Reshape(smallest),
                *(
                    keras.layers.Conv2DTranspose(count, activation=activation, **conv)
                    for count in reversed(self.filters[:-1])
                ),
                keras.layers.Conv2DTranspose(channels, activation="sigmoid", dtype="float32", **conv),
                keras.layers.Cropping2D(((0, padded[0] - height), (0, padded[1] - width)), dtype="float32"),
            ],
            name="decoder",
        )

    def build(self, input_shape):
        if tuple(input_shape[1:]) != self.image_shape:
            raise InputError(
                f"expected images (N, {', '.join(map(str, self.image_shape))}), received {tuple(input_shape)}: "
                f"construct the model with image_shape={tuple(input_shape[1:])}"
            )
        # Their inputs are known, so encoder and decoder are built already.
        self.built = True

    def encode(self, images):
        """Images (N, height, width, channels) -> codes (N, latent)."""
        return self.encoder(images)

    def decode(self, codes):
        """Codes (N, latent) -> images (N, height, width, channels)."""
        return self.decoder(codes)

    def call(self, images):
        return self.decode(self.encode(images))

    def get_config(self):
        return {
            **super().get_config(),
            "image_shape": self.image_shape,
            "latent": self.latent,
            "filters": self.filters,
            "activation": self.activation,
        }
