"""CycleGAN: images of one domain into another one, learned without pairs.

Zhu, Park, Isola and Efros, "Unpaired Image-to-Image Translation Using Cycle-Consistent Adversarial Networks", ICCV
2017, sections 3 to 5 and appendix 7.
"""

import keras
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.generate.adversarial.adversarial_losses import (
    apply_jointly,
    discriminator_loss,
    frozen,
    generator_loss,
    least_squares,
)
from keras_cv_course.generate.adversarial.conventions import (
    check_sizes,
    l1_distance,
    normal_weights,
    tanh_image,
    to_signed,
)
from keras_cv_course.generate.adversarial.image_pool import ImagePool
from keras_cv_course.generate.patch_discriminator import PatchDiscriminator
from keras_cv_course.layers.instance_normalization import InstanceNormalization
from keras_cv_course.layers.reflection_padding import ReflectionPadding2D


@keras.saving.register_keras_serializable("keras_cv_course")
class ReflectedResidualBlock(keras.layers.Layer):
    """maps + norm(conv(relu(norm(conv(maps))))): two 3x3 convolutions whose borders are reflected.

    Each convolution sees its input with one reflected pixel on every side (`pads`), so that the maps keep their
    size. Nothing follows the sum.

    Args:
        filters: channels, as many as come in.

    Call:
        maps (N, H, W, filters) -> same shape.
    """

    def __init__(self, filters, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.pads = [ReflectionPadding2D(1) for _ in range(2)]
        self.convolutions = [
            keras.layers.Conv2D(filters, 3, kernel_initializer=normal_weights()) for _ in range(2)
        ]
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
    """A 7x7 convolution, two that halve the map, residual blocks, two that double it, a 7x7 convolution and tanh.

    The image is brought to [-1, 1] first. Instance normalisation and ReLU follow every convolution but the last.
    The 7x7 convolutions see three reflected pixels on every side. Instance normalisation takes a bias away again;
    the published network has biases all the same. Keras' "same" puts the zeros of a strided 3x3 convolution at the
    right and the bottom only, where the authors' program has one on every side.

    Trainable parameters of the defaults: 11,378,179; with six blocks, which the paper takes for 128x128 pixels:
    7,837,699.

    Args:
        channels: channels of the generated image.
        filters: channels behind the first convolution; the residual blocks have four times as many.
        blocks: residual blocks.

    Call:
        images (N, H, W, C) in [0, 1], H and W multiples of 4, from 8 on -> (N, H, W, channels) in [0, 1].

    Raises:
        InputError: an argument below 1; at `build`, a size that does not fit.

    Example:
        >>> generator = ResidualGenerator(3, filters=8, blocks=2)
        >>> tuple(generator(keras.ops.zeros((2, 24, 32, 3))).shape)
        (2, 24, 32, 3)
    """

    def __init__(self, channels=3, filters=64, blocks=9, **kwargs):
        super().__init__(**kwargs)
        check_sizes(channels=channels, filters=filters, blocks=blocks)
        self.channels, self.filters, self.blocks = channels, filters, blocks

        def weights():
            return dict(kernel_initializer=normal_weights())

        layers, widths = keras.layers, (filters, 2 * filters, 4 * filters)
        self.pads = [ReflectionPadding2D(3) for _ in range(2)]
        self.first = layers.Conv2D(filters, 7, **weights())
        self.down = [layers.Conv2D(count, 3, 2, "same", **weights()) for count in widths[1:]]
        self.residual = [ReflectedResidualBlock(widths[-1]) for _ in range(blocks)]
        self.up = [layers.Conv2DTranspose(count, 3, 2, "same", **weights()) for count in widths[1::-1]]
        self.norms = [InstanceNormalization() for _ in range(5)]
        self.relu = layers.ReLU()
        self.to_image = layers.Conv2D(channels, 7, dtype="float32", **weights())

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
        return tanh_image(self.to_image(self.pads[1](maps)))

    def get_config(self):
        names = ("channels", "filters", "blocks")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable("keras_cv_course")
class CycleGAN(keras.Model):
    """Two generators and two discriminators in training: `fit(images_of_a, images_of_b)`, in no common order.

    `to_b` translates A to B, `to_a` back. The discriminator of each domain learns to tell its images from generated
    ones, and the generators learn to make images that it takes for real (least squares, `least_squares`); an image
    translated to the other domain and back should be itself again (the cycle, eq. 2); an image that is in a
    generator's target domain already should stay as it is (the identity, section 5.2).

    Compile with the paper's Adam(2e-4, beta_1=0.5), its rate constant for the first half of the training, then
    falling to 0 in a straight line. All four networks step at once, by gradients at the same weights; the authors'
    program steps the generators first, then the discriminators.

    Args:
        channels: channels of the images of both domains.
        filters: of the generators, see `ResidualGenerator`.
        blocks: residual blocks of each generator.
        patch_filters: of the discriminators, see `PatchDiscriminator`.
        cycle_weight: lambda, weight of the cycle's L1 distance.
        identity_weight: weight of the identity's L1 distance. The paper has half of lambda for paintings and photos
            (section 5.2), and 0 elsewhere; the authors' program has half of lambda by default.
        pool_size: images that each discriminator's pool stores, see `ImagePool`.

    Call:
        images of A (N, H, W, channels) in [0, 1], H and W multiples of 4 -> their translations to B, same shape.

    Raises:
        InputError: an argument out of its range; at `build`, a size that does not fit, or a free one.

    Example:
        >>> model = CycleGAN.small(channels=3)
        >>> model.build((None, 32, 32, 3))
        >>> tuple(model.to_a(model(keras.ops.zeros((2, 32, 32, 3)))).shape)
        (2, 32, 32, 3)
    """

    def __init__(
        self,
        channels=3,
        filters=64,
        blocks=9,
        patch_filters=(64, 128, 256, 512),
        cycle_weight=10.0,
        identity_weight=5.0,
        pool_size=50,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.channels, self.filters, self.blocks = channels, filters, blocks
        self.patch_filters, self.pool_size = tuple(patch_filters), pool_size
        self.cycle_weight, self.identity_weight = cycle_weight, identity_weight
        if min(cycle_weight, identity_weight) < 0:
            raise InputError(
                f"cycle_weight and identity_weight must be 0 or more, got {cycle_weight} and {identity_weight}"
            )
        self.to_b, self.to_a = (
            ResidualGenerator(channels, filters, blocks, name=name) for name in ("to_b", "to_a")
        )
        self.discriminator_a, self.discriminator_b = (
            PatchDiscriminator(self.patch_filters, name=f"discriminator_{domain}") for domain in "ab"
        )
        self.pool_a, self.pool_b = (ImagePool(pool_size, name=f"pool_{domain}") for domain in "ab")
        names = ("discriminator_loss", "generator_loss", "cycle_l1", "identity_l1")
        self.means = [keras.metrics.Mean(name=name) for name in names]

    @classmethod
    def small(cls, channels=3, **kwargs):
        """A small one for 32x32 images; the discriminators' patches are 34x34."""
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

    def adversarial_losses(self, a, b, generated_b, training=False):
        """The losses of both sides, and two distances.

        Args:
            a: (N, H, W, channels) images of A in [0, 1].
            b: (N, H, W, channels) images of B, not their partners.
            generated_b: (N, H, W, channels) the translations of `a`.
            training: as in `call`.

        Returns:
            (the two discriminators' loss, see `domain_loss`; the two generators' loss; L1 of the cycles; L1 of the
            identities), each the sum over both directions. The generators' loss is `generator_loss` by least
            squares, from `frozen` discriminators, plus each distance times its weight. The distances are
            `l1_distance`, without a weight; one whose weight is 0 is not computed, and 0.
        """
        cycled = generated_b if self.cycle_weight else None
        same_a, same_b = (a, b) if self.identity_weight else (None, None)
        # All that a generator translates goes through it at once: a third of the operations to trace.
        generated_a, back_a, same_a = apply_jointly(self.to_a, b, cycled, same_a, training=training)
        cycled = generated_a if self.cycle_weight else None
        back_b, same_b = apply_jointly(self.to_b, cycled, same_b, training=training)
        discriminators = self.domain_loss(self.discriminator_a, a, self.pool_a, generated_a, training)
        discriminators += self.domain_loss(self.discriminator_b, b, self.pool_b, generated_b, training)
        generators = generator_loss(frozen(self.discriminator_a, generated_a, training), least_squares)
        generators += generator_loss(frozen(self.discriminator_b, generated_b, training), least_squares)
        cycle = identity = ops.zeros(())
        if self.cycle_weight:  # eq. 2
            cycle = l1_distance(a, back_a) + l1_distance(b, back_b)
        if self.identity_weight:  # section 5.2
            identity = l1_distance(a, same_a) + l1_distance(b, same_b)
        generators += self.cycle_weight * cycle + self.identity_weight * identity
        return discriminators, generators, cycle, identity

    def domain_loss(self, discriminator, real, pool, generated, training):
        """The loss of one domain's discriminator: half of `discriminator_loss` by least squares.

        It sees the generated images through the pool, and its loss gives the generator no gradient.
        """
        fake = pool(ops.stop_gradient(generated), training=training)
        outputs = apply_jointly(discriminator, real, fake, training=training)
        # The paper halves it to slow the discriminator down. Adam's steps do not depend on a factor.
        return discriminator_loss(*outputs, least_squares) / 2

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        losses = self.adversarial_losses(x, y, y_pred, training)
        for mean, loss in zip(self.means, losses, strict=True):
            mean.update_state(loss)
        return losses[0] + losses[1]

    def get_config(self):
        names = (
            "channels",
            "filters",
            "blocks",
            "patch_filters",
            "cycle_weight",
            "identity_weight",
            "pool_size",
        )
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
