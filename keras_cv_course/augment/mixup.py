"""MixUp: two images shine through each other, and the label says how much there is of each.

Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", ICLR 2018, section 2.
"""

import numpy as np

from keras_cv_course.augment.augmentation import NO_BOX, checked, shares
from keras_cv_course.errors import InputError


def mix(first, second, part):
    """part * first + (1 - part) * second, for arrays (N, ...) and parts (N,); same shape and dtype."""
    part = np.asarray(part, first.dtype).reshape(-1, *[1] * (first.ndim - 1))
    return second + part * (first - second)


def partners(count, rng):
    """For each image of a batch the index of another one, (count,): a ring in a random order.

    In a batch of one it is the image itself, and mixing changes nothing.
    """
    ring = rng.permutation(count)
    other = np.empty(count, int)
    other[ring] = np.roll(ring, 1)
    return other


def joined(values, other):
    """The boxes, or their classes, of both images: (N, K, ...) -> (N, 2K, ...)."""
    brought = values[other]
    brought[other == np.arange(len(other))] = NO_BOX  # an image alone in its batch keeps its own once
    return np.concatenate([values, brought], axis=1)


def random_mixup(batch, rng, alpha=0.2, classes=None):
    """Mix each image with another one of the batch.

        lambda ~ Beta(alpha, alpha)
        image = lambda * image_i + (1 - lambda) * image_j
        label = lambda * label_i + (1 - lambda) * label_j

    Each image has a lambda of its own, and meets another image: see `partners`.

    Args:
        batch: see `augmentation`. Labels come back as shares (N, classes), mixed like the pixels; so do
            masks, which must be shares (N, H, W, classes). Boxes of both images are there: (N, 2K, 4).
        rng: a `numpy.random.Generator`.
        alpha: above 0. Small: nearly always one image alone; 1: every lambda equally likely.
        classes: number of classes, where labels are integers.

    Raises:
        InputError: alpha is not positive, masks or labels are integers that cannot be mixed, or the batch is
            none.
    """
    batch = checked(batch)
    count = len(batch["images"])
    if not 0 < alpha < float("inf"):
        raise InputError(f"alpha of the Beta distribution is a positive number, received {alpha}")
    part, other = rng.beta(alpha, alpha, count), partners(count, rng)
    batch["images"] = mix(batch["images"], batch["images"][other], part)
    if "labels" in batch:
        labels = shares(batch["labels"], classes)
        batch["labels"] = mix(labels, labels[other], part)
    if "masks" in batch:
        masks = batch["masks"]
        if masks.ndim != 4 or not np.issubdtype(masks.dtype, np.floating):
            raise InputError(
                "masks of class numbers cannot be mixed, received "
                f"{masks.dtype} of shape {masks.shape}; give the classes' shares, (N, H, W, classes) floats"
            )
        batch["masks"] = mix(masks, masks[other], part)
    for field in ("boxes", "box_classes"):
        if field in batch:
            batch[field] = joined(batch[field], other)
    return batch
