"""The exercises of day4.dcgan: what each player wants, the two networks, and the game between them."""

import numpy as np

from keras_cv_course.classroom import (
    Exercise,
    Exercises,
    close_to,
    equal_to,
    expect,
    refuses,
    shape_is,
    within,
)
from keras_cv_course.classroom.remote import value

entropy = Exercise(
    "entropy",
    "the mean cross-entropy of logits when all of them should say the same",
    definitions=("cross_entropy",),
    points=1,
    hints=(
        "`ops.binary_crossentropy` wants the truth first. Which argument says that there was no sigmoid yet?",
        "`ops.full_like` makes the truth as large as the logits. One number comes out, computed in float32.",
        "What to reach: ln 2 = 0.693 at logit 0, whatever the truth; 30 at logit 30 and truth 0.",
    ),
)
losses = Exercise(
    "losses",
    "the discriminator's loss, real_loss + fake_loss, and the generator's",
    definitions=("discriminator_loss", "generator_loss"),
    points=2,
    hints=(
        "`judge(answers, truth)` is a mean already. What is the truth of real images, and of made ones?",
        "The generator is content when its images are called real: its truth is not the discriminator's.",
        "Smoothing is for real images only: 1 - smooth. Made ones stay at 0.",
        "What to reach: at logit 0 they lose 2 ln 2 = 1.386 and ln 2 = 0.693.",
    ),
)
generator = Exercise(
    "generator",
    "noise to a small map, then maps twice as large each, then an image",
    definitions=("DCGANGenerator.__init__", "DCGANGenerator.call"),
    points=4,
    hints=(
        "Keep the arguments as `get_config` below reads them. `smallest_map` gives the first map's sides.",
        "Noise of (N, latent) is a map of one pixel with `latent` channels. A transposed convolution whose "
        "kernel is as large as the first map makes that map of it.",
        "Every other layer is a transposed convolution of 4x4, stride 2, 'same'. `batch_norm()` and ReLU "
        "follow all but the last, which has the image's channels. No biases. `initial()` draws each kernel.",
        "`tanh_image` ends in [0, 1]; make its maps in float32. Pass `training` on to the norms.",
        "What to reach: before any training, an even middle grey.",
    ),
)
discriminator = Exercise(
    "discriminator",
    "an image to maps half as large each, then to one logit",
    definitions=("DCGANDiscriminator.__init__", "DCGANDiscriminator.call"),
    points=3,
    hints=(
        "The generator in a mirror: 4x4 convolutions of stride 2, then one kernel as large as the last map.",
        "`to_signed` first. Leaky ReLU of 0.2 behind every layer but the last; batch normalisation before "
        "it, except in the first layer. No biases; `initial()` draws each kernel.",
        "The end is (N, 1) logits in float32, no sigmoid: the loss has it.",
        "What to reach: with all kernels 0, every image gets logit 0.",
    ),
)
game = Exercise(
    "game",
    "both losses, each of which moves its own player only",
    definitions=("frozen", "DCGAN.player_losses"),
    points=5,
    hints=(
        "`network.stateless_call(weights, state, inputs, training=training)` gives (outputs, new state) and "
        "changes nothing. Which weights must no gradient reach?",
        "`ops.stop_gradient` on each trainable weight holds the network; on images it holds who made them.",
        "Draw noise once, as many rows as there are images. The discriminator sees made images without a way "
        "back; the generator is judged by the frozen discriminator.",
        "Real and made images never share a batch: `real` comes from a batch of its own.",
        "What to reach: one step of training moves each player exactly as if it were trained alone.",
    ),
)

EXERCISES = Exercises(
    "day4.dcgan",
    sources=("keras_cv_course.generate.adversarial.two_players", "keras_cv_course.generate.dcgan"),
    exercises=(entropy, losses, generator, discriminator, game),
)


@entropy.check
def check_a_coin_costs_ln_2(mine):
    """At logit 0 it costs ln 2, whatever the truth."""
    for shape in ((5, 1), (2, 3, 3, 1)):
        for truth in (0.0, 0.9, 1.0):
            received = mine.cross_entropy(np.zeros(shape, "float32"), truth)
            close_to(
                received, np.log(2), 1e-6, f"logits 0 of shape {shape}, truth {truth}", "the mean of all"
            )


@entropy.check
def check_entropy_by_hand(mine):
    """Sure and wrong costs the logit; sure and right costs nothing."""
    logits = np.float32([[-2.0], [0.5], [30.0]])
    made = np.mean(np.log1p(np.exp(logits.astype("float64"))))
    real = np.mean(np.log1p(np.exp(-logits.astype("float64"))))
    attempt = "log(1 + e^x) for made ones, log(1 + e^-x) for real ones: a logit has had no sigmoid yet"
    close_to(mine.cross_entropy(logits, 0.0), made, 1e-4, "logits -2, 0.5, 30, all made", attempt)
    close_to(mine.cross_entropy(logits, 1.0), real, 1e-5, "logits -2, 0.5, 30, all real", attempt)
    close_to(mine.cross_entropy(logits, 0.9), 0.9 * real + 0.1 * made, 1e-4, "the same, truth 0.9", attempt)


@entropy.check
def check_half_precision(mine):
    """Logits of half precision are judged in float32."""
    logits = mine.ops.cast(np.float32([[3.0], [1.0]]), "float16")
    received = mine.cross_entropy(logits, 0.0)
    expected = np.mean(np.log1p(np.exp([3.0, 1.0])))
    close_to(received, expected, 1e-5, "the cross-entropy of float16 logits", "cast them to float32 first")


@losses.check
def check_nobody_can_tell(mine):
    """At logit 0 the discriminator loses 2 ln 2 and the generator ln 2."""
    nothing = np.zeros((4, 1), "float32")
    attempt = "one mean for the real ones plus one for the made ones"
    close_to(mine.discriminator_loss(nothing, nothing), 2 * np.log(2), 1e-6, "discriminator_loss", attempt)
    close_to(mine.generator_loss(nothing), np.log(2), 1e-6, "generator_loss", "one mean, nothing else")


@losses.check
def check_who_wants_what(mine, rng):
    """Real is 1 and made is 0 for the one; made is 1 for the other; only real ones are smoothed."""
    real, fake = rng.normal(1, 1, (6, 1)), rng.normal(-1, 1, (6, 1))

    def cost(logits, truth):
        return np.mean(truth * np.log1p(np.exp(-logits)) + (1 - truth) * np.log1p(np.exp(logits)))

    attempt = "judge(real, 1) + judge(fake, 0)"
    logits = real.astype("float32"), fake.astype("float32")
    for smooth in (0.0, 0.2):
        expected = cost(real, 1 - smooth) + cost(fake, 0)
        received = mine.discriminator_loss(*logits, smooth=smooth)
        close_to(received, expected, 1e-5, f"discriminator_loss with smooth {smooth}", attempt)
    close_to(mine.generator_loss(logits[1]), cost(fake, 1), 1e-5, "generator_loss", "the truth it wishes for")


@losses.check
def check_the_other_judge(mine):
    """With least squares, answers of 0.5 cost 1/4 each."""
    half, attempt = np.full((3, 1), 0.5, "float32"), "call the judge that was given"
    judge = mine.least_squares
    close_to(mine.discriminator_loss(half, half, judge), 0.5, 1e-6, "discriminator_loss", attempt)
    close_to(mine.generator_loss(half, judge), 0.25, 1e-6, "generator_loss", attempt)


@generator.check
def check_images_of_the_asked_shape(mine, rng):
    """Noise becomes images of the asked shape, in [0, 1]."""
    for shape, latent, filters in (((8, 16, 3), 5, (6, 4)), ((4, 6, 1), 3, (5,))):
        network = mine.DCGANGenerator(shape, latent, filters)
        noise = rng.uniform(-1, 1, (3, latent)).astype("float32")
        images = network(noise)
        attempt = "the first map times 2 for every number in `filters` is the image"
        shape_is(images, (3, *shape), "images", attempt)
        network.set_weights([30 * _weights(weights.shape) for weights in network.get_weights()])
        within(network(noise), 0, 1, "pixels", "tanh_image ends in [0, 1]")


@generator.check
def check_generator_s_weights(mine):
    """The kernels, scales and offsets that the paper's plan has, and no biases."""
    network = mine.DCGANGenerator((8, 16, 3), 5, (6, 4))
    network.build((None, 5))
    kernels = ((2, 4, 6, 5), (4, 4, 4, 6), (4, 4, 3, 4))
    _weights_are(network, kernels, norms=(6, 4))


@generator.check
def check_first_image_is_grey(mine, rng):
    """Kernels are drawn from N(0, 0.02), scales from N(1, 0.02): an untrained image is an even grey."""
    mine.keras.utils.set_random_seed(int(rng.integers(1000)))
    network = mine.DCGANGenerator((16, 16, 3), 40, (32, 24))
    network.build((None, 40))
    _first_weights_are_drawn(network)
    images = shape_is(network(rng.uniform(-1, 1, (4, 40)).astype("float32")), (4, 16, 16, 3), "images", "")
    close_to(images, np.full((4, 16, 16, 3), 0.5), 0.2, "pixels before any training", "initial() everywhere")


@generator.check
def check_generator_beside_the_reference(mine, reference, rng):
    """With the same weights it paints what the reference paints, in training and after."""
    noise = rng.uniform(-1, 1, (6, 5)).astype("float32")
    _same_as_reference(mine.DCGANGenerator, reference.DCGANGenerator, ((8, 4, 2), 5, (6, 4)), noise)


@generator.check
def check_generator_s_refusals(mine):
    """Bad sizes are refused; the configuration is kept."""
    attempt = "check_sizes and smallest_map raise InputError: call them in __init__"
    refuses(mine.DCGANGenerator, latent=0, what="latent 0", attempt=attempt)
    refuses(mine.DCGANGenerator, (30, 28, 1), filters=(4, 4), what="30 pixels, halved twice", attempt=attempt)
    network = mine.DCGANGenerator((8, 4, 2), 5, (6, 4))
    for name, expected in (("image_shape", (8, 4, 2)), ("latent", 5), ("filters", (6, 4))):
        received = value(getattr(network, name))
        received = tuple(received) if isinstance(received, list) else received
        equal_to(received, expected, f"self.{name}", "keep every argument under its own name")


@discriminator.check
def check_one_logit_an_image(mine, rng):
    """Images become one logit each: any number, and 0 without weights."""
    for shape, filters in (((8, 16, 3), (4, 6)), ((4, 6, 1), (5,))):
        network = mine.DCGANDiscriminator(shape, filters)
        images = rng.random((3, *shape), dtype="float32")
        shape_is(network(images), (3, 1), "logits", "a kernel as large as the last map, then (N, 1)")
        network.set_weights([30 * _weights(weights.shape) for weights in network.get_weights()])
        logits = shape_is(network(images), (3, 1), "logits", "")
        expect(np.abs(logits).max() > 1, "logits beyond 1 for large weights", logits, "no sigmoid at the end")
        network.set_weights([0 * weights for weights in network.get_weights()])
        close_to(network(images), np.zeros((3, 1)), 1e-6, "logits with all weights 0", "no sigmoid, no bias")


@discriminator.check
def check_discriminator_s_weights(mine):
    """The generator's kernels in a mirror; no norm in the first layer, and no biases."""
    network = mine.DCGANDiscriminator((8, 16, 3), (4, 6))
    network.build((None, 8, 16, 3))
    _weights_are(network, ((4, 4, 3, 4), (4, 4, 4, 6), (2, 4, 6, 1)), norms=(6,))


@discriminator.check
def check_discriminator_s_first_weights(mine, rng):
    """Kernels are drawn from N(0, 0.02), scales from N(1, 0.02)."""
    mine.keras.utils.set_random_seed(int(rng.integers(1000)))
    network = mine.DCGANDiscriminator((16, 16, 3), (24, 32))
    network.build((None, 16, 16, 3))
    _first_weights_are_drawn(network)


@discriminator.check
def check_discriminator_beside_the_reference(mine, reference, rng):
    """With the same weights it says what the reference says, in training and after."""
    images = rng.random((6, 8, 4, 2), dtype="float32")
    _same_as_reference(mine.DCGANDiscriminator, reference.DCGANDiscriminator, ((8, 4, 2), (4, 6)), images)


@discriminator.check
def check_discriminator_s_refusals(mine):
    """Bad sizes are refused."""
    attempt = "smallest_map raises InputError: call it in __init__"
    refuses(mine.DCGANDiscriminator, filters=(), what="no filters", attempt=attempt)
    refuses(mine.DCGANDiscriminator, (30, 28, 1), (4, 4), what="30 pixels, halved twice", attempt=attempt)


@game.check
def check_frozen_says_the_same_and_stays(mine, rng):
    """A frozen network answers as it does, in training too, and its statistics stay."""
    network, images = _game(mine, rng)[0].discriminator, rng.random((6, 4, 4, 1), dtype="float32")
    before = network.get_weights()
    for training in (False, True):
        answers = mine.frozen(network, images, training)
        for old, new in zip(before, network.get_weights(), strict=True):
            close_to(new, old, 0, "weights and statistics afterwards", "stateless_call changes nothing")
        expected = np.asarray(network(images, training=training))
        network.set_weights(before)
        close_to(answers, expected, 1e-5, f"answers with training={training}", "pass `training` on")


@game.check
def check_both_losses_by_parts(mine, rng):
    """Both losses are those of the players' answers, worked out one by one."""
    network, twin, images = _game(mine, rng, smooth=0.2)
    real = network(images, training=True)
    received = network.player_losses(images, real, training=True)
    parts = isinstance(received, (tuple, list)) and len(received) == 2
    expect(parts, "two numbers, the discriminator's loss first", received, "return both, with a comma")
    made = np.asarray(twin.generator(twin.draw(6), training=True))
    fake = np.asarray(twin.discriminator(made, training=True), "float64")
    real = np.asarray(real, "float64")
    wrong_real, wrong_fake = np.log1p(np.exp(-real)), np.log1p(np.exp(fake))
    expected = np.mean(0.8 * wrong_real + 0.2 * np.log1p(np.exp(real))) + np.mean(wrong_fake)
    attempt = "noise drawn once, self.smooth, made images in a batch of their own, training passed on"
    close_to(received[0], expected, 1e-4, "the discriminator's loss", attempt)
    close_to(received[1], np.mean(np.log1p(np.exp(-fake))), 1e-4, "the generator's loss", attempt)


@game.check
def check_each_player_moves_as_if_alone(mine, rng):
    """One step of training moves each player exactly as plain training of it alone does."""
    network, twin, images = _game(mine, rng)
    network.compile(mine.keras.optimizers.SGD(1.0), run_eagerly=True)
    network.train_on_batch(images)

    # The discriminator alone: a classifier of real images, then, from the same start, of made ones.
    noise = twin.draw(6)
    made = np.asarray(twin.generator(noise, training=True))
    first = [player.get_weights() for player in (twin.discriminator, twin.generator)]
    start = [_trained(player) for player in (twin.discriminator, twin.generator)]
    entropy = mine.keras.losses.BinaryCrossentropy(from_logits=True)
    twin.discriminator.compile(mine.keras.optimizers.SGD(1.0), loss=entropy, run_eagerly=True)
    moved = [0 * weights for weights in start[0]]
    for pictures, truth in ((images, 1), (made, 0)):
        twin.discriminator.set_weights(first[0])
        twin.discriminator.train_on_batch(pictures, np.full((6, 1), truth, "float32"))
        ways = [new - old for new, old in zip(_trained(twin.discriminator), start[0], strict=True)]
        moved = [one + other for one, other in zip(moved, ways, strict=True)]
    twin.discriminator.set_weights(first[0])
    attempt = "only its own loss may move it: hold its weights where the generator is judged"
    _moved_like(network.discriminator, start[0], moved, "the discriminator", attempt)

    # The generator alone: both in a row, asked for "real". What the second one does then is not looked at.
    twin.generator.set_weights(first[1])
    row = mine.keras.Sequential([twin.generator, twin.discriminator])
    row.compile(mine.keras.optimizers.SGD(1.0), loss=entropy, run_eagerly=True)
    row.train_on_batch(noise, np.ones((6, 1), "float32"))
    moved = [new - old for new, old in zip(_trained(twin.generator), start[1], strict=True)]
    attempt = "the discriminator's loss must not reach it; the generator's does, through the frozen one"
    _moved_like(network.generator, start[1], moved, "the generator", attempt)


def _game(mine, rng, **named):
    """Two equal models with equal chance, and images."""
    seed, twins = int(rng.integers(1000)), []
    for _ in range(2):
        mine.keras.utils.set_random_seed(seed)
        network = mine.DCGAN((4, 4, 1), latent=3, filters=(5, 4), **named)
        network.build((None, 4, 4, 1))
        for player in (network.generator, network.discriminator):
            player.set_weights([_weights(weights.shape) for weights in player.get_weights()])
        twins.append(network)
    return *twins, rng.random((6, 4, 4, 1), dtype="float32")


def _trained(player):
    return [np.asarray(weights) for weights in value(player.trainable_weights)]


def _moved_like(player, start, moved, who, attempt):
    for old, new, way in zip(start, _trained(player), moved, strict=True):
        close_to(new - old, way, 1e-4, f"the way of {who}'s weights {old.shape}", attempt)


def _weights(shape):
    """Weights that depend on their shape alone, so that no order of layers matters; vectors are above 0."""
    rng = np.random.default_rng(shape)
    drawn = rng.uniform(0.5, 1.5, shape) if len(shape) == 1 else rng.normal(0, 0.3, shape)
    return drawn.astype("float32")


def _weights_are(network, kernels, norms):
    """The network has these kernels, and four vectors for each norm."""
    received = sorted(weights.shape for weights in network.get_weights())
    expected = sorted([*kernels, *((count,) for count in norms for _ in range(4))])
    attempt = "no biases; one kernel a layer; scale, offset, mean and variance a norm"
    expect(received == expected, f"weights of shapes {expected}", received, attempt)


def _first_weights_are_drawn(network):
    """Kernels have mean 0, scales mean 1, and both a deviation of 0.02."""
    some = network.get_weights()
    # Offsets and running statistics start at 0 or 1 exactly.
    drawn = [weights for weights in some if weights.ndim == 4 or np.ptp(weights) > 0]
    expect(any(weights.ndim == 1 for weights in drawn), "scales drawn around 1", "none", "batch_norm()")
    for weights in drawn:
        deviation = float(np.std(weights, dtype="float64"))
        what = f"the deviation of the first weights {weights.shape}"
        close_to(deviation, 0.02, 0.012 if weights.ndim == 1 else 0.004, what, "initial() draws them")
        mean, tolerance = (1.0, 0.02) if weights.ndim == 1 else (0.0, 0.004)
        close_to(
            float(weights.mean()), mean, tolerance, f"their mean {weights.shape}", "initial() draws them"
        )


def _same_as_reference(ours, theirs, arguments, inputs):
    """Equal weights give equal outputs, with a batch's own statistics and with the running ones."""
    networks = [make(*arguments) for make in (ours, theirs)]
    for network in networks:
        network.build((None, *inputs.shape[1:]))
        network.set_weights([_weights(weights.shape) for weights in network.get_weights()])
    for training in (True, False):
        one, other = (np.asarray(network(inputs, training=training)) for network in networks)
        attempt = (
            "a norm between each convolution and its activation, in training with the batch's statistics"
        )
        close_to(one, other, 1e-4, f"outputs with training={training}", attempt)


@generator.shows
def image_of_generator(mine):
    """Six images of a generator with drawn weights."""
    network = mine.DCGANGenerator((16, 16, 1), 4, (8, 6))
    network.build((None, 4))
    network.set_weights([_weights(weights.shape) for weights in network.get_weights()])
    noise = np.random.default_rng(0).uniform(-1, 1, (6, 4)).astype("float32")
    return np.hstack(np.asarray(network(noise))[..., 0])
