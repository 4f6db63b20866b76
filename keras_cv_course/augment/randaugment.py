"""RandAugment: fourteen operations, drawn at random, with two parameters: how many, and how strong.

E. Cubuk, B. Zoph, J. Shlens, Q. Le, "RandAugment: Practical automated data augmentation with a reduced search
space", NeurIPS 2020, section 3 and figure 2.
"""

import math

import numpy as np

from keras_cv_course.augment import colour_operations as colour
from keras_cv_course.augment.affine import affine_matrices, warp
from keras_cv_course.augment.augmentation import checked
from keras_cv_course.augment.brightness import brighten
from keras_cv_course.errors import InputError

STRONGEST = 10

# What each operation does at strength s, (n,) from -1 to 1; some depend on its absolute value alone. At 0 all but
# auto_contrast and equalize leave the image as it is. The ranges are those of AutoAugment, table 6.
COLOURS = {
    "identity": lambda images, s: images,
    "auto_contrast": lambda images, s: colour.auto_contrast(images),
    "equalize": lambda images, s: colour.equalize(images),
    "posterize": lambda images, s: colour.posterize(images, 8 - np.round(4 * abs(s))),
    "solarize": lambda images, s: colour.solarize(images, 256 * (1 - abs(s))),
    "saturation": lambda images, s: colour.saturate(images, 1 + 0.9 * s),
    "contrast": lambda images, s: colour.contrast(images, 1 + 0.9 * s),
    "brightness": lambda images, s: brighten(images, 1 + 0.9 * s),
    "sharpness": lambda images, s: colour.sharpen(images, 1 + 0.9 * s),
}
# How far each of these goes at strength 1: degrees, pixels a pixel, share of the image's width or height.
SHAPES = {"rotate": 30, "shear_x": 0.3, "shear_y": 0.3, "translate_x": 0.45, "translate_y": 0.45}
OPERATIONS = (*COLOURS, *SHAPES)


def apply_operations(batch, names, strengths):
    """Apply one operation to each image.

    Args:
        batch: see `augmentation`; images in [0, 1], of 1 or 3 channels.
        names: N of the OPERATIONS, one an image.
        strengths: (N,) from -1 to 1; the sign turns a rotation, shear or shift round, and lowers
            saturation, contrast, brightness and sharpness rather than raising them.

    Returns:
        The batch; masks and boxes follow the operations that move pixels.

    Raises:
        InputError: an unknown name, a strength out of range, or the batch is invalid.
    """
    batch = checked(batch, in_unit_range=True)
    count, height, width, channels = batch["images"].shape
    names, strengths = np.asarray(names), np.asarray(strengths, "float64")
    if channels not in (1, 3):
        raise InputError(f"colour operations need images of 1 or 3 channels, received {channels}")
    if names.shape != (count,) or strengths.shape != (count,) or not (np.abs(strengths) <= 1).all():
        raise InputError(
            f"expected {count} operations and {count} strengths from -1 to 1, received {names}, {strengths}"
        )
    unknown = set(names.tolist()) - set(OPERATIONS)
    if unknown:
        raise InputError(f"unknown operation {unknown.pop()!r}; choose one of: {', '.join(OPERATIONS)}")
    batch = warp(batch, _matrices(height, width, names, strengths))
    images = batch["images"]  # new ones, into which the colours may be written
    for name, colour_of in COLOURS.items():
        rows = np.flatnonzero(names == name)
        if rows.size:
            images[rows] = colour_of(images[rows], strengths[rows])
    return batch


def _matrices(height, width, names, strengths):
    """(N, 3, 3): the identity where an image's operation leaves its pixels in their places."""
    far = {name: np.where(names == name, most * strengths, 0) for name, most in SHAPES.items()}
    return affine_matrices(
        height,
        width,
        degrees=far["rotate"],
        shear=(far["shear_x"], far["shear_y"]),
        shift=(far["translate_x"] * width, far["translate_y"] * height),
    )


def random_augment(batch, rng, operations=2, magnitude=5, names=OPERATIONS):
    """Apply to each image operations of its own, one after another, all at the same magnitude.

    Args:
        batch: see `augmentation`; images in [0, 1], of 1 or 3 channels. Labels stay; masks and boxes follow.
        rng: a `numpy.random.Generator`.
        operations: operations an image, the paper's N; 0 or more.
        magnitude: their strength, the paper's M, from 0 to 10; each image draws a sign where the operation has one.
        names: the operations to draw from; leave out those that change what the label means.

    Raises:
        InputError: a knob is out of its range, or the batch is invalid.
    """
    batch = checked(batch, in_unit_range=True)
    if not (operations >= 0 and operations % 1 == 0 and 0 <= magnitude <= STRONGEST):
        raise InputError(
            f"expected a number of operations of 0 or more and a magnitude from 0 to {STRONGEST}, "
            f"received operations={operations}, magnitude={magnitude}"
        )
    count = len(batch["images"])
    for _ in range(int(operations)):
        signs = rng.choice((-1, 1), count)
        batch = apply_operations(batch, rng.choice(names, count), magnitude / STRONGEST * signs)
    return batch


def search(score, operations=(1, 2, 3), magnitudes=(2, 5, 8)):
    """Try every pair of the two parameters: the grid search of the paper.

    Args:
        score: a function (operations, magnitude) -> a number measured on *validation* data; higher is better.
        operations, magnitudes: the values to try.

    Returns:
        The best pair, on a tie the one with the smallest product, and {(operations, magnitude): score} of all.

    Raises:
        InputError: there is nothing to try, or a score is not finite.
    """
    if not operations or not magnitudes:
        raise InputError("there is nothing to try: give at least one number of operations and one magnitude")
    scores = {}
    for pair in ((count, magnitude) for count in operations for magnitude in magnitudes):
        scores[pair] = float(score(*pair))
        if not math.isfinite(scores[pair]):
            raise InputError(
                f"expected a finite score, received {scores[pair]} for {pair[0]} operations at magnitude "
                f"{pair[1]}; a loss that is not finite says that the training diverged: try a smaller learning rate; "
                "a mean that is NaN had nothing to average: is the validation part empty?"
            )
    best = max(scores, key=lambda pair: (scores[pair], -pair[0] * pair[1]))
    return best, scores
