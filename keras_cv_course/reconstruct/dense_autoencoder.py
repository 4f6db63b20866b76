"""Dense autoencoder: fully connected layers from an image to a short code, and back.

G. Hinton, R. Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks", Science 313, 2006.
"""

import math

import keras

from keras_cv_course.errors import InputError


@keras.saving.register_keras_serializable("keras_cv_course")
class DenseAutoencoder(keras.Model):
    """Autoencoder of fully connected layers; the decoder mirrors the encoder.

    Without hidden layers and activations it is linear, and the best that it can reach is the subspace of
    principal component analysis (P. Baldi, K. Hornik, "Neural Networks and Principal Component Analysis",
    Neural Networks 2(1), 1989). What it gains beyond PCA comes from hidden layers around a linear code, as in
    the paper. The default sizes are those of the first model in TensorFlow's tutorial "Intro to Autoencoders",
    784-64-784, whose `code_activation` is "relu".

    Args:
        image_shape: (height, width, channels) of one image.
        latent: size of the code.
        hidden: units of the encoder's hidden layers, from the image to the code.
        activation: activation of the hidden layers.
        code_activation: activation of the code; None leaves it linear.
        output_activation: activation of the pixels; "sigmoid" keeps them in [0, 1].

    Call:
        images (N, height, width, channels) in [0, 1] -> same shape, in [0, 1] with a sigmoid.

    Raises:
        InputError: an image_shape that is not three numbers of 1 or more, latent or units below 1; at `build`,
            images of another shape.

    Example:
        model = DenseAutoencoder(image_shape=(8, 8, 1), latent=4, hidden=(32,))
        model.encode(np.zeros((2, 8, 8, 1), "float32")).shape  # (2, 4)
        model(np.zeros((2, 8, 8, 1), "float32")).shape  # (2, 8, 8, 1)
    """

    def __init__(
        self,
        image_shape=(28, 28, 1),
        latent=64,
        hidden=(),
        activation="relu",
        code_activation=None,
        output_activation="sigmoid",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.image_shape = tuple(image_shape)
        self.latent = latent
        self.hidden = tuple(hidden)
        self.activation = activation
        self.code_activation = code_activation
        self.output_activation = output_activation
        if len(self.image_shape) != 3 or min(self.image_shape) < 1:
            raise InputError(
                f"image_shape must be (height, width, channels), all at least 1; received {image_shape}"
            )
        if latent < 1 or any(units < 1 for units in self.hidden):
            raise InputError(
                f"latent and hidden must be at least 1; received latent={latent}, hidden={self.hidden}"
            )

        dense = keras.layers.Dense
        self.encoder = keras.Sequential(
            [
                keras.Input(self.image_shape),
                keras.layers.Flatten(),
                *(dense(units, activation) for units in self.hidden),
                dense(latent, code_activation),
            ],
            name="encoder",
        )
        self.decoder = keras.Sequential(
            [
                keras.Input((latent,)),
                *(dense(units, activation) for units in reversed(self.hidden)),
                dense(math.prod(self.image_shape), output_activation),
                keras.layers.Reshape(self.image_shape, dtype="float32"),
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
            "hidden": self.hidden,
            "activation": self.activation,
            "code_activation": self.code_activation,
            "output_activation": self.output_activation,
        }
