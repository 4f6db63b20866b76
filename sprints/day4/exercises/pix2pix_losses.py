"""The exercise of day4.pix2pix on both networks' losses."""

import numpy as np

from keras_cv_course.classroom import Exercise, close_to, expect
from sprints.day4.exercises import small_gans
from sprints.day4.exercises.single_steps import moved_by, numbers, step_alone, trainable

losses = Exercise(
    "losses",
    "the losses of both networks, and the distance to the target",
    definitions=("Pix2Pix.adversarial_losses",),
    points=5,
    hints=(
        "The discriminator sees pairs: `self.concatenate([images, targets])` are real ones. Its loss is halved.",
        "The generated image needs `ops.stop_gradient` for the discriminator's loss, and the discriminator must be "
        "`frozen` for the generator's.",
        "`l1_distance` measures the distance. The generator's loss is `adversarial_weight` times `generator_loss` plus "
        "`l1_weight` times the distance.",
        "What to reach: three numbers, and one step that moves each network as if trained alone.",
    ),
)


@losses.check(points=2)
def check_losses_by_parts(mine, rng):
    """All three numbers, worked out from the networks' outputs."""
    l1_weight, adversarial_weight = rng.uniform(2, 10, 2).tolist()
    model, images, targets = small_gans.pix2pix(
        mine, rng, l1_weight=l1_weight, adversarial_weight=adversarial_weight
    )
    generated = numbers(model(images))
    received = model.adversarial_losses(images, targets, generated.astype("float32"))
    three = isinstance(received, (tuple, list)) and len(received) == 3
    expect(three, "three numbers: discriminator's, generator's, distance", received, "return all three")
    real, fake = (
        numbers(model.discriminator(np.concatenate([images, other], axis=-1).astype("float32")))
        for other in (targets, generated)
    )
    distance = 2 * np.abs(targets - generated).mean()
    discriminator = (np.mean(np.logaddexp(0, -real)) + np.mean(np.logaddexp(0, fake))) / 2
    generator = adversarial_weight * np.mean(np.logaddexp(0, -fake)) + l1_weight * distance
    close_to(received[2], distance, 1e-3, "the distance", "l1_distance, without a weight")
    attempt = "real pairs have truth 1, generated ones 0; half of the sum"
    close_to(received[0], discriminator, 1e-3, "the discriminator's loss", attempt)
    attempt = "the generator wants truth 1; both parts times their weights"
    close_to(received[1], generator, 1e-3, "the generator's loss", attempt)


@losses.check
def check_the_discriminator_moves_as_if_alone(mine, rng):
    """One step moves the discriminator exactly as plain training of it alone does."""
    model, images, targets = small_gans.pix2pix(mine, rng, l1_weight=0.0)
    start = trainable(model.discriminator)
    first = model.generator.get_weights()
    generated = numbers(model.generator(images, training=True))
    model.generator.set_weights(first)
    pairs = [np.concatenate([images, other], axis=-1).astype("float32") for other in (targets, generated)]
    loss = mine.keras.losses.BinaryCrossentropy(from_logits=True)
    # Half of the rate: the discriminator's loss is halved.
    alone = step_alone(mine, model.discriminator, [(pairs[0], 1), (pairs[1], 0)], loss, 0.25)
    model.compile(mine.keras.optimizers.SGD(0.5), run_eagerly=True)
    model.train_on_batch(images, targets)
    attempt = "ops.stop_gradient on the generated image for the discriminator, a frozen one for the generator"
    moved_by(model.discriminator, start, alone, "discriminator", attempt, tolerance=2e-5)


@losses.check
def check_the_generator_moves_by_its_own_loss(mine, rng):
    """With both of its weights 0 a step leaves the generator where it is; with either above 0 it moves."""
    for adversarial_weight, l1_weight in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)):
        model, images, targets = small_gans.pix2pix(
            mine, rng, adversarial_weight=adversarial_weight, l1_weight=l1_weight
        )
        before = trainable(model.generator)
        model.compile(mine.keras.optimizers.SGD(0.5), run_eagerly=True)
        model.train_on_batch(images, targets)
        after = trainable(model.generator)
        change = max(np.abs(new - old).max() for new, old in zip(after, before, strict=True))
        moves = adversarial_weight + l1_weight > 0
        weights = f"with adversarial_weight {adversarial_weight:g} and l1_weight {l1_weight:g}"
        what = f"weights of the generator that {'move' if moves else 'stay'} {weights}"
        attempt = "ops.stop_gradient on the generated image for the discriminator's loss, and nowhere else"
        expect((change > 1e-6) == moves, what, f"a change of {change:.3g}", attempt)
