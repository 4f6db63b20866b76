"""The exercises of day4.dcgan on both networks' losses."""

import numpy as np

from keras_cv_course.classroom import Exercise, close_to

entropy = Exercise(
    "cross-entropy",
    "the mean cross-entropy of logits that all have the same truth",
    definitions=("cross_entropy",),
    points=1,
    hints=(
        "`ops.binary_crossentropy` takes the truth first. Which argument says that there was no sigmoid yet?",
        "`ops.full_like` makes a tensor of the truth. One number comes out, computed in float32.",
        "What to reach: ln 2 = 0.693 at logit 0, whatever the truth; 30 at logit 30 and truth 0.",
    ),
)
losses = Exercise(
    "losses",
    "the discriminator's loss on real and generated images, and the generator's",
    definitions=("discriminator_loss", "generator_loss"),
    points=2,
    hints=(
        "`loss(truth, outputs)` is a mean already. What is the truth of real images, and of generated ones?",
        "The generator wants its images to be taken for real: its truth is not the discriminator's.",
        "Label smoothing is for real images only: 1 - label_smoothing. Generated ones stay at 0.",
        "What to reach: at logit 0 the losses are 2 ln 2 = 1.386 and ln 2 = 0.693.",
    ),
)


def slow_cross_entropy(truth, logits):
    """The mean cross-entropy of logits that all have the same truth; in float64, written out."""
    logits = np.asarray(logits, "float64")
    return np.mean(truth * np.logaddexp(0, -logits) + (1 - truth) * np.logaddexp(0, logits))


@entropy.check
def check_entropy_by_hand(mine, rng):
    """ln 2 at logit 0; random logits, a large one that a sigmoid would round to 1, some of half precision."""
    attempt = (
        "float32; log(1 + e^x) for truth 0, log(1 + e^-x) for truth 1: a logit has had no sigmoid; one mean"
    )
    large = np.append(rng.normal(0, 2, 7), 30).astype("float32")[:, None]
    half = rng.normal(0, 3, (5, 1)).astype("float16")
    for logits in (np.zeros((2, 3, 3, 1), "float32"), large, half):
        for truth in (0.0, 0.9, 1.0):
            received = mine.cross_entropy(truth, mine.ops.cast(logits, logits.dtype.name))
            what = f"cross-entropy of truth {truth} and {logits.dtype} logits {logits.shape}"
            close_to(received, slow_cross_entropy(truth, logits), 1e-5, what, attempt)


@losses.check(points=1)
def check_truths(mine, rng):
    """Real is 1 and generated is 0 for the discriminator, generated is 1 for the generator; only real is smoothed."""
    real, fake = (rng.normal(mean, 1, (6, 1)).astype("float32") for mean in (1, -1))
    attempt = "truth 1 less the smoothing for real, 0 for generated images; one mean of each, added"
    for smoothing in (0.0, float(rng.uniform(0.1, 0.3))):
        expected = slow_cross_entropy(1 - smoothing, real) + slow_cross_entropy(0, fake)
        received = mine.discriminator_loss(real, fake, label_smoothing=smoothing)
        close_to(received, expected, 1e-5, f"discriminator_loss, label_smoothing {smoothing:.2f}", attempt)
    attempt = "which truth does the generator want?"
    close_to(mine.generator_loss(fake), slow_cross_entropy(1, fake), 1e-5, "generator_loss", attempt)


@losses.check
def check_least_squares(mine, rng):
    """With least squares, each output's distance to its truth is squared."""
    real, fake = rng.normal(0, 1, (2, 3, 1)).astype("float32")
    expected, attempt = np.mean((real - 1) ** 2) + np.mean(fake**2), "call the loss that was given"
    received = mine.discriminator_loss(real, fake, mine.least_squares)
    close_to(received, expected, 1e-5, "discriminator_loss with least_squares", attempt)
    received = mine.generator_loss(fake, mine.least_squares)
    close_to(received, np.mean((fake - 1) ** 2), 1e-5, "generator_loss with least_squares", attempt)
