"""Horizontal flip: the mirror image of an object is as likely as the object; that of a digit is not."""

import numpy as np

from keras_cv_course.augment.augmentation import NO_BOX, checked
from keras_cv_course.errors import InputError


def flip(batch, chosen):
    """Mirror the chosen images left to right, with their masks and boxes.

    A box from `left` to `right` comes to lie from `width - right` to `width - left`.

    Args:
        batch: see `augmentation`.
        chosen: (N,) bool, which images.

    Returns:
        The batch, flipped; the same flip again returns the first batch.

    Raises:
        InputError: the batch is invalid, or `chosen` is not one True or False for each image.
    """
    batch = checked(batch)
    count, _, width, _ = batch["images"].shape
    chosen = np.asarray(chosen)
    if chosen.shape != (count,) or chosen.dtype != bool:
        raise InputError(f"chosen must be {count} times True or False, received {chosen}")
    for field in ("images", "masks"):
        if field in batch:
            batch[field] = batch[field].copy()
            batch[field][chosen] = batch[field][chosen, :, ::-1]
    if "boxes" in batch:
        moved = chosen[:, None] & (batch["boxes"] != NO_BOX).any(axis=2)
        batch["boxes"] = np.where(moved[..., None], mirrored(batch["boxes"], width), batch["boxes"])
    return batch


def mirrored(boxes, width):
    """The boxes (N, K, 4) of mirrored images, which are `width` pixels wide."""
    left, top, right, bottom = np.moveaxis(boxes, -1, 0)
    return np.stack([width - right, top, width - left, bottom], axis=-1)


def random_flip(batch, rng, probability=0.5):
    """Mirror each image left to right with the given probability.

    Args:
        batch: see `augmentation`. Labels stay: not for data whose mirror image means something else.
        rng: a `numpy.random.Generator`.
        probability: in [0, 1].

    Raises:
        InputError: the probability is not in [0, 1], or the batch is invalid.
    """
    if not 0 <= probability <= 1:
        raise InputError(f"a probability is in [0, 1], received {probability}")
    return flip(batch, rng.random(len(checked(batch)["images"])) < probability)
