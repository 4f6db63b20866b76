"""The exercises of day4.pix2pix: a measure, the critic's way through an image, the U-Net's, and the game."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, expect, refuses, shape_is
from keras_cv_course.classroom.remote import value

energy = Exercise(
    "energy",
    "how much neighbouring pixels differ, in the mean of the squares",
    definitions=("gradient_energy",),
    points=1,
    hints=(
        "`_checked`, further down, makes float64 of the images and refuses what is none.",
        "`np.diff` along the rows' axis, squared, one mean; the same along the columns; their sum.",
        "What to reach: 0 for one colour; 1 for stripes of one pixel, black and white.",
    ),
)
critic = Exercise(
    "critic",
    "an image to one answer a patch",
    definitions=("PatchDiscriminator.call",),
    points=2,
    hints=(
        "`to_signed` first, then `self.halved[0]` and leaky ReLU, without a norm.",
        "The other halving layers and `self.last` have a norm each, then leaky ReLU. `self.last` and "
        "`self.answer` have no padding of their own: `self.pads` puts a pixel of zeros around their maps.",
        "What to reach: 32 pixels, three filters: 7 x 7 becomes 6 x 6 answers, without a sigmoid.",
    ),
)
unet = Exercise(
    "unet",
    "down to the lowest floor, up again, with a bridge on every floor",
    definitions=("UNetGenerator.call",),
    points=4,
    hints=(
        "Keep what leaves each floor on the way down: after its leaky ReLU. The first and the lowest have no "
        "norm, so `self.down_norms` has two fewer than `self.down`.",
        "On the way up: convolution, norm, dropout on the lowest `dropped` floors, ReLU; then join the "
        "bridge of the floor that has been reached: the bridge first.",
        "The bridges are all floors but the lowest, from below. `self.paint` comes last, then `tanh_image`.",
        "`training` goes to norms and dropout.",
        "What to reach: with the lowest floor cut off, bridges still bring the outlines over.",
    ),
)
game = Exercise(
    "game",
    "the losses of painter and critic, and the distance to the truth",
    definitions=("Pix2Pix.player_losses",),
    points=5,
    hints=(
        "The discriminator sees pairs: `self.join([images, targets])` are real ones. Its loss is halved.",
        "The painter's picture must be cut off before the discriminator learns from it, and the "
        "discriminator must be `frozen` before the painter does.",
        "`mean_absolute` measures the distance. The painter's loss is `adversary` times the critic's word "
        "plus `distance` times the distance.",
        "What to reach: three numbers, and one step that moves each player as if trained alone.",
    ),
)

EXERCISES = Exercises(
    "day4.pix2pix",
    sources=(
        "keras_cv_course.metrics.sharpness",
        "keras_cv_course.generate.patch_discriminator",
        "keras_cv_course.generate.pix2pix",
    ),
    exercises=(energy, critic, unet, game),
)


@energy.check
def check_energy_by_hand(mine):
    """Six pixels, worked out by hand; and stripes."""
    image = np.float32([[0, 1, 1], [0, 3, 1]])[None, :, :, None]
    expected = (0 + 4 + 0) / 3 + (1 + 0 + 9 + 4) / 4
    attempt = "(differences along the columns) squared, their mean, plus the same along the rows"
    close_to(mine.gradient_energy(image), expected, 1e-6, "the energy of [[0, 1, 1], [0, 3, 1]]", attempt)
    stripes = np.tile(np.float32([0, 1]), (2, 4, 3))[..., None]
    close_to(mine.gradient_energy(stripes), 1, 1e-6, "the energy of stripes of one pixel", attempt)
    close_to(mine.gradient_energy(np.full((2, 4, 4, 3), 0.3)), 0, 1e-9, "the energy of one colour", attempt)


@energy.check
def check_energy_of_independent_pixels(mine, rng):
    """Independent pixels differ by twice their variance in either direction, whatever the image before."""
    images = rng.normal(0, 1, (40, 12, 20, 2)) + 5 * rng.normal(0, 1, (40, 1, 1, 1))
    close_to(
        mine.gradient_energy(images), 4, 0.3, "the energy of noise of variance 1", "one mean a direction"
    )


@energy.check
def check_energy_of_8_bits(mine):
    """Pixels of 8 bits do not wrap around; what is no image is refused."""
    image = np.uint8([[0, 1], [200, 0]])[None, :, :, None]
    expected = (200**2 + 1) / 2 + (1 + 200**2) / 2
    close_to(mine.gradient_energy(image), expected, 1e-3, "the energy of 8-bit pixels", "call `_checked`")
    refuses(mine.gradient_energy, np.zeros((4, 4)), what="one axis pair only", attempt="call `_checked`")


@critic.check
def check_answers_of_every_size(mine, rng):
    """One answer a patch, of any size of image."""
    model = _with_weights(mine.PatchDiscriminator((3, 4, 5)), (None, None, None, 2), rng)
    for size, answers in (((32, 32), (6, 6)), ((16, 40), (2, 8))):
        images = rng.random((2, *size, 2), dtype="float32")
        shape_is(
            model(images), (2, *answers, 1), f"answers to {size[0]}x{size[1]} pixels", "pad by one pixel"
        )


@critic.check
def check_critic_beside_the_reference(mine, reference, rng):
    """With the same weights it says what the reference says, in training and after."""
    images = rng.random((4, 16, 16, 2), dtype="float32")
    for norm in ("instance", "batch"):
        _same_as_reference(mine, reference, "PatchDiscriminator", dict(filters=(3, 4, 5), norm=norm), images)


@unet.check
def check_pictures_of_every_size(mine, rng):
    """A picture comes out as large as the map that went in, in [0, 1]."""
    model = _with_weights(mine.UNetGenerator(2, (3, 4, 5), 0.0, 0), (None, None, None, 1), rng, 3.0)
    for size in ((16, 16), (8, 24)):
        made = model(rng.random((2, *size, 1), dtype="float32"))
        made = shape_is(made, (2, *size, 2), "pictures", "as many doublings as halvings")
        span = f"{made.min():.3g} to {made.max():.3g}"
        expect(made.min() >= 0 and made.max() <= 1, "pixels in [0, 1]", span, "end in tanh_image")


@unet.check
def check_unet_beside_the_reference(mine, reference, rng):
    """With the same weights it paints what the reference paints, in training and after."""
    images = rng.random((4, 16, 16, 2), dtype="float32")
    sizes = dict(channels=2, filters=(3, 4, 5, 6), dropout=0.0, dropped=2)
    _same_as_reference(mine, reference, "UNetGenerator", sizes, images)


@unet.check
def check_dropout_in_training_only(mine, rng):
    """Dropout makes two pictures of one map in training, and one otherwise."""
    model = _with_weights(mine.UNetGenerator(1, (3, 4, 5), 0.5, 2), (None, 8, 8, 1), rng)
    maps = rng.random((3, 8, 8, 1), dtype="float32")
    for training in (False, True):
        first, *others = (
            shape_is(model(maps, training=training), maps.shape, "pictures", "") for _ in range(4)
        )
        far = max(np.abs(first - other).max() for other in others)
        what = "two pictures of one map in training" if training else "the same picture twice after it"
        expect((far > 1e-5) == training, what, f"they differ by {far:.3g}", "pass `training` to self.drops")


@game.check
def check_game_by_parts(mine, rng):
    """All three numbers, worked out from what the networks answer."""
    model, images, targets = _game(mine, rng, distance=10.0, adversary=2.0)
    made = _array(model(images))
    received = model.player_losses(images, targets, made)
    three = isinstance(received, (tuple, list)) and len(received) == 3
    expect(three, "three numbers: discriminator's, generator's, distance", received, "return all three")
    real, fake = (
        _array(model.discriminator(np.concatenate([images, other], axis=-1))) for other in (targets, made)
    )
    distance = 2 * np.abs(targets - made).mean()
    told = (np.mean(np.log1p(np.exp(-real))) + np.mean(np.log1p(np.exp(fake)))) / 2
    for number, expected, what, attempt in (
        (received[2], distance, "the distance", "mean_absolute, without a weight"),
        (received[0], told, "the discriminator's loss", "real pairs are 1, made ones 0; half of it"),
        (
            received[1], 2 * np.mean(np.log1p(np.exp(-fake))) + 10 * distance, "the generator's loss",
            "its pairs are to be called 1; both parts times their weights",
        ),
    ):  # fmt: skip
        close_to(number, expected, 1e-3, what, attempt)


@game.check
def check_the_critic_moves_as_if_alone(mine, rng):
    """One step moves the critic exactly as plain training of it alone does."""
    keras = mine.keras
    model, images, targets = _game(mine, rng, distance=0.0)
    players = (model.discriminator, model.generator)
    start = [[np.array(weights) for weights in player.get_weights()] for player in players]
    made = _array(model.generator(images, training=True))
    for player, weights in zip(players, start):
        player.set_weights(weights)
    model.compile(keras.optimizers.SGD(0.5), run_eagerly=True)
    model.train_on_batch(images, targets)
    together = _trained(model.discriminator)
    # The discriminator alone: the mean over real pairs and, from the same start, over made ones.
    entropy = dict(loss=keras.losses.BinaryCrossentropy(from_logits=True), run_eagerly=True)
    moves = []
    for partner, truth in ((targets, 1.0), (made, 0.0)):
        players[0].set_weights(start[0])
        before = _trained(players[0])
        players[0].compile(keras.optimizers.SGD(0.5), **entropy)
        pairs = np.concatenate([images, partner], axis=-1).astype("float32")
        answers = _array(players[0](pairs))
        players[0].train_on_batch(pairs, np.full(answers.shape, truth, "float32"))
        moves.append([new - old for new, old in zip(_trained(players[0]), before)])
    alone = [old + (real + fake) / 2 for old, real, fake in zip(before, *moves)]
    attempt = "cut the made picture off before the discriminator; let a frozen one judge the generator"
    for one, other in zip(together, alone):
        close_to(one, other, 2e-5, "weights of the discriminator after a step", attempt)


@game.check
def check_the_painter_moves_by_its_own_loss(mine, rng):
    """With both of its weights 0 a step leaves the painter where it is; with either above 0 it moves."""
    for adversary, distance in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)):
        model, images, targets = _game(mine, rng, adversary=adversary, distance=distance)
        before = _trained(model.generator)
        model.compile(mine.keras.optimizers.SGD(0.5), run_eagerly=True)
        model.train_on_batch(images, targets)
        far = max(np.abs(new - old).max() for new, old in zip(_trained(model.generator), before))
        weights = f"with adversary {adversary:g} and distance {distance:g}"
        what = f"weights of the painter that {'move' if adversary + distance else 'stay'} {weights}"
        attempt = "cut the picture off for the discriminator's loss, and nowhere else"
        expect((far > 1e-6) == (adversary + distance > 0), what, f"a change of {far:.3g}", attempt)


def _with_weights(model, shape, rng, scale=0.5):
    """The model, built, with weights that make a difference."""
    model.build(shape)
    model.set_weights(
        [_drawn(weights.shape, number, scale) for number, weights in enumerate(model.get_weights())]
    )
    return model


def _drawn(shape, number, scale):
    """Weights of one shape and place; positive ones where there is one axis: scales, variances."""
    weights = np.random.default_rng((number, *shape)).normal(0, scale, shape).astype("float32")
    return weights if len(shape) > 1 else 0.5 + np.abs(weights)


def _same_as_reference(mine, reference, name, sizes, images):
    answers = []
    for module in (mine, reference):
        model = _with_weights(getattr(module, name)(**sizes), (None, *images.shape[1:]), None)
        answers.append([model(images, training=training) for training in (True, False)])
    for training, received, expected in zip((True, False), *answers):
        expected = np.asarray(expected)
        close_to(received, expected, 1e-4, f"the answer with training={training}", "read the docstring again")


def _game(mine, rng, **kwargs):
    """A small pix2pix with weights that make a difference, six maps and their pictures."""
    sizes = dict(channels=2, filters=(3, 4, 5), patch_filters=(3, 4), dropout=0.0, dropped=0)
    model = mine.Pix2Pix(**{**sizes, **kwargs})
    model.build((None, 16, 16, 1))
    for player in (model.discriminator, model.generator):
        weights = [_drawn(weights.shape, number, 0.3) for number, weights in enumerate(player.get_weights())]
        player.set_weights(weights)
    images, targets = (rng.random((6, 16, 16, channels), dtype="float32") for channels in (1, 2))
    return model, images, targets


def _trained(player):
    return [np.array(weights) for weights in value(player.trainable_weights)]


def _array(value):
    """What a network answers as numbers."""
    return np.asarray(shape_is(value, np.shape(value), "numbers", "return tensors"), "float64")
