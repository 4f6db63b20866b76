"""CutMix: a rectangle of another image is pasted into each image; the label is mixed by area.

S. Yun, D. Han, S. Oh, S. Chun, J. Choe, Y. Yoo, "CutMix: Regularization Strategy to Train Strong Classifiers with
Localizable Features", ICCV 2019, section 3.1 and algorithm A1.
"""

import numpy as np

from keras_cv_course.augment.augmentation import checked, keep_visible, to_soft_labels
from keras_cv_course.augment.cutout import rectangles
from keras_cv_course.augment.mixup import joined, mix, partners
from keras_cv_course.errors import InputError


def paste(pixels, patches, other):
    """Fill one rectangle of each image with the same rectangle of another image.

    Args:
        pixels: (N, H, W, ...) images or masks.
        patches: (N, 4) integers: top, left, bottom, right.
        other: (N,) indices: which image the patch is taken from.

    Returns:
        A new array, same shape and dtype.
    """
    pasted = pixels.copy()
    for image, (top, left, bottom, right), partner in zip(pasted, patches, other):
        image[top:bottom, left:right] = pixels[partner, top:bottom, left:right]
    return pasted


def share_kept(patches, height, width):
    """The share of each image's pixels outside its patch: (N, 4) -> (N,) in [0, 1]."""
    top, left, bottom, right = patches.T
    return 1 - (bottom - top) * (right - left) / (height * width)


def random_cutmix(batch, rng, alpha=1.0, classes=None):
    """Paste a rectangle of another image of the batch into each image.

        lambda ~ Beta(alpha, alpha)
        rectangle of sqrt(1 - lambda) times height and width, its centre anywhere, cut off at the edge
        label = share * label_i + (1 - share) * label_j

    `share` is the share of the pixels that image i keeps, counted after the rectangle was rounded to pixels and cut
    off at the edge, where it is smaller than 1 - lambda says (as in the authors' program).

    Args:
        batch: see `augmentation`. Labels come back as soft labels (N, classes). Masks are pasted like the images.
            Boxes shrink to what the patch leaves of them, and those of the other image are added, cut off at
            the patch's edge: (N, 2K, 4); those of which less than a tenth is visible are dropped.
        rng: a `numpy.random.Generator`.
        alpha: above 0; the paper's is 1: every lambda equally likely.
        classes: number of classes, where labels are integers.

    Raises:
        InputError: alpha is not positive, labels cannot be mixed, or the batch is invalid.
    """
    batch = checked(batch)
    count, height, width, _ = batch["images"].shape
    if not 0 < alpha < float("inf"):
        raise InputError(f"alpha of the Beta distribution is a positive number, received {alpha}")
    weights, other = rng.beta(alpha, alpha, count), partners(count, rng)
    sizes = (np.sqrt(1 - weights)[:, None] * (height, width)).astype(int)
    patches = rectangles(rng.integers((height, width), size=(count, 2)), sizes, height, width)
    patches[other == np.arange(count)] = 0  # an image alone in its batch stays as it is
    for field in ("images", "masks"):
        if field in batch:
            batch[field] = paste(batch[field], patches, other)
    if "labels" in batch:
        labels = to_soft_labels(batch["labels"], classes)
        batch["labels"] = mix(labels, labels[other], share_kept(patches, height, width))
    if "boxes" in batch:
        whole = joined(batch["boxes"], other)
        own, added = np.split(whole, 2, axis=1)
        if "box_classes" in batch:
            batch["box_classes"] = joined(batch["box_classes"], other)
        visible = np.concatenate([uncovered(own, patches), within(added, patches)], axis=1)
        keep_visible(batch, visible, whole)
    return batch


def within(boxes, patches):
    """The part of each box that lies in its image's patch: (N, K, 4) and (N, 4) -> (N, K, 4)."""
    top, left, bottom, right = np.split(patches, 4, axis=1)  # (N, 1) each
    low, high = (np.stack([x, y, x, y], axis=-1) for x, y in ((left, top), (right, bottom)))
    return np.clip(boxes, low, high).astype(boxes.dtype)


def uncovered(boxes, patches):
    """The smallest box around what the patch leaves of each box: (N, K, 4) and (N, 4) -> (N, K, 4).

    A box gets smaller only where the patch covers a whole side of it; one that is covered whole has no area.
    """
    top, left, bottom, right = np.split(patches, 4, axis=1)  # (N, 1) each
    x0, y0, x1, y1 = np.moveaxis(boxes, -1, 0)  # (N, K) each
    full_height, full_width = (top <= y0) & (y1 <= bottom), (left <= x0) & (x1 <= right)
    low = [
        np.where(full_height & (left <= x0), np.clip(right, x0, x1), x0),
        np.where(full_width & (top <= y0), np.clip(bottom, y0, y1), y0),
    ]
    high = [
        np.where(full_height & (x1 <= right), np.clip(left, x0, x1), x1),
        np.where(full_width & (y1 <= bottom), np.clip(top, y0, y1), y1),
    ]
    return np.stack([*low, *np.maximum(low, high)], axis=-1).astype(boxes.dtype)
