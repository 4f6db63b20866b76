"""Cut-outs of photographs with two small squares drawn into them, of which one alone tells the class.

They are made to test explanations with: what a classifier of these images must look at is known, pixel by pixel.
"""

import numpy as np

from keras_cv_course.data import photos
from keras_cv_course.data.part import Info, Part

SIZE = 32  # pixels of an image
SQUARE = 8  # pixels of a square
COUNTS = (2000, 300, 500)
# Each photograph is cut into three upright strips, one a part: no pixel is in two parts.
STRIPS = ((0.0, 0.6), (0.6, 0.8), (0.8, 1.0))
AMPLITUDE = (0.15, 0.3)
GRAIN = 0.02  # standard deviation: no two neighbouring pixels are equal

INFO = Info(
    name="marks",
    title="2,800 cut-outs of photographs with a striped square, whose direction is the class, and a checked one",
    fields={
        "images": f"(N, {SIZE}, {SIZE}, 3) float32 in [0, 1], red, green, blue",
        "labels": "(N,) int64, 0 or 1: whether the stripes are horizontal or vertical",
        "boxes": f"(N, 2, 4) float32: x_min, y_min, x_max, y_max in pixels of the striped and of the checked square, "
        f"{SQUARE} pixels wide",
    },
    classes=("horizontal", "vertical"),
    source="drawn by keras_cv_course.data.marks into the photographs of keras_cv_course.data.photos",
    licence="the squares are the project's own; the photographs: see the data set photos",
)


def load():
    """2,000 training, 300 validation and 500 test images; each part has a seed of its own."""
    pictures = np.concatenate([part.images for part in photos.load()])
    return [
        _part(np.random.default_rng(2050 + number), pictures, count, strip)
        for number, (count, strip) in enumerate(zip(COUNTS, STRIPS, strict=True))
    ]


def _part(rng, pictures, count, strip):
    height, width = pictures.shape[1:3]
    first, last = (int(share * width) for share in strip)
    images = np.empty((count, SIZE, SIZE, 3), "float32")
    labels = rng.permuted(np.arange(count, dtype="int64") % 2)
    corners = np.stack([_two_corners(rng) for _ in range(count)])
    for image, label, places in zip(images, labels, corners):
        top, left = rng.integers(0, height - SIZE + 1), rng.integers(first, last - SIZE + 1)
        image[:] = pictures[rng.integers(len(pictures)), top : top + SIZE, left : left + SIZE]
        # The squares have the same two tones, so that neither brightness nor contrast tells one from the other.
        amplitude, middle = rng.uniform(*AMPLITUDE), image.mean()
        middle = np.clip(middle, amplitude, 1 - amplitude)
        rows, columns = (_tones(rng) for _ in range(2))
        patterns = rows[:, None] * np.ones(SQUARE), rows[:, None] * columns
        for (y, x), pattern in zip(places, (patterns[0].T if label else patterns[0], patterns[1])):
            image[y : y + SQUARE, x : x + SQUARE] = np.clip(middle + amplitude * pattern, 0, 1)[..., None]
    boxes = np.concatenate([corners[..., ::-1], corners[..., ::-1] + SQUARE], axis=-1).astype("float32")
    images = np.clip(images + rng.normal(0, GRAIN, images.shape), 0, 1).astype("float32")
    return Part(images=images, labels=labels, boxes=boxes)


def _two_corners(rng):
    """(2, 2): row and column of two squares that do not overlap."""
    while True:
        first, second = corners = rng.integers(0, SIZE - SQUARE + 1, (2, 2))
        if np.abs(first - second).max() >= SQUARE:
            return corners


def _tones(rng):
    """1 and -1 in turn, two pixels each, from anywhere in the period of four."""
    return np.where((np.arange(SQUARE) + rng.integers(4)) % 4 < 2, 1.0, -1.0)
