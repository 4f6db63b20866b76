"""CycleGAN: one kind of picture into another, learned without pairs.

Zhu, Park, Isola and Efros, "Unpaired Image-to-Image Translation Using Cycle-Consistent Adversarial
Networks", ICCV 2017, sections 3 to 5 and appendix.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.generate.adversarial.conventions import (
    check_sizes,
    initial,
    mean_absolute,
    tanh_image,
    to_signed,
)
from keras_cv_course.generate.adversarial.image_pool import ImagePool
from keras_cv_course.generate.adversarial.two_players import (
    discriminator_loss,
    frozen,
    generator_loss,
    least_squares,
    together,
)
from keras_cv_course.generate.patch_discriminator import PatchDiscriminator
from keras_cv_course.layers.instance_normalization import InstanceNormalization
from keras_cv_course.layers.reflection_padding import ReflectionPadding2D


@keras.saving.register_keras_serializable("keras_cv_course")
class ReflectedResidualBlock(keras.layers.Layer):
    """maps + norm(conv(relu(norm(conv(maps))))): two 3x3 convolutions whose edges are reflected.

    Args:
        filters: channels, as many as come in.
    """

    def __init__(self, filters, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.pads = [ReflectionPadding2D(1) for _ in range(2)]
        self.convolutions = [keras.layers.Conv2D(filters, 3, kernel_initializer=initial()) for _ in range(2)]
        self.norms = [InstanceNormalization() for _ in range(2)]
        self.relu = keras.layers.ReLU()

    def build(self, input_shape):
        self.call(keras.KerasTensor(input_shape))
        self.built = True

    def call(self, maps):
        change = self.norms[0](self.convolutions[0](self.pads[0](maps)))
        return maps + self.norms[1](self.convolutions[1](self.pads[1](self.relu(change))))

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "filters": self.filters}


@keras.saving.register_keras_serializable("keras_cv_course")
class ResidualGenerator(keras.Model):
    """A 7x7 convolution, two that halve, residual blocks, two that double, a 7x7 convolution and tanh.

    Instance normalisation and ReLU behind every convolution but the last. It takes the biases away again; the
    published network has them all the same. Trainable parameters of the defaults: 11,378,179; with six
    blocks, which the paper takes for 128x128 pixels: 7,837,699.

    Args:
        channels: channels of the image that comes out.
        filters: channels behind the first convolution; the residual blocks have four times as many.
        blocks: residual blocks.

    Call:
        images (N, H, W, C) in [0, 1], H and W multiples of 4, from 8 on -> (N, H, W, channels) in [0, 1].

    Raises:
        InputError: an argument below 1; at `build`, a size that does not fit.
    """

    def __init__(self, channels=3, filters=64, blocks=9, **kwargs):
        super().__init__(**kwargs)
        check_sizes(channels=channels, filters=filters, blocks=blocks)
        self.channels, self.filters, self.blocks = channels, filters, blocks
        layers, wide = keras.layers, (filters, 2 * filters, 4 * filters)
        self.pads = [ReflectionPadding2D(3) for _ in range(2)]
        self.first = layers.Conv2D(filters, 7, kernel_initializer=initial())
        self.down = [layers.Conv2D(count, 3, 2, "same", kernel_initializer=initial()) for count in wide[1:]]
        self.residual = [ReflectedResidualBlock(wide[-1]) for _ in range(blocks)]
        self.up = [
            layers.Conv2DTranspose(count, 3, 2, "same", kernel_initializer=initial()) for count in wide[1::-1]
        ]
        self.norms = [InstanceNormalization() for _ in range(5)]
        self.relu = layers.ReLU()
        self.paint = layers.Conv2D(channels, 7, kernel_initializer=initial(), dtype="float32")

    def build(self, input_shape):
        if any(side is not None and (side % 4 or side < 8) for side in input_shape[1:3]):
            raise InputError(
                f"images must have sides that are multiples of 4, from 8 on, got {tuple(input_shape)}: "
                "resize or crop them"
            )
        sides = [8 if side is None else side for side in input_shape[1:3]]
        self.call(keras.KerasTensor((None, *sides, input_shape[-1])))
        self.built = True

    def call(self, images, training=False):
        maps = self.relu(self.norms[0](self.first(self.pads[0](to_signed(images)))))
        for convolution, norm in zip(self.down, self.norms[1:3], strict=True):
            maps = self.relu(norm(convolution(maps)))
        for block in self.residual:
            maps = block(maps)
        for convolution, norm in zip(self.up, self.norms[3:], strict=True):
            maps = self.relu(norm(convolution(maps)))
        return tanh_image(self.paint(self.pads[1](maps)))

    def get_config(self):
        names = ("channels", "filters", "blocks")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable("keras_cv_course")
class CycleGAN(keras.Model):
    """Two generators and two discriminators in training: `fit(images_of_a, images_of_b)`, in no common order.

    `to_b` translates A to B, `to_a` back. Each translation is to pass for real before the discriminator of
    its domain (least squares), there and back is to be where it was (the cycle), and an image that is in the
    domain already is to stay (the identity). Compile with the paper's Adam(2e-4, beta_1=0.5), its rate
    constant for the first half of the training, then falling to 0 in a straight line.

    Args:
        channels: channels of the images of both domains.
        filters: of the generators, see `ResidualGenerator`.
        blocks: residual blocks of each generator.
        patch_filters: of the discriminators, see `PatchDiscriminator`.
        cycle: lambda, weight of the cycle's L1 distance.
        identity: weight of the identity's L1 distance; half of lambda in section 5.2 of the paper.
        pool: images that each discriminator's pool keeps, see `ImagePool`.

    Call:
        images of A (N, H, W, channels) in [0, 1], H and W multiples of 4 -> their translations to B, same
        shape.

    Raises:
        InputError: an argument out of its range; at `build`, a size that does not fit, or a free one.
    """

    def __init__(
        self,
        channels=3,
        filters=64,
        blocks=9,
        patch_filters=(64, 128, 256, 512),
        cycle=10.0,
        identity=5.0,
        pool=50,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.channels, self.filters, self.blocks = channels, filters, blocks
        self.patch_filters, self.cycle, self.identity = tuple(patch_filters), cycle, identity
        self.pool = pool
        if min(cycle, identity) < 0:
            raise InputError(f"cycle and identity must be 0 or more, got {cycle} and {identity}")
        self.to_b, self.to_a = (
            ResidualGenerator(channels, filters, blocks, name=name) for name in ("to_b", "to_a")
        )
        self.discriminator_a, self.discriminator_b = (
            PatchDiscriminator(self.patch_filters, name=f"discriminator_{domain}") for domain in "ab"
        )
        self.pool_a, self.pool_b = (ImagePool(pool, name=f"pool_{domain}") for domain in "ab")
        names = ("discriminator_loss", "generator_loss", "cycle_l1", "identity_l1")
        self.means = [keras.metrics.Mean(name=name) for name in names]

    @classmethod
    def small(cls, channels=3, **kwargs):
        """A small one for 32x32 images, each patch of 34x34 judged."""
        sizes = dict(filters=12, blocks=2, patch_filters=(24, 48, 64))
        return cls(**{**sizes, "channels": channels, **kwargs})

    def build(self, input_shape):
        if input_shape[-1] != self.channels:
            raise InputError(f"images must be (N, H, W, {self.channels}), got {tuple(input_shape)}")
        parts = (self.to_b, self.to_a, self.discriminator_a, self.discriminator_b, self.pool_a, self.pool_b)
        for part in parts:
            part.build(input_shape)
        self.built = True

    def call(self, images, training=False):
        return self.to_b(images, training=training)

    def player_losses(self, a, b, made_b, training=False):
        """The losses of the players, and two distances.

        Args:
            a: (N, H, W, channels) images of A.
            b: (N, H, W, channels) images of B, not their partners.
            made_b: (N, H, W, channels) the translations of `a`.
            training: as in `call`.

        Returns:
            (the two discriminators' loss, the two generators' loss, L1 of the cycles, L1 of the identities),
            each the sum over both directions; a distance whose weight is 0 is not computed, and 0.
        """
        cycled = made_b if self.cycle else None
        same_a, same_b = (a, b) if self.identity else (None, None)
        # All that a generator translates goes through it at once: a third of the operations to trace.
        made_a, back_a, same_a = together(self.to_a, b, cycled, same_a, training=training)
        cycled = made_a if self.cycle else None
        back_b, same_b = together(self.to_b, cycled, same_b, training=training)
        discriminators = self.judge(self.discriminator_a, a, self.pool_a, made_a, training)
        discriminators += self.judge(self.discriminator_b, b, self.pool_b, made_b, training)
        generators = generator_loss(frozen(self.discriminator_a, made_a, training), least_squares)
        generators += generator_loss(frozen(self.discriminator_b, made_b, training), least_squares)
        cycle = identity = ops.zeros(())
        if self.cycle:  # eq. 2
            cycle = mean_absolute(a, back_a) + mean_absolute(b, back_b)
        if self.identity:  # section 5.2
            identity = mean_absolute(a, same_a) + mean_absolute(b, same_b)
        return discriminators, generators + self.cycle * cycle + self.identity * identity, cycle, identity

    def judge(self, discriminator, real, pool, made, training):
        """The loss of one domain's discriminator, which sees the made images through the pool."""
        fake = pool(ops.stop_gradient(made), training=training)
        answers = together(discriminator, real, fake, training=training)
        # The paper halves it to slow the discriminator down. Adam's steps do not depend on a factor.
        return discriminator_loss(*answers, least_squares) / 2

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        values = self.player_losses(x, y, y_pred, training)
        for mean, value in zip(self.means, values, strict=True):
            mean.update_state(value)
        return values[0] + values[1]

    def get_config(self):
        names = ("channels", "filters", "blocks", "patch_filters", "cycle", "identity", "pool")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
