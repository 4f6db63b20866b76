"""MixUp: convex combinations of two images and of their labels, with the same coefficient.

H. Zhang, M. Cisse, Y. Dauphin, D. Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", ICLR 2018, section 2.
"""

import numpy as np

from keras_cv_course.augment.augmentation import NO_BOX, checked, to_soft_labels
from keras_cv_course.errors import InputError


def mix(first, second, weights):
    """weights * first + (1 - weights) * second, for arrays (N, ...) and weights (N,); same shape and dtype."""
    mixed = first - second
    mixed *= np.asarray(weights, first.dtype).reshape(-1, *[1] * (first.ndim - 1))
    mixed += second
    return mixed


def partners(count, rng):
    """For each image of a batch the index of another one, (count,): everyone is the partner of one other.

    In a batch of one it is the image itself, and mixing changes nothing.
    """
    order = rng.permutation(count)
    other = np.empty(count, int)
    other[order] = np.roll(order, 1)
    return other


def joined(values, other):
    """The boxes, or their classes, of both images: (N, K, ...) -> (N, 2K, ...)."""
    added = values[other]
    added[other == np.arange(len(other))] = NO_BOX  # an image alone in its batch keeps its own once
    return np.concatenate([values, added], axis=1)


def random_mixup(batch, rng, alpha=0.2, classes=None):
    """Mix each image with another one of the batch.

        lambda ~ Beta(alpha, alpha)
        image = lambda * image_i + (1 - lambda) * image_j
        label = lambda * label_i + (1 - lambda) * label_j

    Each image draws a lambda of its own and is mixed with another image: see `partners`. (The paper's program draws
    one lambda a batch.)

    Args:
        batch: see `augmentation`. Labels come back as soft labels (N, classes), mixed like the pixels;
            so do masks, which must be (N, H, W, classes) floats. The boxes of both images are kept: (N, 2K, 4).
        rng: a `numpy.random.Generator`.
        alpha: above 0. The smaller, the nearer lambda is to 0 or 1; at 1 every lambda is equally likely. The paper
            takes 0.1 to 0.4 on ImageNet, 1 on CIFAR.
        classes: number of classes, where labels are integers.

    Raises:
        InputError: alpha is not positive, masks or labels are integers that cannot be mixed, or the batch
            is invalid.
    """
    batch = checked(batch)
    count = len(batch["images"])
    if not 0 < alpha < float("inf"):
        raise InputError(f"alpha of the Beta distribution is a positive number, received {alpha}")
    weights, other = rng.beta(alpha, alpha, count), partners(count, rng)
    batch["images"] = mix(batch["images"], batch["images"][other], weights)
    if "labels" in batch:
        labels = to_soft_labels(batch["labels"], classes)
        batch["labels"] = mix(labels, labels[other], weights)
    if "masks" in batch:
        masks = batch["masks"]
        if masks.ndim != 4 or not np.issubdtype(masks.dtype, np.floating):
            raise InputError(
                "masks of class numbers cannot be mixed, received "
                f"{masks.dtype} of shape {masks.shape}; give one-hot masks, (N, H, W, classes) floats"
            )
        batch["masks"] = mix(masks, masks[other], weights)
    for field in ("boxes", "box_classes"):
        if field in batch:
            batch[field] = joined(batch[field], other)
    return batch
