"""The exercises of day4.pix2pix: a measure, the discriminator's forward pass, the U-Net's, and both losses."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, expect, refuses, shape_is, within
from keras_cv_course.classroom.example_images import digits
from keras_cv_course.classroom.shared_checks import fixed_weights, same_numbers
from sprints.day4.exercises.pix2pix_losses import losses

energy = Exercise(
    "energy",
    "the mean squared difference of neighbouring pixels, along rows plus along columns",
    definitions=("gradient_energy",),
    points=1,
    hints=(
        "`_checked`, further down, makes float64 of the images and refuses what is none.",
        "`np.diff` along the rows' axis, squared, one mean; the same along the columns; their sum.",
        "What to reach: 0 for one colour; 1 for stripes of one pixel, black and white.",
    ),
)
discriminator = Exercise(
    "discriminator",
    "an image to one logit a patch",
    definitions=("PatchDiscriminator.call",),
    points=2,
    hints=(
        "`to_signed` first, then `self.downsampling[0]` and leaky ReLU, without a norm.",
        "The other downsampling layers and `self.last` have a norm each, then leaky ReLU. `self.last` and "
        "`self.to_logits` have no padding of their own: `self.pads` puts a pixel of zeros around their maps.",
        "What to reach: 32 pixels, three filters: 7x7 becomes 6x6 outputs, without a sigmoid.",
    ),
)
unet = Exercise(
    "unet",
    "down to the lowest level and up again, with a skip connection on every level",
    definitions=("UNetGenerator.call",),
    points=4,
    hints=(
        "Keep each level's map on the way down, after its leaky ReLU. The first and the lowest level have no norm, so "
        "`self.down_norms` has two fewer than `self.down`.",
        "On the way up: convolution, norm, dropout on the lowest `dropout_levels` levels, ReLU; then concatenate the "
        "encoder's map of the same size, which comes first.",
        "The skips are the maps of all levels but the lowest, from below. `self.to_image` is last, then `tanh_image`.",
        "`training` goes to norms and dropout.",
        "What to reach: with the lowest level's weights at 0, skips still bring the outlines over.",
    ),
)

EXERCISES = Exercises(
    "day4.pix2pix",
    sources=(
        "keras_cv_course.metrics.sharpness",
        "keras_cv_course.generate.patch_discriminator",
        "keras_cv_course.generate.pix2pix",
    ),
    exercises=(energy, discriminator, unet, losses),
)


@energy.check
def check_energy_by_hand(mine, rng):
    """Six pixels, worked out by hand; stripes; one colour."""
    scale = float(rng.uniform(0.5, 2))
    image = scale * np.float32([[0, 1, 1], [0, 3, 1]])[None, :, :, None]
    expected = scale**2 * ((0 + 4 + 0) / 3 + (1 + 0 + 9 + 4) / 4)
    attempt = "(differences along the columns) squared, their mean, plus the same along the rows"
    what = f"energy of {scale:.3f} times [[0, 1, 1], [0, 3, 1]]"
    close_to(mine.gradient_energy(image), expected, 1e-4, what, attempt)
    stripes = np.tile(np.float32([0, 1]), (2, 4, 3))[..., None]
    close_to(mine.gradient_energy(stripes), 1, 1e-6, "energy of stripes of one pixel", attempt)
    close_to(mine.gradient_energy(np.full((2, 4, 4, 3), 0.3)), 0, 1e-9, "energy of one colour", attempt)


@energy.check
def check_energy_of_independent_pixels(mine, rng):
    """Independent pixels differ by twice their variance in either direction, whatever the image before."""
    images = rng.normal(0, 1, (40, 12, 20, 2)) + 5 * rng.normal(0, 1, (40, 1, 1, 1))
    received = mine.gradient_energy(images)
    close_to(received, 4, 0.3, "energy of noise of variance 1", "one mean for each direction")


@energy.check
def check_energy_of_8_bits(mine):
    """Pixels of 8 bits do not wrap around; what is no image is refused."""
    image = np.uint8([[0, 1], [200, 0]])[None, :, :, None]
    expected, attempt = (200**2 + 1) / 2 + (1 + 200**2) / 2, "call `_checked`"
    close_to(mine.gradient_energy(image), expected, 1e-3, "energy of 8-bit pixels", attempt)
    refuses(mine.gradient_energy, np.zeros((4, 4)), what="an array with two axes", attempt=attempt)


@discriminator.check
def check_outputs_of_every_size(mine, rng):
    """One output a patch, for images of any size."""
    model = fixed_weights(mine.PatchDiscriminator((3, 4, 5)), (None, None, None, 2))
    for size, outputs in (((32, 32), (6, 6)), ((16, 40), (2, 8))):
        images = rng.random((2, *size, 2), dtype="float32")
        what = f"outputs for {size[0]}x{size[1]} pixels"
        shape_is(model(images), (2, *outputs, 1), what, "one pixel of zeros around the last two inputs")


@discriminator.check(points=1)
def check_discriminator_beside_the_reference(mine, reference, rng):
    """With the same weights it gives the outputs that the reference gives, in training and after."""
    images = rng.random((4, 16, 16, 2), dtype="float32")
    attempt = "[-1, 1] first, norms and leaky ReLU as the docstring says, `training` passed on"
    for norm in ("instance", "batch"):

        def make(module, norm=norm):
            return module.PatchDiscriminator((3, 4, 5), norm)

        same_numbers(mine, reference, make, images, 1e-4, f"outputs with norm={norm}", attempt, training=True)


@unet.check
def check_images_of_every_size(mine, rng):
    """An image as large as the map that goes in comes out, in [0, 1]."""
    model = fixed_weights(mine.UNetGenerator(2, (3, 4, 5), 0.0, 0), (None, 8, 8, 1))
    model.set_weights([5 * weights for weights in model.get_weights()])
    for size in ((16, 16), (8, 24)):
        images = model(rng.random((2, *size, 1), dtype="float32"))
        shape_is(images, (2, *size, 2), "images", "as many doublings as halvings")
        within(images, 0, 1, "pixels", "end in tanh_image")


@unet.check(points=2)
def check_unet_beside_the_reference(mine, reference, rng):
    """With the same weights it gives the images that the reference gives, in training and after."""
    images = rng.random((4, 16, 16, 2), dtype="float32")
    attempt = "norms, leaky ReLU, ReLU and the order of concatenation as the docstring says"

    def make(module):
        return module.UNetGenerator(2, (3, 4, 5, 6), dropout=0.0, dropout_levels=2)

    same_numbers(mine, reference, make, images, 1e-4, "images", attempt, training=True)


@unet.check
def check_dropout_in_training_only(mine, rng):
    """Dropout gives two images for one map in training, and one otherwise; it drops on the lowest levels."""
    maps = rng.random((3, 8, 8, 1), dtype="float32")
    for levels in (2, 0):
        model = fixed_weights(mine.UNetGenerator(1, (3, 4, 5), 0.5, levels), (None, 8, 8, 1))
        for training in (False, True):
            outputs = (model(maps, training=training) for _ in range(4))
            first, *others = (shape_is(images, maps.shape, "images", "return them") for images in outputs)
            apart = max(np.abs(first - other).max() for other in others)
            random = training and levels > 0
            what = f"{'different images' if random else 'the same image'} of one map with training={training}"
            attempt = (
                f"with dropout_levels={levels}, `self.drops` on the first {levels} steps up, in training"
            )
            expect((apart > 1e-5) == random, what, f"images that differ by {apart:.3g}", attempt)


@unet.check
def check_dropout_on_the_lowest_level(mine, rng):
    """At a rate of almost 1 on one level nothing of the lowest map is left, but the levels above reach the image."""
    images = rng.random((3, 16, 16, 1), dtype="float32")
    network = mine.UNetGenerator(1, (3, 4, 5, 6), dropout=0.99999, dropout_levels=1)
    weights = fixed_weights(network, (None, 16, 16, 1)).get_weights()
    before = np.asarray(network(images, training=True))
    attempt = "`self.drops[0]` on the first step up, between norm and ReLU"
    for kernel, level, reaches in (((4, 4, 5, 6), "lowest", False), ((4, 4, 4, 5), "second lowest", True)):
        network.set_weights([-one if one.shape == kernel else one for one in weights])
        change = np.abs(np.asarray(network(images, training=True)) - before).max()
        what = f"images that {'depend' if reaches else 'do not depend'} on the {level} level's weights"
        expect((change > 1e-4) == reaches, what, f"a change of {change:.3g}", attempt)


@unet.shows
def image_of_unet(mine):
    """Digits, and what a generator with fixed weights, the lowest level's at 0, makes of them through the skips."""
    maps = digits(0, 3, 6, 8, times=4)
    network = fixed_weights(mine.UNetGenerator(1, (3, 4, 5), 0.0, 0), (None, 32, 32, 1))
    network.set_weights([weights * (weights.shape[-2:] != (4, 5)) for weights in network.get_weights()])
    return np.vstack([np.hstack(images[..., 0]) for images in (maps, np.asarray(network(maps)))])
