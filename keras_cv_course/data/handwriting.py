"""Handwriting: scikit-learn's real digits, drawn again at other places, sizes and slants on 28x28 pixels.

MNIST's makers scaled digits of all sizes into one box and centred them (LeCun et al., "Gradient-Based
Learning Applied to Document Recognition", Proceedings of the IEEE 1998, section III.A). This goes the other
way: each training digit is shown at several sizes, angles and places, and no digit is in two parts.
"""

import numpy as np
from scipy import ndimage

from keras_cv_course.data import digits
from keras_cv_course.data.part import Info, Part

SIZE = 28
COUNTS = (12_000, 500, 1000)
ENLARGED = (1.9, 2.6)  # times, from 8x8 pixels, on 28x28
TURNED = 15  # degrees to either side, at most
MOVED = 3  # pixels in either direction, at most
ORDER = 3  # of the spline that interpolates between pixels

INFO = Info(
    name="handwriting",
    title="13,500 views of 1,797 handwritten digits: enlarged, turned and moved",
    fields={
        "images": f"(N, S, S, 1) float32 in [0, 1]; S is the size asked for, {SIZE} by default; 0 = paper",
        "labels": "(N,) int64, 0 to 9",
    },
    classes=digits.INFO.classes,
    source=digits.INFO.source,
    licence=digits.INFO.licence,
)


def load(size=None):
    """12,000 training, 500 validation and 1,000 test views of the digits of `digits`' three parts.

    Args:
        size: height and width in pixels.
    """
    parts = []
    for seed, (part, count) in enumerate(zip(digits.load(), COUNTS, strict=True)):
        rng = np.random.default_rng(seed)
        rows = np.concatenate([rng.permutation(len(part)) for _ in range(-(-count // len(part)))])[:count]
        images = np.stack([view(part.images[row, ..., 0], rng, size or SIZE) for row in rows])
        parts.append(Part(images=images[..., None], labels=part.labels[rows]))
    return parts


def view(digit, rng, size):
    """One digit (8, 8), enlarged, turned and moved by chance onto (size, size) pixels."""
    angle = np.deg2rad(rng.uniform(-TURNED, TURNED))
    scale = rng.uniform(*ENLARGED) * size / SIZE
    shift = rng.uniform(-MOVED, MOVED, 2) * size / SIZE
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / scale
    middle = (np.array(digit.shape) - 1) / 2
    offset = middle - turn @ ((size - 1) / 2 + shift)
    drawn = ndimage.affine_transform(digit, turn, offset, (size, size), order=ORDER)
    return np.clip(drawn, 0, 1).astype("float32")
