"""What masks should give, pixel by pixel: slow loops that the exercises of segmentation are compared with."""

import numpy as np

VOID = 255


def masks_and_logits(rng):
    """Masks (2, 4, 5) of three classes and void, logits for them, their softmax, and -log p of every pixel that
    counts (0 where it does not)."""
    masks = rng.integers(0, 3, (2, 4, 5))
    masks[rng.random(masks.shape) < 0.3] = VOID
    logits = rng.normal(0, 2, (2, 4, 5, 3)).astype("float32")
    shares = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    picked = np.take_along_axis(shares, np.where(masks == VOID, 0, masks)[..., None], axis=-1)[..., 0]
    return masks, logits, shares, np.where(masks == VOID, 0, -np.log(picked))


def dice_loss(masks, shares):
    """1 minus the mean over the classes of the Dice coefficient, smoothed by 1."""
    counted, dice = masks != VOID, []
    for one in range(shares.shape[-1]):
        there = masks == one
        dice.append((2 * shares[there, one].sum() + 1) / (there.sum() + shares[counted, one].sum() + 1))
    return 1 - np.mean(dice)


def boxes_of_instances(rng, numbers=(1, 2, 4)):
    """(9, 10) integers: a box for each number, later ones in front; 0 elsewhere."""
    instances = np.zeros((9, 10), int)
    for number in numbers:
        top, left = rng.integers(0, (6, 7))
        instances[top : top + 3, left : left + 3] = number
    return instances


def border_weights(instances, w0, sigma):
    """Unbalanced weights by eq. 2 of the U-Net paper."""
    expected = np.ones(instances.shape)
    objects = [np.argwhere(instances == number) for number in np.unique(instances[instances > 0])]
    for place in np.argwhere(instances == 0) if len(objects) > 1 else ():
        away = sorted(np.sqrt(((pixels - place) ** 2).sum(axis=1)).min() for pixels in objects)
        expected[tuple(place)] += w0 * np.exp(-((away[0] + away[1]) ** 2) / (2 * sigma**2))
    return expected


def counted_pairs(truth, predicted, classes):
    """The confusion matrix, pixel by pixel."""
    counts = np.zeros((classes, classes))
    for one, other in zip(np.ravel(truth), np.ravel(predicted), strict=True):
        if one != VOID:
            counts[one, other] += 1
    return counts


def union_shares(truth, predicted, classes):
    """IoU of each class by sets of pixels."""
    known = truth != VOID
    return [
        np.sum(known & (truth == c) & (predicted == c)) / np.sum(known & ((truth == c) | (predicted == c)))
        for c in range(classes)
    ]


def rectangles(rng):
    """Two masks (2, 14, 12) of background, two classes and void, and noisy predictions of them."""
    truth = np.zeros((2, 14, 12), int)
    for mask in truth:
        for value in (1, 2, VOID):
            top, left = rng.integers(0, 8, 2)
            mask[top : top + 5, left : left + 4] = value
    noise = rng.integers(0, 3, truth.shape)
    return truth, np.where(rng.random(truth.shape) < 0.3, noise, np.minimum(truth, 2))


def near_boundaries(truth, width):
    """The masks with void wherever no pixel of another class is at most `width` away."""
    near, places = np.full(truth.shape, VOID), np.argwhere(np.ones(truth.shape[1:]))
    for mask, kept in zip(truth, near, strict=True):
        for place in places:
            value = mask[tuple(place)]
            others = places[(mask.ravel() != value) & (mask.ravel() != VOID)]
            if value != VOID and len(others) and ((others - place) ** 2).sum(axis=1).min() <= width**2:
                kept[tuple(place)] = value
    return near


def square(top, left, size=20, side=8):
    """A (size, size) bool mask that is True in a square."""
    region = np.zeros((size, size), bool)
    region[top : top + side, left : left + side] = True
    return region


def boundary_f1(truth, predicted, width, ignored):
    """The harmonic mean of both shares of outline pixels with the other outline within `width`."""
    lines = []
    for region in (truth, predicted):
        line = []
        for row, column in np.argwhere(region):
            near = slice(max(row - 1, 0), row + 2), slice(max(column - 1, 0), column + 2)
            if not region[near].all() and not ignored[near].any():
                line.append((row, column))
        lines.append(np.array(line))
    apart = np.sqrt(((lines[0][:, None] - lines[1]) ** 2).sum(axis=-1))
    recall, precision = (np.mean(apart.min(axis=axis) <= width) for axis in (1, 0))
    return 2 * recall * precision / (recall + precision) if recall + precision else 0.0


def mean_field(
    probabilities, image, steps, radius, appearance, sigma_xy, sigma_rgb, smoothness, smooth_sigma
):
    """The fully connected CRF with a matrix of all pairs of pixels for each kernel."""
    places = np.argwhere(np.ones(image.shape[:2]))
    colours, start = image.reshape(len(places), -1), probabilities.reshape(len(places), -1)
    apart = places[:, None] - places
    distance2 = (apart**2).sum(axis=-1)
    colour2 = ((colours[:, None] - colours) ** 2).sum(axis=-1)
    pairs = (np.abs(apart).max(axis=-1) <= radius) & (distance2 > 0)
    smooth = np.exp(-distance2 / (2 * smooth_sigma**2)) * pairs
    similar = np.exp(-distance2 / (2 * sigma_xy**2) - colour2 / (2 * sigma_rgb**2)) * pairs
    marginals = start
    for _ in range(steps):
        means = (kernel / kernel.sum(axis=1, keepdims=True) @ marginals for kernel in (similar, smooth))
        by_similar, by_smooth = means
        marginals = start * np.exp(appearance * by_similar + smoothness * by_smooth)
        marginals /= marginals.sum(axis=1, keepdims=True)
    return marginals.reshape(probabilities.shape)
