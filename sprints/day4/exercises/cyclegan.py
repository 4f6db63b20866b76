"""The exercises of day4.cyclegan: least squares, the schedule, the pool, a residual block, and all four losses."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, expect
from sprints.day4.exercises import small_gans
from sprints.day4.exercises.image_pool import pool
from sprints.day4.exercises.single_steps import moved_by, numbers, step_alone, trainable

squares = Exercise(
    "squares",
    "the mean squared difference of outputs from the one truth of all of them",
    definitions=("least_squares",),
    points=1,
    hints=(
        "No sigmoid and no logarithm: output minus truth, squared, and one mean over everything.",
        "`ops.cast(outputs, 'float32')` first: squares of half precision are too coarse to add up.",
        "What to reach: 0.25 at an output of 0.5, for truth 0 and 1; 4 at output 3 and truth 1.",
    ),
)
rate = Exercise(
    "rate",
    "a rate that is constant at first, then falls to 0 in a straight line",
    definitions=("LinearDecay.__call__",),
    points=1,
    hints=(
        "How many steps are left, as a share of the steps of the second part? Before it, that is above 1.",
        "`ops.clip(share, 0.0, 1.0)` holds it at 1 before and at 0 behind. The step may be a whole number.",
        "What to reach: rate 2, constant 10, steps 30: 2 up to step 10, 1 at step 20, 0 from 30 on.",
    ),
)
block = Exercise(
    "block",
    "the maps, plus two convolutions of them with reflected borders",
    definitions=("ReflectedResidualBlock.call",),
    points=2,
    hints=(
        "Pad, convolve, norm; ReLU; pad, convolve, norm. The lists in `__init__` hold one of each for both.",
        "ReLU stands between the two only. The sum at the end is left as it is.",
        "What to reach: with all weights 0, the output is the input.",
    ),
)
losses = Exercise(
    "losses",
    "the losses of both sides: adversarial, cycle, identity",
    definitions=("CycleGAN.adversarial_losses", "CycleGAN.domain_loss"),
    points=6,
    hints=(
        "`generated_b` is there already; generate `generated_a`. Each discriminator sees the real images of its domain "
        "and, through its pool and `ops.stop_gradient`, the generated ones; its loss is halved.",
        "Each generator's loss comes from the `frozen` discriminator of its target domain; no pool.",
        "The cycle: a, translated there and back, beside a itself; the same for b. `l1_distance` measures.",
        "The identity: to_b generates B, so an image of B should stay as it is. What should to_a leave unchanged?",
        "`apply_jointly` gives a generator several batches at once; three calls of the generator do as well. A "
        "distance of weight 0 is 0 and not computed.",
        "What to reach: four numbers, and one step that moves each network as if trained alone.",
    ),
)

EXERCISES = Exercises(
    "day4.cyclegan",
    sources=(
        "keras_cv_course.generate.adversarial.adversarial_losses",
        "keras_cv_course.training.schedules",
        "keras_cv_course.generate.adversarial.image_pool",
        "keras_cv_course.generate.cyclegan",
    ),
    exercises=(squares, rate, pool, block, losses),
)


@squares.check
def check_squares_by_hand(mine, rng):
    """1/4 at outputs of a half; random outputs, those of half precision averaged in float32, one by one."""
    half, few = rng.normal(0, 3, (2, 1)).astype("float16"), rng.normal(0, 2, (4, 3, 3, 1)).astype("float32")
    for outputs in (np.full((5, 1), 0.5, "float32"), few, half):
        for truth in (0.0, 1.0):
            received = mine.least_squares(truth, mine.ops.cast(outputs, outputs.dtype.name))
            expected = np.mean((outputs.astype("float64") - truth) ** 2)
            what = f"least_squares of {outputs.dtype} outputs {outputs.shape}, truth {truth}"
            close_to(received, expected, 1e-5, what, "cast to float32; (output - truth) squared, one mean")


@rate.check
def check_the_rate_step_by_step(mine, rng):
    """Constant, then in a straight line to 0, and 0 from then on."""
    attempt = "the share of the second part's steps that is left, from 1 to 0, times the rate"
    top, constant, falling = float(rng.uniform(0.5, 2)), int(rng.integers(3, 12)), int(rng.integers(10, 30))
    for start in (0, constant):
        schedule, end = mine.LinearDecay(top, start, start + falling), start + falling
        for step in (0, start, *rng.integers(start, end, 3), end, 99):
            expected = top * np.clip((end - step) / falling, 0, 1)
            what = f"rate at step {step} of rate {top:.3f}, constant {start}, steps {end}"
            close_to(schedule(int(step)), expected, 1e-5, what, attempt)


@rate.shows
def image_of_rate(mine):
    """The rate from step 0 to 60, as a curve: constant up to step 20, 0 from step 50 on."""
    schedule = mine.LinearDecay(1.0, 20, 50)
    heights = np.array([float(np.asarray(schedule(step))) for step in range(61)])
    return np.kron(np.linspace(1, 0, 31)[:, None] <= heights, np.ones((3, 3)))


@block.check
def check_the_block_by_hand(mine, rng):
    """Random weights, worked out with NumPy."""
    layer, maps = mine.ReflectedResidualBlock(2), rng.standard_normal((2, 5, 4, 2), dtype="float32")
    layer.build(maps.shape)
    weights = [rng.normal(0, 0.5, value.shape).astype("float32") for value in layer.get_weights()]
    layer.set_weights(weights)
    change = np.maximum(small_gans.reflected_convolution(maps, *weights[:2]), 0)
    expected = maps + small_gans.reflected_convolution(change, *weights[2:])
    attempt = "reflect by a pixel, convolve, norm; ReLU; the same with the second ones; plus the maps"
    close_to(layer(maps), expected, 1e-3, "maps", attempt)


@losses.check(points=3)
def check_losses_by_parts(mine, rng):
    """All four numbers, worked out from the networks' outputs."""
    for cycle, identity in ((float(rng.uniform(5, 9)), 3.0), (2.0, 0.0), (0.0, 0.0)):
        model, a, b = small_gans.cyclegan(mine, rng, cycle_weight=cycle, identity_weight=identity)
        received = model.adversarial_losses(a, b, model.to_b(a))
        four = isinstance(received, (tuple, list)) and len(received) == 4
        expect(four, "four numbers: discriminators, generators, cycle, identity", received, "return all four")
        to_a, to_b = (lambda images, one=one: numbers(one(images)) for one in (model.to_a, model.to_b))
        generated_a, generated_b = to_a(b), to_b(a)
        cycles = (cycle > 0) * (_l1(a, to_a(generated_b)) + _l1(b, to_b(generated_a)))
        identities = (identity > 0) * (_l1(a, to_a(a)) + _l1(b, to_b(b)))
        discriminators = generators = 0
        for network, real, fake in zip(
            small_gans.networks_of(model), (a, b), (generated_a, generated_b), strict=False
        ):
            outputs = numbers(network(fake))
            discriminators += (np.mean((numbers(network(real)) - 1) ** 2) + np.mean(outputs**2)) / 2
            generators += np.mean((outputs - 1) ** 2)
        generators += cycle * cycles + identity * identities
        for number, expected, what, attempt in (
            (received[2], cycles, "cycles' L1", "there and back beside the image itself, both ways"),
            (received[3], identities, "identities' L1", "images of its target domain stay as they are"),
            (received[0], discriminators, "discriminators' loss", "truth 1 for real, 0 for generated; half"),
            (received[1], generators, "generators' loss", "they want truth 1; plus the weighted distances"),
        ):
            what = f"the {what} with cycle {cycle:g} and identity {identity:g}"
            close_to(number, expected, 1e-3, what, attempt)


@losses.check(points=2)
def check_each_network_moves_as_if_alone(mine, rng):
    """Without distances one step moves each network exactly as plain training of it alone does."""
    model, a, b = small_gans.cyclegan(mine, rng, cycle_weight=0.0, identity_weight=0.0)
    networks = small_gans.networks_of(model)
    generated_a, generated_b = (numbers(one).astype("float32") for one in (model.to_a(b), model.to_b(a)))
    # Half of the rate: the discriminators' loss is halved.
    alone = [
        step_alone(mine, networks[0], [(a, 1), (generated_a, 0)], "mse", 0.25),
        step_alone(mine, networks[1], [(b, 1), (generated_b, 0)], "mse", 0.25),
        step_alone(mine, networks[2], [(b, 1)], "mse", 0.5, behind=networks[0]),
        step_alone(mine, networks[3], [(a, 1)], "mse", 0.5, behind=networks[1]),
    ]
    start = [trainable(network) for network in networks]
    model.compile(mine.keras.optimizers.SGD(0.5), run_eagerly=True)
    model.train_on_batch(a, b)
    names = ("discriminator of A", "discriminator of B", "generator to A", "generator to B")
    attempt = "ops.stop_gradient on generated images for the discriminator, a frozen one for the generator"
    for one in zip(networks, start, alone, names, strict=True):
        moved_by(*one, attempt, tolerance=2e-5)


@losses.check
def check_only_discriminators_see_the_pool(mine, rng):
    """With the pools full of white, the discriminators' loss changes and the generators' does not."""
    model, a, b = small_gans.cyclegan(mine, rng, pool_size=60, cycle_weight=1.0, identity_weight=1.0)
    fresh = [numbers(number) for number in model.adversarial_losses(a, b, model.to_b(a))]
    attempt = "pool(generated, training=training) for the discriminators, not for the generators"
    for _ in range(3):  # half of the images are exchanged, others each time
        for layer in (model.pool_a, model.pool_b):
            layer.filled.assign(60)
            layer.images.assign(np.ones((60, 8, 8, 1), "float32"))
        pooled = model.adversarial_losses(a, b, model.to_b(a), training=True)
        discriminators, generators = (numbers(number) for number in pooled[:2])
        other = abs(discriminators - fresh[0]) > 1e-4
        expect(other, f"a discriminators' loss other than {fresh[0]:.4f}", float(discriminators), attempt)
        close_to(generators, fresh[1], 1e-4, "the generators' loss", attempt)


def _l1(images, others):
    """Twice the mean absolute difference: images in [0, 1] are measured in [-1, 1]."""
    return 2 * np.abs(images - others).mean()
