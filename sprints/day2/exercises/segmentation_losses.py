"""The exercises of day2.unet on its losses: Dice and cross-entropy without void pixels, border weights."""

import numpy as np

from keras_cv_course.classroom import Exercise, close_to, shape_is
from keras_cv_course.classroom.shared_checks import (
    all_refused,
)
from sprints.day2.exercises import slow_masks

losses = Exercise(
    "losses",
    "Dice counts regions, cross-entropy pixels; void counts in neither",
    definitions=("DiceLoss.call", "CrossEntropyDice.call"),
    points=4,
    hints=(
        "`ops.one_hot` gives nothing but zeros for class 255; the prediction at such pixels must go as well.",
        "Sum over images, rows and columns: one number a class. The fraction of each class, then the mean.",
        "Keras takes the mean over all pixels, void ones too: multiply by the number of all of them and divide by that "
        "of those that count. Class 255 has no logit: look up class 0 there, and multiply by 0.",
        "What to reach: two pixels, both predicted wrongly with confidence: Dice 1 (smooth aside).",
    ),
)
borders = Exercise(
    "borders",
    "more weight for the background between two objects",
    definitions=("border_weights",),
    points=3,
    hints=(
        "`distance_transform_edt(instances != number)` is every pixel's distance to one object.",
        "np.partition along the first axis puts the two smallest of them first.",
        "What to reach: in a gap of one pixel, both distances 1: w0 exp(-4 / 50) = 9.23 more.",
    ),
)


@losses.check
def check_dice_by_hand(mine):
    """Four pixels, two of them found; all of them wrong; and nothing but void costs 0."""
    truth, found = np.array([[[1, 1, 1, 1]]]), np.array([[[1, 1, 0, 0]]])
    for predicted, expected in ((found, 1 - (2 / 3 + 0) / 2), (1 - truth, 1)):
        logits = 50 * np.eye(2, dtype="float32")[predicted]
        attempt = "two of four found: class 1 has 2 * 2 / (4 + 2), class 0 has 0 / 2"
        close_to(mine.DiceLoss(smooth=1e-6)(truth, logits), expected, 1e-4, "Dice loss", attempt)
    nothing, logits = np.full((1, 2, 2), 255), np.zeros((1, 2, 2, 3), "float32")
    for loss, attempt in (
        (mine.CrossEntropyDice(dice=0), "at least 1 pixel"),
        (mine.DiceLoss(), "smooth / smooth"),
    ):
        close_to(loss(nothing, logits), 0, 1e-6, "the loss of void alone", attempt)


@losses.check(points=2)
def check_losses_of_random_masks(mine, rng):
    """Both losses of random masks with void pixels, against a slow count."""
    masks, logits, shares, pixels = slow_masks.masks_and_logits(rng)
    dice, mean = slow_masks.dice_loss(masks, shares), pixels.sum() / (masks != 255).sum()
    attempt = "one Dice a class over the whole batch; void pixels are neither truth nor prediction"
    close_to(mine.DiceLoss()(masks, logits), dice, 1e-4, "Dice loss", attempt)
    attempt = "the mean of -log p over the pixels that are not void"
    close_to(mine.CrossEntropyDice(dice=0)(masks, logits), mean, 1e-4, "cross-entropy", attempt)
    received = mine.CrossEntropyDice(dice=0.5)(masks, logits)
    close_to(received, mean + dice / 2, 1e-4, "cross-entropy plus half of Dice", "self.dice times Dice")


@losses.check(points=1)
def check_sample_weights(mine, rng):
    """Sample weights weigh the pixels' cross-entropy: `call` returns one number a pixel."""
    masks, logits, shares, pixels = slow_masks.masks_and_logits(rng)
    weights = rng.uniform(0.5, 9, masks.shape).astype("float32")
    loss = mine.CrossEntropyDice(dice=0.7)
    attempt = "return one number for each pixel; Keras takes their weighted mean"
    shape_is(loss.call(masks, logits), masks.shape, "what `call` returns", attempt)
    expected = (weights * pixels).sum() / (masks != 255).sum()
    expected += 0.7 * weights.mean() * slow_masks.dice_loss(masks, shares)
    received = loss(masks, logits, sample_weight=weights)
    close_to(received, expected, 1e-3, "the loss with sample weights", attempt)


@borders.check(points=2)
def check_random_objects(mine, rng):
    """A gap of one pixel, and three random boxes, against a slow loop over every pixel."""
    gap = np.repeat([[1, 1, 1, 0, 2, 2, 2]], 3, axis=0)
    attempt = (
        "in the gap 1 + w0 exp(-(d1 + d2)^2 / (2 sigma^2)), d1 and d2 to the two nearest objects; elsewhere 1"
    )
    for instances, w0, sigma in ((gap, 10.0, 5.0), (slow_masks.boxes_of_instances(rng), 6.0, 3.0)):
        received = mine.border_weights(instances, w0, sigma, balance=False)
        close_to(received, slow_masks.border_weights(instances, w0, sigma), 1e-4, "weights", attempt)


@borders.check
def check_balance_and_refusals(mine):
    """One object has no border term; balanced, background and object share the weight. Floats are refused."""
    instances = np.zeros((4, 5), int)
    instances[1:3, 1:3] = 7
    attempt = "one object has no second nearest: 1 everywhere"
    received = mine.border_weights(instances, balance=False)
    close_to(received, np.ones((4, 5)), 1e-5, "one object, unbalanced", attempt)
    expected = np.where(instances > 0, 0.5 / 0.2, 0.5 / 0.8)
    attempt = "half of the weight over each one's share of the pixels"
    close_to(mine.border_weights(instances), expected, 1e-4, "one object, balanced", attempt)
    empty = mine.border_weights(np.zeros((2, 3), int))
    close_to(empty, np.ones((2, 3)), 1e-5, "background alone", "no object: 1 everywhere")
    cases = {"instances of float64": (np.zeros((3, 3)),), "instances (3,)": (np.zeros(3, int),)}
    all_refused(mine.border_weights, cases | {"sigma 0": (instances, 10.0, 0.0)})


@borders.shows
def image_of_weights(mine):
    """The weights around four objects, the brighter the larger."""
    instances = np.zeros((64, 64), int)
    for number, (top, left) in enumerate(((6, 6), (8, 33), (33, 10), (36, 38)), start=1):
        instances[top : top + 24, left : left + 22] = number
    return np.asarray(mine.border_weights(instances, balance=False)) / 11
