"""DCGAN: from 100 random numbers to a picture, by convolutions alone.

Radford, Metz and Chintala, "Unsupervised Representation Learning with Deep Convolutional Generative
Adversarial Networks", ICLR 2016, section 3 and figure 1.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.generate.adversarial.conventions import (
    batch_norm,
    check_sizes,
    initial,
    tanh_image,
    to_signed,
)
from keras_cv_course.generate.adversarial.random_state import RandomState
from keras_cv_course.generate.adversarial.two_players import discriminator_loss, frozen, generator_loss


def smallest_map(image_shape, filters):
    """(height, width) of a map that is doubled once for every number in `filters` to reach the image.

    Raises:
        InputError: the image cannot be halved that often.
    """
    check_sizes(image_shape=image_shape, filters=filters)
    factor = 2 ** len(filters)
    if len(image_shape) != 3 or image_shape[0] % factor or image_shape[1] % factor:
        raise InputError(
            f"image_shape must be (height, width, channels) with sides that are multiples of {factor} for "
            f"{len(filters)} filters, got {tuple(image_shape)}: resize the images or give fewer filters"
        )
    return image_shape[0] // factor, image_shape[1] // factor


@keras.saving.register_keras_serializable("keras_cv_course")
class DCGANGenerator(keras.Model):
    """Noise -> a small map of many channels -> maps twice as large each -> an image.

    Batch normalisation and ReLU behind every layer but the last, which ends in tanh. Trainable
    parameters of the defaults: 3,576,704; of the paper's figure 1, filters=(1024, 512, 256, 128):
    12,658,432.

    Args:
        image_shape: (height, width, channels), sides that are multiples of 2 ** len(filters).
        latent: random numbers that an image is made of.
        filters: channels of the maps, from the smallest map to the last before the image.

    Call:
        noise (N, latent) -> images (N, *image_shape) in [0, 1].

    Raises:
        InputError: a size below 1, or an image that cannot be halved len(filters) times.
    """

    def __init__(self, image_shape=(64, 64, 3), latent=100, filters=(512, 256, 128, 64), **kwargs):
        super().__init__(**kwargs)
        self.image_shape, self.latent, self.filters = tuple(image_shape), latent, tuple(filters)
        check_sizes(latent=latent)
        start = smallest_map(self.image_shape, self.filters)
        conv, plain = keras.layers.Conv2DTranspose, dict(use_bias=False)
        # On one pixel, a transposed convolution as large as the map is the paper's "project and reshape".
        self.project = conv(self.filters[0], start, kernel_initializer=initial(), **plain)
        self.doubled = [
            conv(count, 4, 2, "same", kernel_initializer=initial(), **plain) for count in self.filters[1:]
        ]
        self.norms = [batch_norm() for _ in self.filters]
        self.relu = keras.layers.ReLU()
        plain |= dict(kernel_initializer=initial(), dtype="float32")
        self.paint = conv(self.image_shape[-1], 4, 2, "same", **plain)

    def build(self, input_shape):
        if tuple(input_shape[1:]) != (self.latent,):
            raise InputError(f"noise must be (N, {self.latent}), got {tuple(input_shape)}")
        self.call(keras.KerasTensor((None, self.latent)))
        self.built = True

    def call(self, noise, training=False):
        maps = ops.reshape(noise, (-1, 1, 1, self.latent))
        for convolution, norm in zip([self.project, *self.doubled], self.norms, strict=True):
            maps = self.relu(norm(convolution(maps), training=training))
        return tanh_image(self.paint(maps))

    def get_config(self):
        own = dict(image_shape=self.image_shape, latent=self.latent, filters=self.filters)
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("keras_cv_course")
class DCGANDiscriminator(keras.Model):
    """An image -> maps half as large each -> one logit: the generator's mirror image.

    No pooling, no hidden dense layer; leaky ReLU of 0.2 behind every layer but the last, batch
    normalisation before it except in the first. Trainable parameters of the defaults: 2,765,568.

    Args:
        image_shape: (height, width, channels), sides that are multiples of 2 ** len(filters).
        filters: channels of the maps, from the largest map to the smallest.

    Call:
        images (N, *image_shape) in [0, 1] -> logits (N, 1) float32: above 0 for real.

    Raises:
        InputError: a size below 1, an image that cannot be halved len(filters) times; at `build`, images
            of another shape.
    """

    def __init__(self, image_shape=(64, 64, 3), filters=(64, 128, 256, 512), **kwargs):
        super().__init__(**kwargs)
        self.image_shape = tuple(image_shape)
        self.filters = tuple(filters)
        end = smallest_map(self.image_shape, self.filters)
        layers = keras.layers
        self.halved = [
            layers.Conv2D(count, 4, 2, "same", use_bias=False, kernel_initializer=initial())
            for count in self.filters
        ]
        self.norms = [batch_norm() for _ in self.filters[1:]]
        self.leaky = layers.LeakyReLU(0.2)
        last = dict(use_bias=False, kernel_initializer=initial(), dtype="float32")
        self.answer = layers.Conv2D(1, end, **last)

    def build(self, input_shape):
        if tuple(input_shape[1:]) != self.image_shape:
            sides = ", ".join(map(str, self.image_shape))
            raise InputError(f"images must be (N, {sides}), got {tuple(input_shape)}")
        self.call(keras.KerasTensor((None, *self.image_shape)))
        self.built = True

    def call(self, images, training=False):
        maps = self.leaky(self.halved[0](to_signed(images)))
        for convolution, norm in zip(self.halved[1:], self.norms, strict=True):
            maps = self.leaky(norm(convolution(maps), training=training))
        return ops.reshape(self.answer(maps), (-1, 1))

    def get_config(self):
        return {**super().get_config(), "image_shape": self.image_shape, "filters": self.filters}


@keras.saving.register_keras_serializable("keras_cv_course")
class DCGAN(keras.Model):
    """Both networks in training: `fit(images)` draws the noise itself.

    Compile with the paper's Adam(2e-4, beta_1=0.5). `model.generator(noise)` makes images of
    `model.draw(count)`, or of any other noise in (-1, 1).

    Args:
        image_shape: (height, width, channels), sides that are multiples of 2 ** len(filters).
        latent: random numbers that an image is made of, uniform in (-1, 1) as in the paper's figure 1.
        filters: channels of the generator's maps, from the smallest; the discriminator has them in the
            opposite order.
        smooth: the discriminator is to call real images 1 - smooth; not in the paper.

    Call:
        images (N, *image_shape) in [0, 1] -> the discriminator's logits (N, 1).

    Raises:
        InputError: an argument out of its range; at `build`, images of another shape.
    """

    def __init__(
        self, image_shape=(64, 64, 3), latent=100, filters=(512, 256, 128, 64), smooth=0.0, **kwargs
    ):
        super().__init__(**kwargs)
        self.image_shape, self.filters = tuple(image_shape), tuple(filters)
        self.latent, self.smooth = latent, smooth
        if not 0 <= smooth < 0.5:
            raise InputError(f"smooth must be from 0 to below 0.5, got {smooth}")
        self.generator = DCGANGenerator(self.image_shape, latent, self.filters)
        self.discriminator = DCGANDiscriminator(self.image_shape, self.filters[::-1])
        self.chance = RandomState()
        self.discriminator_mean = keras.metrics.Mean(name="discriminator_loss")
        self.generator_mean = keras.metrics.Mean(name="generator_loss")

    @classmethod
    def small(cls, image_shape=(28, 28, 1), **kwargs):
        """A small one for 28x28 or 32x32 images."""
        return cls(**{"image_shape": image_shape, "latent": 32, "filters": (64, 32), **kwargs})

    def build(self, input_shape):
        self.generator.build((None, self.latent))
        self.discriminator.build(input_shape)
        self.built = True

    def draw(self, count):
        """Noise for `count` images, (count, latent) in (-1, 1); other noise at every call."""
        return self.chance.uniform((count, self.latent))

    def call(self, images, training=False):
        return self.discriminator(images, training=training)

    def player_losses(self, images, real, training=False):
        """The loss of each player: (the discriminator's, the generator's).

        Both judge the same made images, of noise that is drawn once, as many as there are real ones. The
        discriminator's loss gives the generator no gradient, and the generator's the discriminator none.
        Real and made images go through the discriminator one batch after the other: in one batch, its
        batch normalisation would show each what the other is like.

        Args:
            images: (N, *image_shape) real ones.
            real: (N, 1) the discriminator's logits for them.
            training: as in `call`.
        """
        made = self.generator(self.draw(ops.shape(images)[0]), training=training)
        fake = self.discriminator(ops.stop_gradient(made), training=training)
        fooled = frozen(self.discriminator, made, training)
        return discriminator_loss(real, fake, smooth=self.smooth), generator_loss(fooled)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        discriminator, generator = self.player_losses(x, y_pred, training)
        self.discriminator_mean.update_state(discriminator)
        self.generator_mean.update_state(generator)
        return discriminator + generator

    def get_config(self):
        names = ("image_shape", "latent", "filters", "smooth")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
