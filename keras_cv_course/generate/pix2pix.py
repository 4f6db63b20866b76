"""pix2pix: one picture into another, learned from pairs.

Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with Conditional Adversarial Networks",
CVPR 2017, section 3 and appendix.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.generate.adversarial.conventions import (
    batch_norm,
    check_sizes,
    initial,
    mean_absolute,
    tanh_image,
    to_signed,
)
from keras_cv_course.generate.adversarial.two_players import discriminator_loss, frozen, generator_loss
from keras_cv_course.generate.patch_discriminator import PatchDiscriminator


@keras.saving.register_keras_serializable("keras_cv_course")
class UNetGenerator(keras.Model):
    """Halve the image down to one pixel, double it up again, and bridge every floor.

    What input and output share, outlines above all, goes over the bridges. Behind every convolution is batch
    normalisation (not behind the first, the lowest and the last), leaky ReLU of 0.2 on the way down and ReLU
    on the way up. Trainable parameters of the defaults: 54,413,955.

    Args:
        channels: channels of the image that comes out.
        filters: channels of the floors, from the top to the bottom, each half as large as the one above.
        dropout: share of the outputs of the lowest `dropped` floors that training drops on the way up.
        dropped: number of those floors.

    Call:
        images (N, H, W, C) in [0, 1], H and W multiples of 2 ** len(filters) -> (N, H, W, channels) in
        [0, 1]. The paper makes its test images with the noise of dropout and the statistics of the batch:
        that is `training=True`.

    Raises:
        InputError: an argument out of its range; at `build`, a size that cannot be halved so often.
    """

    def __init__(
        self,
        channels=3,
        filters=(64, 128, 256, 512, 512, 512, 512, 512),
        dropout=0.5,
        dropped=3,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.channels, self.filters = channels, tuple(filters)
        self.dropout, self.dropped = dropout, dropped
        check_sizes(channels=channels, filters=self.filters)
        if len(self.filters) < 3 or not 0 <= dropout < 1 or not 0 <= dropped < len(self.filters):
            raise InputError(
                "a U-Net generator takes three filters or more, dropout from 0 to below 1, and fewer dropped "
                f"floors than filters; got {self.filters}, {dropout} and {dropped}"
            )
        layers, upper = keras.layers, self.filters[-2::-1]  # from the floor above the lowest to the top
        self.down = [
            layers.Conv2D(count, 4, 2, "same", use_bias=False, kernel_initializer=initial())
            for count in self.filters
        ]
        self.up = [
            layers.Conv2DTranspose(count, 4, 2, "same", use_bias=False, kernel_initializer=initial())
            for count in upper
        ]
        self.down_norms = [batch_norm() for _ in self.filters[1:-1]]
        self.up_norms = [batch_norm() for _ in upper]
        self.drops = [layers.Dropout(dropout) for _ in range(dropped)]
        self.leaky, self.relu, self.join = layers.LeakyReLU(0.2), layers.ReLU(), layers.Concatenate()
        last = dict(kernel_initializer=initial(), dtype="float32")
        self.paint = layers.Conv2DTranspose(channels, 4, 2, "same", **last)

    def build(self, input_shape):
        factor = 2 ** len(self.filters)
        if any(side is not None and side % factor for side in input_shape[1:3]):
            raise InputError(
                f"a U-Net generator of {len(self.filters)} filters takes images whose sides are multiples of "
                f"{factor}, got {tuple(input_shape)}: resize them or give fewer filters"
            )
        sides = [factor if side is None else side for side in input_shape[1:3]]
        self.call(keras.KerasTensor((None, *sides, input_shape[-1])))
        self.built = True

    def call(self, images, training=False):
        maps, floors = to_signed(images), []
        for number, convolution in enumerate(self.down):
            maps = convolution(maps)
            if 0 < number < len(self.down) - 1:
                maps = self.down_norms[number - 1](maps, training=training)
            maps = self.leaky(maps)
            floors.append(maps)
        bridges = floors[-2::-1]
        for number, (convolution, norm, bridge) in enumerate(zip(self.up, self.up_norms, bridges)):
            maps = norm(convolution(maps), training=training)
            if number < self.dropped:
                maps = self.drops[number](maps, training=training)
            maps = self.join([bridge, self.relu(maps)])
        return tanh_image(self.paint(maps))

    def get_config(self):
        names = ("channels", "filters", "dropout", "dropped")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable("keras_cv_course")
class Pix2Pix(keras.Model):
    """Generator and PatchGAN in training on pairs: `fit(images, targets)`.

    The discriminator sees input and output together, so that the output has to belong to the input and not
    only look real. Compile with the paper's Adam(2e-4, beta_1=0.5).

    Args:
        channels: channels of the targets.
        filters: channels of the generator's floors.
        patch_filters: channels of the PatchGAN, see `PatchDiscriminator`.
        dropout: share that the generator drops in training.
        dropped: on how many of its lowest floors.
        distance: lambda, weight of the L1 distance to the target.
        adversary: weight of the generator's adversarial loss; 0 leaves L1 alone.

    Call:
        images (N, H, W, C) in [0, 1], H and W multiples of 2 ** len(filters) -> (N, H, W, channels) in
        [0, 1].

    Raises:
        InputError: an argument out of its range; at `build`, a size that does not fit.
    """

    def __init__(
        self,
        channels=3,
        filters=(64, 128, 256, 512, 512, 512, 512, 512),
        patch_filters=(64, 128, 256, 512),
        dropout=0.5,
        dropped=3,
        distance=100.0,
        adversary=1.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.channels, self.filters, self.patch_filters = channels, tuple(filters), tuple(patch_filters)
        self.dropout, self.dropped = dropout, dropped
        self.distance, self.adversary = distance, adversary
        if min(distance, adversary) < 0:
            raise InputError(f"distance and adversary must be 0 or more, got {distance} and {adversary}")
        self.generator = UNetGenerator(channels, self.filters, dropout, dropped)
        self.discriminator = PatchDiscriminator(self.patch_filters, norm="batch")
        self.join = keras.layers.Concatenate()
        self.discriminator_mean = keras.metrics.Mean(name="discriminator_loss")
        self.generator_mean = keras.metrics.Mean(name="generator_loss")
        self.distance_mean = keras.metrics.Mean(name="l1")

    @classmethod
    def small(cls, channels=3, **kwargs):
        """A small one for 32x32 images, each patch of 34x34 judged."""
        sizes = dict(filters=(24, 48, 64, 64), patch_filters=(24, 48, 64), dropped=1)
        return cls(**{**sizes, "channels": channels, **kwargs})

    def build(self, input_shape):
        self.generator.build(input_shape)
        self.discriminator.build((*input_shape[:-1], input_shape[-1] + self.channels))
        self.built = True

    def call(self, images, training=False):
        return self.generator(images, training=training)

    def player_losses(self, images, targets, made, training=False):
        """The loss of each player and what the generator's L1 is: (discriminator's, generator's, L1).

        Args:
            images: (N, H, W, C).
            targets: (N, H, W, channels), their true partners.
            made: (N, H, W, channels), the generator's answers.
            training: as in `call`.
        """
        real = self.discriminator(self.join([images, targets]), training=training)
        fake = self.discriminator(self.join([images, ops.stop_gradient(made)]), training=training)
        fooled = frozen(self.discriminator, self.join([images, made]), training)
        distance = mean_absolute(targets, made)
        # The paper halves the discriminator's loss to slow it down. Adam's steps do not depend on a factor.
        discriminator = discriminator_loss(real, fake) / 2
        return discriminator, self.adversary * generator_loss(fooled) + self.distance * distance, distance

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        discriminator, generator, distance = self.player_losses(x, y, y_pred, training)
        self.discriminator_mean.update_state(discriminator)
        self.generator_mean.update_state(generator)
        self.distance_mean.update_state(distance)
        return discriminator + generator

    def get_config(self):
        names = ("channels", "filters", "patch_filters", "dropout", "dropped", "distance", "adversary")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
