"""pix2pix: an image from another one, such as a photograph from a label map, learned from pairs.

Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with Conditional Adversarial Networks", CVPR 2017, section 3
and appendix 6.
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
    l1_distance,
    normal_weights,
    tanh_image,
    to_signed,
)
from keras_cv_course.generate.patch_discriminator import PatchDiscriminator


@keras.saving.register_keras_serializable("keras_cv_course")
class UNetGenerator(keras.Model):
    """An encoder that halves the image at every level, a decoder that doubles it, and skip connections between them.

    The image is brought to [-1, 1] first. Encoder: 4x4 convolutions of stride 2, each followed by leaky ReLU of
    slope 0.2, with batch normalisation before it except in the first and in the lowest. Decoder: 4x4 transposed
    convolutions of stride 2, batch normalisation, dropout on the lowest `dropout_levels` levels, ReLU; then the
    encoder's map of the same size, as it left its leaky ReLU, is concatenated: the encoder's channels first. A last
    transposed convolution and tanh make the image.

    Where this differs from the paper: the appendix normalises the lowest level too, which at a batch of one sets
    it to 0; the authors' programs and this one leave that norm out (their erratum in the appendix). Those programs
    also apply ReLU to the concatenated maps, encoder's part included, and to the lowest map in place of leaky ReLU.

    Trainable parameters of the defaults: 54,413,955.

    Args:
        channels: channels of the generated image.
        filters: channels of the encoder's levels, from the largest map to the smallest.
        dropout: rate of the dropout on the decoder's lowest `dropout_levels` levels.
        dropout_levels: number of those levels.

    Call:
        images (N, H, W, C) in [0, 1], H and W multiples of 2 ** len(filters) -> (N, H, W, channels) in [0, 1].
        The paper generates test images with dropout and with the batch's statistics (section 3.3): that is
        `training=True`.

    Raises:
        InputError: an argument out of its range; at `build`, a size that cannot be halved so often.

    Example:
        >>> generator = UNetGenerator(3, filters=(24, 48, 64), dropout_levels=1)
        >>> tuple(generator(keras.ops.zeros((2, 32, 48, 3))).shape)
        (2, 32, 48, 3)
    """

    def __init__(
        self,
        channels=3,
        filters=(64, 128, 256, 512, 512, 512, 512, 512),
        dropout=0.5,
        dropout_levels=3,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.channels, self.filters = channels, tuple(filters)
        self.dropout, self.dropout_levels = dropout, dropout_levels
        check_sizes(channels=channels, filters=self.filters)
        if len(self.filters) < 3 or not 0 <= dropout < 1 or not 0 <= dropout_levels < len(self.filters):
            raise InputError(
                "a U-Net generator takes three filters or more, dropout from 0 to below 1, and fewer dropout_levels "
                f"than filters; got {self.filters}, {dropout} and {dropout_levels}"
            )
        layers, upper = keras.layers, self.filters[-2::-1]  # from the level above the lowest to the top
        conv = dict(kernel_size=4, strides=2, padding="same", use_bias=False)

        def weights():
            return dict(kernel_initializer=normal_weights())

        self.down = [layers.Conv2D(count, **conv, **weights()) for count in self.filters]
        self.up = [layers.Conv2DTranspose(count, **conv, **weights()) for count in upper]
        self.down_norms = [batch_norm() for _ in self.filters[1:-1]]
        self.up_norms = [batch_norm() for _ in upper]
        self.drops = [layers.Dropout(dropout) for _ in range(dropout_levels)]
        self.leaky, self.relu, self.concatenate = (
            layers.LeakyReLU(0.2),
            layers.ReLU(),
            layers.Concatenate(),
        )
        self.to_image = layers.Conv2DTranspose(channels, 4, 2, "same", dtype="float32", **weights())

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
        maps, levels = to_signed(images), []
        for level, convolution in enumerate(self.down):
            maps = convolution(maps)
            if 0 < level < len(self.down) - 1:
                maps = self.down_norms[level - 1](maps, training=training)
            maps = self.leaky(maps)
            levels.append(maps)
        skips = levels[-2::-1]
        for step, (convolution, norm, skip) in enumerate(zip(self.up, self.up_norms, skips)):
            maps = norm(convolution(maps), training=training)
            if step < self.dropout_levels:
                maps = self.drops[step](maps, training=training)
            maps = self.concatenate([skip, self.relu(maps)])
        return tanh_image(self.to_image(maps))

    def get_config(self):
        names = ("channels", "filters", "dropout", "dropout_levels")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable("keras_cv_course")
class Pix2Pix(keras.Model):
    """Generator and PatchGAN in training on pairs: `fit(images, targets)`.

    The discriminator sees input and output together, so that the output has to fit the input and not only look
    real. Compile with the paper's Adam(2e-4, beta_1=0.5). Both networks step at once, by gradients at the same
    weights; the paper alternates (section 3.3).

    Args:
        channels: channels of the targets.
        filters: channels of the generator's levels, see `UNetGenerator`.
        patch_filters: channels of the PatchGAN, see `PatchDiscriminator`.
        dropout: rate of the generator's dropout.
        dropout_levels: on how many of its decoder's lowest levels.
        l1_weight: lambda, weight of the L1 distance to the target.
        adversarial_weight: weight of the generator's adversarial loss; 0 leaves L1 alone.

    Call:
        images (N, H, W, C) in [0, 1], H and W multiples of 2 ** len(filters) -> (N, H, W, channels) in [0, 1].

    Raises:
        InputError: an argument out of its range; at `build`, a size that does not fit.

    Example:
        >>> model = Pix2Pix.small(channels=3)
        >>> model.build((None, 32, 32, 1))
        >>> tuple(model(keras.ops.zeros((2, 32, 32, 1))).shape)
        (2, 32, 32, 3)
    """

    def __init__(
        self,
        channels=3,
        filters=(64, 128, 256, 512, 512, 512, 512, 512),
        patch_filters=(64, 128, 256, 512),
        dropout=0.5,
        dropout_levels=3,
        l1_weight=100.0,
        adversarial_weight=1.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.channels, self.filters, self.patch_filters = channels, tuple(filters), tuple(patch_filters)
        self.dropout, self.dropout_levels = dropout, dropout_levels
        self.l1_weight, self.adversarial_weight = l1_weight, adversarial_weight
        if min(l1_weight, adversarial_weight) < 0:
            raise InputError(
                f"l1_weight and adversarial_weight must be 0 or more, got {l1_weight} and {adversarial_weight}"
            )
        self.generator = UNetGenerator(channels, self.filters, dropout, dropout_levels)
        self.discriminator = PatchDiscriminator(self.patch_filters, norm="batch")
        self.concatenate = keras.layers.Concatenate()
        names = ("discriminator_loss", "generator_loss", "l1")
        self.means = [keras.metrics.Mean(name=name) for name in names]

    @classmethod
    def small(cls, channels=3, **kwargs):
        """A small one for 32x32 images; the discriminator's patches are 34x34."""
        sizes = dict(filters=(24, 48, 64, 64), patch_filters=(24, 48, 64), dropout_levels=1)
        return cls(**{**sizes, "channels": channels, **kwargs})

    def build(self, input_shape):
        self.generator.build(input_shape)
        self.discriminator.build((*input_shape[:-1], input_shape[-1] + self.channels))
        self.built = True

    def call(self, images, training=False):
        return self.generator(images, training=training)

    def adversarial_losses(self, images, targets, generated, training=False):
        """The losses of both networks and the distance to the target: (discriminator's, generator's, L1).

        The discriminator's loss is half of `discriminator_loss` of the pairs (image, target) and (image, generated),
        each concatenated in this order and in a batch of its own; it gives the generator no gradient. The
        generator's is `adversarial_weight` times `generator_loss`, from a `frozen` discriminator, plus `l1_weight`
        times the distance (eq. 4). The distance itself is `l1_distance`, without a weight.

        Args:
            images: (N, H, W, C) in [0, 1].
            targets: (N, H, W, channels) in [0, 1], their partners.
            generated: (N, H, W, channels), the generator's outputs.
            training: as in `call`.
        """
        real = self.discriminator(self.concatenate([images, targets]), training=training)
        fake = self.discriminator(self.concatenate([images, ops.stop_gradient(generated)]), training=training)
        frozen_fake = frozen(self.discriminator, self.concatenate([images, generated]), training)
        distance = l1_distance(targets, generated)
        # The paper halves the discriminator's loss to slow it down. Adam's steps do not depend on a factor.
        discriminator = discriminator_loss(real, fake) / 2
        generator = self.adversarial_weight * generator_loss(frozen_fake) + self.l1_weight * distance
        return discriminator, generator, distance

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        losses = self.adversarial_losses(x, y, y_pred, training)
        for mean, loss in zip(self.means, losses, strict=True):
            mean.update_state(loss)
        return losses[0] + losses[1]

    def get_config(self):
        names = ("channels", "filters", "patch_filters", "dropout", "dropout_levels", "l1_weight")
        names += ("adversarial_weight",)
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
