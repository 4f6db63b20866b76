"""The exercises of day4.cyclegan: the loss, the rate, the pool, a block, and the game of four players."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, expect, shape_is

squares = Exercise(
    "squares",
    "the mean squared distance of answers from what they should all be",
    definitions=("least_squares",),
    points=1,
    hints=(
        "No sigmoid and no logarithm: answer minus truth, squared, and one mean over everything.",
        "`ops.cast(answers, 'float32')` first: squares of half precision are too coarse to add up.",
        "What to reach: 0.25 at an answer of 0.5, whatever the truth; 4 at answer 3 and truth 1.",
    ),
)
rate = Exercise(
    "rate",
    "constant at first, then in a straight line to 0",
    definitions=("LinearDecay.__call__",),
    points=1,
    hints=(
        "How many steps are left, as a share of the steps of the second part? Before it, that is above 1.",
        "`ops.clip(share, 0.0, 1.0)` holds it at 1 before and at 0 behind. The step may be a whole number.",
        "What to reach: rate 2, constant 10, steps 30: 2 up to step 10, 1 at step 20, 0 from 30 on.",
    ),
)
pool = Exercise(
    "pool",
    "keep images, and give back every other time an old one",
    definitions=("ImagePool.call",),
    points=4,
    hints=(
        "`self.images` holds `size` places, `self.filled` says how many are taken. Without training, or with "
        "no size, images pass by.",
        "The first images of a batch go to the empty places and are given back, too. For each of the others "
        "draw a taken place, no two the same, and a coin: `self.chance.whole(shape, 2)`.",
        "A random order of the places is an `argsort` of random numbers; empty ones must come last.",
        "`ops.where` picks the new or the old image twice: for what is kept and, the other way round, for "
        "what is given back. `ops.scatter_update` writes.",
        "A batch larger than the pool has a rest, which passes by.",
        "What to reach: of many images, half come back at once, the rest later, none twice.",
    ),
)
block = Exercise(
    "block",
    "the maps, and what two reflected convolutions change about them",
    definitions=("ReflectedResidualBlock.call",),
    points=2,
    hints=(
        "Pad, convolve, norm; ReLU; pad, convolve, norm. The lists in `__init__` hold one of each for both.",
        "ReLU stands between the two only. The sum at the end is left as it is.",
        "What to reach: with all weights 0, what comes out is what came in.",
    ),
)
game = Exercise(
    "game",
    "the losses of both sides: to pass for real, to come back, to stay",
    definitions=("CycleGAN.player_losses", "CycleGAN.judge"),
    points=6,
    hints=(
        "`made_b` is there already; make `made_a`. Each discriminator sees the real images of its domain "
        "and, through its pool and `ops.stop_gradient`, the made ones; its loss is halved.",
        "Each generator is judged by the `frozen` discriminator of the domain that it paints; no pool.",
        "The cycle: a, translated there and back, beside a itself; the same for b. `mean_absolute` measures.",
        "The identity: to_b paints B, so an image of B is to stay as it is. What does to_a leave alone?",
        "`together` gives a generator several batches at once; three calls of the generator do as well. A "
        "distance of weight 0 is 0 and not computed.",
        "What to reach: four numbers, and one step that moves each player as if trained alone.",
    ),
)

EXERCISES = Exercises(
    "day4.cyclegan",
    sources=(
        "keras_cv_course.generate.adversarial.two_players",
        "keras_cv_course.training.schedules",
        "keras_cv_course.generate.adversarial.image_pool",
        "keras_cv_course.generate.cyclegan",
    ),
    exercises=(squares, rate, pool, block, game),
)


@squares.check
def check_a_half_costs_a_quarter(mine):
    """At an answer of 0.5 it costs 1/4, whatever the truth."""
    for shape in ((5, 1), (2, 3, 3, 1)):
        for truth in (0.0, 1.0):
            received = mine.least_squares(np.full(shape, 0.5, "float32"), truth)
            close_to(received, 0.25, 1e-6, f"answers 0.5 of shape {shape}, truth {truth}", "the mean of all")


@squares.check
def check_squares_by_hand(mine, rng):
    """Random answers, worked out one by one."""
    answers = rng.normal(0, 2, (4, 3, 3, 1))
    for truth in (0.0, 1.0):
        expected = np.mean((answers - truth) ** 2)
        received = mine.least_squares(answers.astype("float32"), truth)
        close_to(received, expected, 1e-4, f"random answers, truth {truth}", "(answer - truth) squared")


@squares.check
def check_squares_of_half_precision(mine):
    """Answers of half precision are judged in float32."""
    answers = mine.ops.cast(np.float32([[3.1], [1.2]]), "float16")
    expected = np.mean((np.float16([3.1, 1.2]).astype("float64") - 1) ** 2)
    close_to(mine.least_squares(answers, 1.0), expected, 1e-5, "float16 answers", "cast them first")


@rate.check
def check_the_rate_step_by_step(mine):
    """Constant, then in a straight line to 0, and 0 from then on."""
    schedule = mine.LinearDecay(2.0, 10, 30)
    for step, expected in ((0, 2), (9, 2), (10, 2), (15, 1.5), (20, 1), (29, 0.1), (30, 0), (50, 0)):
        attempt = "the share of the second part's 20 steps that is left, from 1 to 0, times the rate"
        close_to(schedule(step), expected, 1e-5, f"rate at step {step} of constant 10, steps 30", attempt)
    close_to(mine.LinearDecay(0.5, 0, 4)(1), 0.375, 1e-6, "rate at step 1 of constant 0, steps 4", attempt)


@pool.check
def check_it_fills_first(mine):
    """Until it is full, images are kept and given back."""
    numbers = _pool(mine, 5)
    attempt = "the first `size` images go to the empty places and are given back"
    for start, count in ((1, 2), (3, 3)):
        close_to(numbers(start, count), np.arange(start, start + count), 0, "images while it fills", attempt)
    held, filled = _kept(numbers.layer, 5)
    close_to(filled, 5, 0, "places taken", "count them in self.filled, up to the size")
    close_to(np.sort(held), np.arange(1, 6), 0, "images kept", attempt)


@pool.check
def check_none_is_lost_or_doubled(mine):
    """Each image comes back once, at once or later, or is still there."""
    for size, batch in ((6, 1), (6, 4), (6, 6), (2, 5)):
        numbers, seen = _pool(mine, size), []
        for start in range(0, 8 * batch, batch):
            seen += numbers(start, batch).tolist()
        held = _kept(numbers.layer, size)[0].tolist()
        counts = np.bincount(np.int64(np.nan_to_num([*seen, *held])).clip(0, 999), minlength=8 * batch)
        # Those that fill the pool are given back when they are kept, and again when they are swapped out.
        expected = np.where(np.arange(8 * batch) < size, 2, 1)
        attempt = "what is kept and what is given back are the new and the old image, once each"
        close_to(
            counts, expected, 0, f"how often each image was given or is kept, pool {size}, batch {batch}",
            attempt,
        )  # fmt: skip


@pool.check
def check_every_other_one_is_old(mine):
    """Half of the images that are given back are old ones, from anywhere in the pool."""
    numbers, old, used = _pool(mine, 8), 0, np.zeros(8)
    numbers(0, 8)
    for start in range(8, 8 + 4 * 60, 4):
        before = _kept(numbers.layer, 8)[0]
        given = numbers(start, 4)
        swapped = given[given < start]
        old += len(swapped)
        used += np.isin(before, swapped)
    # 240 coins: five standard deviations are 39. Each place is met by 15 of them in the mean.
    close_to(old, 120, 39, "old images among 240 given back", "a fair coin for every image")
    expect(used.min() >= 2, "every place used", f"{used.tolist()} times", "draw a new order of all places")


@pool.check
def check_it_rests_without_training(mine):
    """Without training, and of size 0, images pass by."""
    for size, training in ((3, False), (0, True)):
        numbers = _pool(mine, size)
        for start in (1, 11, 21, 31):
            received = numbers(start, 3, training)
            expected = np.arange(start, start + 3)
            close_to(received, expected, 0, f"images, pool of {size}, training={training}", "give them back")


@block.check
def check_without_weights_nothing_changes(mine, rng):
    """With all weights 0 the maps come out as they came in, negative ones too."""
    layer, maps = mine.ReflectedResidualBlock(3), rng.standard_normal((2, 5, 6, 3), dtype="float32")
    layer.build(maps.shape)
    layer.set_weights([0 * weights for weights in layer.get_weights()])
    close_to(layer(maps), maps, 1e-6, "maps", "add the change to the maps; nothing follows the sum")


@block.check
def check_the_block_by_hand(mine, rng):
    """Random weights, worked out with NumPy."""
    layer, maps = mine.ReflectedResidualBlock(2), rng.standard_normal((2, 5, 4, 2), dtype="float32")
    layer.build(maps.shape)
    weights = [rng.normal(0, 0.5, value.shape).astype("float32") for value in layer.get_weights()]
    layer.set_weights(weights)
    first, second = (_convolved(weights[0], weights[1]), _convolved(weights[2], weights[3]))
    expected = maps + second(np.maximum(first(maps), 0))
    attempt = "reflect by a pixel, convolve, norm; ReLU; the same with the second ones; plus the maps"
    close_to(layer(maps), expected, 1e-3, "maps", attempt)


@game.check
def check_losses_by_parts(mine, rng):
    """All four numbers, worked out from what the networks answer."""
    for cycle, identity in ((8.0, 3.0), (2.0, 0.0), (0.0, 0.0)):
        model, a, b = _game(mine, rng, cycle=cycle, identity=identity)
        received = model.player_losses(a, b, model.to_b(a))
        four = isinstance(received, (tuple, list)) and len(received) == 4
        expect(four, "four numbers: discriminators, generators, cycle, identity", received, "return all four")
        made_a, made_b = _array(model.to_a(b)), _array(model.to_b(a))
        back_a, back_b = _array(model.to_a(made_b)), _array(model.to_b(made_a))
        there = 2 * (np.abs(a - back_a).mean() + np.abs(b - back_b).mean()) * (cycle > 0)
        same = np.abs(a - _array(model.to_a(a))).mean() + np.abs(b - _array(model.to_b(b))).mean()
        same = 2 * same * (identity > 0)
        judged = [
            _array(critic(images))
            for critic, images in (
                (model.discriminator_a, a), (model.discriminator_b, b),
                (model.discriminator_a, made_a), (model.discriminator_b, made_b),
            )
        ]  # fmt: skip
        real = sum(np.mean((answers - 1) ** 2) for answers in judged[:2])
        fake = sum(np.mean(answers**2) for answers in judged[2:])
        fooled = sum(np.mean((answers - 1) ** 2) for answers in judged[2:])
        weights = f"with cycle {cycle:g} and identity {identity:g}"
        for number, expected, what, attempt in (
            (received[2], there, "the cycles' L1", "there and back beside the image itself, both ways"),
            (received[3], same, "the identities' L1", "a generator leaves the domain that it paints alone"),
            (received[0], (real + fake) / 2, "the discriminators' loss", "real is 1, made is 0; half of it"),
            (
                received[1], fooled + cycle * there + identity * same, "the generators' loss",
                "made is to be called 1, plus each distance times its weight",
            ),
        ):  # fmt: skip
            close_to(number, expected, 1e-3, f"{what} {weights}", attempt)


@game.check
def check_each_player_moves_as_if_alone(mine, rng):
    """Without distances one step moves each player exactly as plain training of it alone does."""
    model, a, b = _game(mine, rng, cycle=0.0, identity=0.0)
    start = [_weights_of(player) for player in _players(model)]
    made = {"a": _array(model.to_a(b)), "b": _array(model.to_b(a))}
    sgd = mine.keras.optimizers.SGD
    model.compile(sgd(0.5), run_eagerly=True)
    model.train_on_batch(a, b)
    together = [_weights_of(player) for player in _players(model)]
    for player, weights in zip(_players(model), start):
        player.set_weights(weights)
    # Critics: squares of real beside 1 and of made beside 0, one mean of both. Generators: made beside 1.
    ones = np.ones_like(_array(model.discriminator_a(a)))
    for critic, real, fake in ((model.discriminator_a, a, made["a"]), (model.discriminator_b, b, made["b"])):
        critic.compile(sgd(0.5), loss="mse", run_eagerly=True)
        critic.train_on_batch(np.concatenate([real, fake]), np.concatenate([ones, 0 * ones]))
    moved = [_weights_of(player) for player in _players(model)[:2]]
    for player, weights in zip(_players(model), start):
        player.set_weights(weights)
    for generator, critic, images in (
        (model.to_a, model.discriminator_a, b), (model.to_b, model.discriminator_b, a),
    ):  # fmt: skip
        critic.trainable = False
        chain = mine.keras.Sequential([generator, critic])
        chain.compile(sgd(0.5), loss="mse", run_eagerly=True)
        chain.train_on_batch(images, ones)
    moved += [_weights_of(player) for player in _players(model)[2:]]
    names = ("discriminator of A", "discriminator of B", "generator to A", "generator to B")
    attempt = "cut made images off before the discriminator; let a frozen one judge the generator"
    for name, alone, here in zip(names, moved, together):
        for one, other in zip(here, alone):
            close_to(one, other, 2e-5, f"weights of the {name} after a step", attempt)


@game.check
def check_only_discriminators_see_the_pool(mine, rng):
    """With the pools full of white, the discriminators' loss changes and the generators' does not."""
    model, a, b = _game(mine, rng, pool=6, cycle=1.0, identity=1.0)
    fresh = [_array(number) for number in model.player_losses(a, b, model.to_b(a))]
    for layer in (model.pool_a, model.pool_b):
        layer.filled.assign(6)
        layer.images.assign(np.ones((6, 8, 8, 1), "float32"))
    pooled = [_array(number) for number in model.player_losses(a, b, model.to_b(a), training=True)]
    attempt = "pool(made, training=training) for the discriminator of each domain, not for the generators"
    expect(abs(pooled[0] - fresh[0]) > 1e-4, "another discriminators' loss", float(pooled[0]), attempt)
    close_to(pooled[1], fresh[1], 1e-4, "the generators' loss", attempt)


def _pool(mine, size):
    """A function (start, count) that puts numbered images of one pixel into a new pool."""
    layer = mine.ImagePool(size)
    layer.build((None, 1, 1, 1))

    def numbers(start, count, training=True):
        images = np.arange(start, start + count, dtype="float32").reshape(-1, 1, 1, 1)
        attempt = "as many images come back as went in"
        return shape_is(layer.call(images, training=training), images.shape, "images", attempt).ravel()

    numbers.layer = layer
    return numbers


def _kept(layer, size):
    """What a pool of images of one pixel keeps: (size,) numbers, and how many places are taken."""
    weights = layer.get_weights()
    two = isinstance(weights, (list, tuple)) and len(weights) == 2
    expect(two, "a pool of images and the number of places taken", weights, "see `build`")
    return shape_is(weights[0], (size, 1, 1, 1), "images kept", "see `build`").ravel(), weights[1]


def _convolved(kernel, bias):
    """A function: reflect by one pixel, convolve with a 3x3 kernel, norm every channel of every image."""

    def apply(maps):
        padded = np.pad(maps.astype("float64"), ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
        maps = np.einsum("nhwcij,ijcd->nhwd", windows, kernel) + bias
        maps = maps - maps.mean(axis=(1, 2), keepdims=True)
        return maps / np.sqrt(maps.var(axis=(1, 2), keepdims=True) + 1e-5)

    return apply


def _game(mine, rng, **kwargs):
    """A small CycleGAN with weights that make a difference, and six images of each domain."""
    sizes = dict(channels=1, filters=2, blocks=1, patch_filters=(3, 4), pool=0)
    model = mine.CycleGAN(**{**sizes, **kwargs})
    model.build((None, 8, 8, 1))
    for player in _players(model):
        player.set_weights(
            [rng.normal(0, 0.3, value.shape).astype("float32") for value in player.get_weights()]
        )
    return model, *(rng.random((6, 8, 8, 1), dtype="float32") for _ in range(2))


def _players(model):
    return model.discriminator_a, model.discriminator_b, model.to_a, model.to_b


def _weights_of(player):
    return [np.array(value) for value in player.get_weights()]


def _array(value):
    """What a network answers, or a loss, as numbers."""
    return np.asarray(shape_is(value, np.shape(value), "numbers", "return tensors"), "float64")
