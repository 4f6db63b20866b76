"""DCGAN: images from random numbers, by transposed convolutions alone.

Radford, Metz and Chintala, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
Networks", ICLR 2016, sections 3 and 4, figure 1. The paper draws 5x5 kernels; the authors' program for Torch and
most others have 4x4, which is the default here.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.generate.adversarial.adversarial_losses import (
    discriminator_loss,
    frozen,
    generator_loss,
)
from keras_cv_course.generate.adversarial.conventions import (
    batch_norm,
    check_sizes,
    normal_weights,
    tanh_image,
    to_signed,
)
from keras_cv_course.generate.adversarial.random_state import RandomState


def smallest_map(image_shape, filters):
    """(height, width) of the map that becomes the image when it is doubled once for every number in `filters`.

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
    """Noise -> a small map of many channels -> maps of twice its height and width each -> an image.

    The first layer takes noise for a map of 1x1 pixel and `latent` channels; a transposed convolution with a
    kernel as large as `smallest_map` makes the first map of it (the paper's "project and reshape"). Transposed
    convolutions of stride 2 and "same" padding follow: one for every number in `filters` after the first, and a
    last one for the image. Batch normalisation (`batch_norm()`), then ReLU, behind every layer but the last,
    which ends in tanh. No layer has a bias; kernels start as `normal_weights()`.

    Trainable parameters of the defaults: 3,576,704. Of the paper's figure 1, filters=(1024, 512, 256, 128) and
    kernel_size=5: 18,855,040; with 4x4 kernels 12,658,432.

    Args:
        image_shape: (height, width, channels), sides that are multiples of 2 ** len(filters).
        latent: random numbers an image is generated from.
        filters: channels of the maps, from the smallest map to the last before the image.
        kernel_size: side of the kernels of the layers with stride 2.

    Call:
        noise (N, latent) -> images (N, *image_shape) in [0, 1].

    Raises:
        InputError: a size below 1, or an image that cannot be halved len(filters) times.

    Example:
        >>> generator = DCGANGenerator((16, 16, 1), latent=32, filters=(64, 32))
        >>> tuple(generator(keras.random.uniform((5, 32), -1, 1)).shape)
        (5, 16, 16, 1)
    """

    def __init__(
        self, image_shape=(64, 64, 3), latent=100, filters=(512, 256, 128, 64), kernel_size=4, **kwargs
    ):
        super().__init__(**kwargs)
        self.image_shape, self.latent, self.filters = tuple(image_shape), latent, tuple(filters)
        self.kernel_size = kernel_size
        check_sizes(latent=latent, kernel_size=kernel_size)
        start = smallest_map(self.image_shape, self.filters)

        def conv(channels, size, strides=1, padding="valid", **named):
            named |= dict(use_bias=False, kernel_initializer=normal_weights())
            return keras.layers.Conv2DTranspose(channels, size, strides, padding, **named)

        self.project = conv(self.filters[0], start)
        self.upsampling = [conv(count, kernel_size, 2, "same") for count in self.filters[1:]]
        self.norms = [batch_norm() for _ in self.filters]
        self.relu = keras.layers.ReLU()
        self.to_image = conv(self.image_shape[-1], kernel_size, 2, "same", dtype="float32")

    def build(self, input_shape):
        if tuple(input_shape[1:]) != (self.latent,):
            raise InputError(f"noise must be (N, {self.latent}), got {tuple(input_shape)}")
        self.call(keras.KerasTensor((None, self.latent)))
        self.built = True

    def call(self, noise, training=False):
        maps = ops.reshape(noise, (-1, 1, 1, self.latent))
        for convolution, norm in zip([self.project, *self.upsampling], self.norms, strict=True):
            maps = self.relu(norm(convolution(maps), training=training))
        return tanh_image(self.to_image(maps))

    def get_config(self):
        names = ("image_shape", "latent", "filters", "kernel_size")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable("keras_cv_course")
class DCGANDiscriminator(keras.Model):
    """An image -> maps of half its height and width each -> one logit: the generator's mirror image.

    The image is brought to [-1, 1] first. Convolutions of stride 2 and "same" padding, one for every number in
    `filters`, each followed by leaky ReLU of slope 0.2, with batch normalisation (`batch_norm()`) before it except
    in the first. A last convolution with a kernel as large as `smallest_map` gives the logit. No layer has a bias;
    kernels start as `normal_weights()`; no pooling, no hidden dense layer, no sigmoid.

    Trainable parameters of the defaults: 2,765,568.

    Args:
        image_shape: (height, width, channels), sides that are multiples of 2 ** len(filters).
        filters: channels of the maps, from the largest map to the smallest.
        kernel_size: side of the kernels of the layers with stride 2.

    Call:
        images (N, *image_shape) in [0, 1] -> logits (N, 1) float32: above 0 for real.

    Raises:
        InputError: a size below 1, an image that cannot be halved len(filters) times; at `build`, images of
            another shape.

    Example:
        >>> discriminator = DCGANDiscriminator((16, 16, 1), filters=(32, 64))
        >>> tuple(discriminator(keras.random.uniform((5, 16, 16, 1))).shape)
        (5, 1)
    """

    def __init__(self, image_shape=(64, 64, 3), filters=(64, 128, 256, 512), kernel_size=4, **kwargs):
        super().__init__(**kwargs)
        self.image_shape, self.filters, self.kernel_size = tuple(image_shape), tuple(filters), kernel_size
        check_sizes(kernel_size=kernel_size)
        end = smallest_map(self.image_shape, self.filters)

        def conv(channels, size, strides=1, padding="valid", **named):
            named |= dict(use_bias=False, kernel_initializer=normal_weights())
            return keras.layers.Conv2D(channels, size, strides, padding, **named)

        self.downsampling = [conv(count, kernel_size, 2, "same") for count in self.filters]
        self.norms = [batch_norm() for _ in self.filters[1:]]
        self.leaky = keras.layers.LeakyReLU(0.2)
        self.to_logit = conv(1, end, dtype="float32")

    def build(self, input_shape):
        if tuple(input_shape[1:]) != self.image_shape:
            sides = ", ".join(map(str, self.image_shape))
            raise InputError(f"images must be (N, {sides}), got {tuple(input_shape)}")
        self.call(keras.KerasTensor((None, *self.image_shape)))
        self.built = True

    def call(self, images, training=False):
        maps = self.leaky(self.downsampling[0](to_signed(images)))
        for convolution, norm in zip(self.downsampling[1:], self.norms, strict=True):
            maps = self.leaky(norm(convolution(maps), training=training))
        return ops.reshape(self.to_logit(maps), (-1, 1))

    def get_config(self):
        names = ("image_shape", "filters", "kernel_size")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable("keras_cv_course")
class DCGAN(keras.Model):
    """Generator and discriminator in training: `fit(images)` draws the noise itself.

    Compile with the paper's Adam(2e-4, beta_1=0.5). `model.generator(noise)` makes images of
    `model.sample_noise(count)`, or of any other noise in (-1, 1).

    Both networks step at once, by gradients at the same weights; Goodfellow et al. 2014, algorithm 1, alternate.

    Args:
        image_shape: (height, width, channels), sides that are multiples of 2 ** len(filters).
        latent: random numbers an image is generated from, uniform in (-1, 1) as in the paper's figure 1.
        filters: channels of the generator's maps, from the smallest; the discriminator has them in the opposite
            order.
        kernel_size: side of the kernels of the layers with stride 2, in both networks.
        label_smoothing: the discriminator's target for real images is 1 - label_smoothing; 0 in the paper.

    Call:
        images (N, *image_shape) in [0, 1] -> the discriminator's logits (N, 1).

    Raises:
        InputError: an argument out of its range; at `build`, images of another shape.

    Example:
        >>> model = DCGAN.small((28, 28, 1))
        >>> model.compile(keras.optimizers.Adam(1e-3, beta_1=0.5))
        >>> history = model.fit(keras.random.uniform((64, 28, 28, 1)), verbose=0)
    """

    def __init__(
        self,
        image_shape=(64, 64, 3),
        latent=100,
        filters=(512, 256, 128, 64),
        kernel_size=4,
        label_smoothing=0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.image_shape, self.latent, self.filters = tuple(image_shape), latent, tuple(filters)
        self.kernel_size, self.label_smoothing = kernel_size, label_smoothing
        if not 0 <= label_smoothing < 0.5:
            raise InputError(f"label_smoothing must be from 0 to below 0.5, got {label_smoothing}")
        self.generator = DCGANGenerator(self.image_shape, latent, self.filters, kernel_size)
        self.discriminator = DCGANDiscriminator(self.image_shape, self.filters[::-1], kernel_size)
        self.random = RandomState()
        self.discriminator_mean = keras.metrics.Mean(name="discriminator_loss")
        self.generator_mean = keras.metrics.Mean(name="generator_loss")

    @classmethod
    def small(cls, image_shape=(28, 28, 1), **kwargs):
        """A small one for images whose sides are multiples of 4, such as 28x28 or 32x32."""
        return cls(**{"image_shape": image_shape, "latent": 32, "filters": (64, 32), **kwargs})

    def build(self, input_shape):
        self.generator.build((None, self.latent))
        self.discriminator.build(input_shape)
        self.built = True

    def sample_noise(self, count):
        """Noise for `count` images, (count, latent) uniform in (-1, 1); new noise at every call."""
        return self.random.uniform((count, self.latent))

    def call(self, images, training=False):
        return self.discriminator(images, training=training)

    def adversarial_losses(self, images, real, training=False):
        """The losses of both networks: (the discriminator's, the generator's).

        Both come from the same generated images, of noise that is drawn once by `sample_noise`, as many as there
        are real ones. The discriminator's loss gives the generator no gradient, and the generator's, which a
        `frozen` discriminator computes, gives the discriminator none. Real and generated images go through the
        discriminator in batches of their own: in one batch, batch normalisation would mix their statistics.

        Args:
            images: (N, *image_shape) real ones.
            real: (N, 1) the discriminator's logits for them.
            training: as in `call`.
        """
        generated = self.generator(self.sample_noise(ops.shape(images)[0]), training=training)
        fake = self.discriminator(ops.stop_gradient(generated), training=training)
        frozen_fake = frozen(self.discriminator, generated, training)
        discriminator = discriminator_loss(real, fake, label_smoothing=self.label_smoothing)
        return discriminator, generator_loss(frozen_fake)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        discriminator, generator = self.adversarial_losses(x, y_pred, training)
        self.discriminator_mean.update_state(discriminator)
        self.generator_mean.update_state(generator)
        return discriminator + generator

    def get_config(self):
        names = ("image_shape", "latent", "filters", "kernel_size", "label_smoothing")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
