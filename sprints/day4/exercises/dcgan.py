"""The exercises of day4.dcgan: both networks' losses, the two networks, and one step that trains each by its own."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, expect, shape_is, within
from keras_cv_course.classroom.shared_checks import (
    all_refused,
    fixed_weights,
    keeps,
    same_numbers,
    weights_are,
)
from sprints.day4.exercises import small_gans
from sprints.day4.exercises.gan_losses import entropy, losses, slow_cross_entropy
from sprints.day4.exercises.single_steps import moved_by, numbers, step_alone, trainable

generator = Exercise(
    "generator",
    "noise to a small map, then maps of twice the size each, then an image",
    definitions=("DCGANGenerator.__init__", "DCGANGenerator.call"),
    points=4,
    hints=(
        "Keep the arguments as `get_config` below reads them. `smallest_map` gives the first map's sides.",
        "Noise (N, latent) is a map of 1x1 pixel with `latent` channels. A transposed convolution whose kernel is as "
        "large as the first map makes that map of it.",
        "`batch_norm()` and ReLU follow all layers but the last, which has the image's channels. No biases. "
        "`normal_weights()` for each kernel.",
        "`tanh_image` ends in [0, 1]; make the last maps in float32. Pass `training` on to the norms.",
        "What to reach: before any training, images of an even middle grey.",
    ),
)
discriminator = Exercise(
    "discriminator",
    "an image to maps of half the size each, then to one logit",
    definitions=("DCGANDiscriminator.__init__", "DCGANDiscriminator.call"),
    points=3,
    hints=(
        "The generator mirrored: convolutions of stride 2, then one with a kernel as large as the last map.",
        "`to_signed` first. Leaky ReLU behind every layer but the last, batch normalisation before it except in the "
        "first layer. No biases.",
        "The output is (N, 1) logits in float32, without a sigmoid: the loss has it.",
        "What to reach: with all kernels 0, every image gets logit 0.",
    ),
)
training = Exercise(
    "training",
    "both losses, each of which moves its own network only",
    definitions=("frozen", "DCGAN.adversarial_losses"),
    points=5,
    hints=(
        "`network.stateless_call(weights, state, inputs, training=training)` gives (outputs, new state) and changes "
        "nothing. Which weights must no gradient reach?",
        "`ops.stop_gradient` on each trainable weight holds the network; on images it holds their generator.",
        "Draw noise once, as many rows as there are images. The discriminator sees the images without a gradient to "
        "the generator; the generator's loss comes from the frozen discriminator.",
        "Real and generated images never share a batch: `real` comes from a batch of its own.",
        "What to reach: one step of training moves each network exactly as if it were trained alone.",
    ),
)

EXERCISES = Exercises(
    "day4.dcgan",
    sources=("keras_cv_course.generate.adversarial.adversarial_losses", "keras_cv_course.generate.dcgan"),
    exercises=(entropy, losses, generator, discriminator, training),
)


@generator.check
def check_generated_shapes(mine, rng):
    """Noise becomes images of the given shape, in [0, 1]; the arguments are kept, bad ones refused."""
    for shape, latent, filters in (((8, 16, 3), 5, (6, 4)), ((4, 6, 1), 3, (5,))):
        network = mine.DCGANGenerator(shape, latent, filters)
        noise = rng.uniform(-1, 1, (3, latent)).astype("float32")
        attempt = "the first map times 2 for every number in `filters` is the image"
        shape_is(network(noise), (3, *shape), "images", attempt)
        network.set_weights([30 * weights for weights in network.get_weights()])
        within(network(noise), 0, 1, "pixels", "tanh_image ends in [0, 1]")
    cases = {"latent 0": dict(latent=0), "30 pixels, halved twice": dict(small_gans.ODD_SIDES)}
    all_refused(mine.DCGANGenerator, cases, "check_sizes and smallest_map raise InputError: call them")
    network = mine.DCGANGenerator([8, 4, 2], 5, [6, 4], kernel_size=3)
    keeps(network, image_shape=[8, 4, 2], latent=5, filters=[6, 4], kernel_size=3)


@generator.check
def check_generator_s_weights(mine, rng):
    """Kernels, scales and offsets as the docstring says, no biases; drawn so that untrained images are grey."""
    for size in (4, 5):
        network = mine.DCGANGenerator((8, 16, 3), 5, (6, 4), kernel_size=size)
        network.build((None, 5))
        kernels = [(2, 4, 6, 5), (size, size, 4, 6), (size, size, 3, 4)]
        attempt = "no biases; one kernel a layer; scale, offset, mean and variance a norm; see the docstring"
        weights_are(network, kernels + 4 * [(6,)] + 4 * [(4,)], attempt)
    mine.keras.utils.set_random_seed(int(rng.integers(1000)))
    network = mine.DCGANGenerator((16, 16, 3), 40, (32, 24))
    network.build((None, 40))
    small_gans.first_weights_are_drawn(network)
    images = network(rng.uniform(-1, 1, (4, 40)).astype("float32"))
    attempt = "normal_weights() everywhere"
    close_to(images, np.full((4, 16, 16, 3), 0.5), 0.2, "pixels before any training", attempt)


@generator.check(points=2)
def check_generator_beside_the_reference(mine, reference, rng):
    """With the same weights it gives the images that the reference gives, in training and after."""
    noise = rng.uniform(-1, 1, (6, 5)).astype("float32")
    attempt = "a norm between each convolution and its ReLU; in training with the batch's statistics"

    def make(module):
        return module.DCGANGenerator((8, 4, 2), 5, (6, 4))

    same_numbers(mine, reference, make, noise, 1e-4, "images", attempt, training=True)


@discriminator.check
def check_one_logit_an_image(mine, rng):
    """Images become one logit each, any number; the arguments are kept, bad ones refused."""
    for shape, filters in (((8, 16, 3), (4, 6)), ((4, 6, 1), (5,))):
        network = fixed_weights(mine.DCGANDiscriminator(shape, filters), (None, *shape))
        images = rng.random((3, *shape), dtype="float32")
        shape_is(network(images), (3, 1), "logits", "a kernel as large as the last map, then (N, 1)")
        network.set_weights([30 * weights for weights in network.get_weights()])
        logits = np.asarray(network(images))
        expect(np.abs(logits).max() > 1, "logits beyond 1 for large weights", logits, "no sigmoid at the end")
    cases = {"no filters": dict(filters=()), "30 pixels, halved twice": dict(small_gans.ODD_SIDES)}
    all_refused(mine.DCGANDiscriminator, cases, "smallest_map raises InputError: call it in __init__")
    network = mine.DCGANDiscriminator([8, 4, 2], [6, 4], kernel_size=3)
    keeps(network, image_shape=[8, 4, 2], filters=[6, 4], kernel_size=3)


@discriminator.check
def check_discriminator_s_weights(mine, rng):
    """The generator's kernels mirrored, from the same distribution; no norm in the first layer, and no biases."""
    for size in (4, 5):
        network = mine.DCGANDiscriminator((8, 16, 3), (4, 6), kernel_size=size)
        network.build((None, 8, 16, 3))
        kernels = [(size, size, 3, 4), (size, size, 4, 6), (2, 4, 6, 1)]
        attempt = "no biases; one kernel a layer; a norm in all layers but the first and the last"
        weights_are(network, kernels + 4 * [(6,)], attempt)
    mine.keras.utils.set_random_seed(int(rng.integers(1000)))
    network = mine.DCGANDiscriminator((16, 16, 3), (24, 32))
    network.build((None, 16, 16, 3))
    small_gans.first_weights_are_drawn(network)


@discriminator.check(points=1)
def check_discriminator_beside_the_reference(mine, reference, rng):
    """With the same weights it gives the logits that the reference gives, in training and after."""
    images = rng.random((6, 8, 4, 2), dtype="float32")
    attempt = "[-1, 1] first; leaky ReLU of slope 0.2; in training the batch's statistics"

    def make(module):
        return module.DCGANDiscriminator((8, 4, 2), (4, 6))

    same_numbers(mine, reference, make, images, 1e-4, "logits", attempt, training=True)


@training.check
def check_frozen_is_the_same_and_stays(mine, rng):
    """A frozen network has the network's outputs, in training too, and its statistics stay."""
    network, images = (
        small_gans.two_dcgans(mine, rng)[0].discriminator,
        rng.random((6, 4, 4, 1), dtype="float32"),
    )
    before = network.get_weights()
    for mode in (False, True):
        outputs = mine.frozen(network, images, mode)
        for old, new in zip(before, network.get_weights(), strict=True):
            close_to(new, old, 0, "weights and statistics afterwards", "stateless_call changes nothing")
        expected = numbers(network(images, training=mode))
        network.set_weights(before)
        close_to(outputs, expected, 1e-5, f"outputs with training={mode}", "pass `training` on")


@training.check(points=2)
def check_both_losses_by_parts(mine, rng):
    """Both losses are those of the discriminator's outputs, worked out one by one."""
    smoothing = float(rng.uniform(0.1, 0.3))
    network, twin, images = small_gans.two_dcgans(mine, rng, label_smoothing=smoothing)
    real = numbers(network(images, training=True)).astype("float32")
    received = network.adversarial_losses(images, real, training=True)
    pair = isinstance(received, (tuple, list)) and len(received) == 2
    expect(pair, "two numbers, the discriminator's loss first", received, "return both, with a comma")
    generated = numbers(twin.generator(twin.sample_noise(6), training=True)).astype("float32")
    fake = numbers(twin.discriminator(generated, training=True))
    expected = slow_cross_entropy(1 - smoothing, real) + slow_cross_entropy(0, fake)
    attempt = (
        "noise drawn once, self.label_smoothing, generated images in a batch of their own, training passed on"
    )
    close_to(received[0], expected, 1e-4, "the discriminator's loss", attempt)
    close_to(received[1], slow_cross_entropy(1, fake), 1e-4, "the generator's loss", attempt)


@training.check
def check_each_network_moves_as_if_alone(mine, rng):
    """One step of training moves each network exactly as plain training of it alone does."""
    network, twin, images = small_gans.two_dcgans(mine, rng)
    start = [trainable(one) for one in (network.discriminator, network.generator)]
    network.compile(mine.keras.optimizers.SGD(1.0), run_eagerly=True)
    network.train_on_batch(images)
    noise = twin.sample_noise(6)
    generated = numbers(twin.generator(noise, training=True)).astype("float32")
    loss = mine.keras.losses.BinaryCrossentropy(from_logits=True)
    # A classifier of real images and, from the same weights, of generated ones.
    alone = step_alone(mine, twin.discriminator, [(images, 1), (generated, 0)], loss)
    attempt = "only its own loss may move it: hold its weights where the generator's loss is computed"
    moved_by(network.discriminator, start[0], alone, "discriminator", attempt)
    alone = step_alone(mine, twin.generator, [(noise, 1)], loss, behind=twin.discriminator)
    attempt = "the discriminator's loss must not reach it; the generator's does, through the frozen one"
    moved_by(network.generator, start[1], alone, "generator", attempt)


@generator.shows
def image_of_generator(mine):
    """Six images of a generator with fixed weights."""
    network = fixed_weights(mine.DCGANGenerator((16, 16, 1), 4, (8, 6)), (None, 4))
    noise = np.random.default_rng(0).uniform(-1, 1, (6, 4)).astype("float32")
    return np.hstack(np.asarray(network(noise))[..., 0])
