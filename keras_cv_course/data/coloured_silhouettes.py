"""Shapes on plain coloured ground, with a bias that one can switch on: every class always lies on its own colour."""

import numpy as np

from keras_cv_course.data.part import Info, Part
from keras_cv_course.data.scenes import shapes

SIZE = 32
COUNTS = (2400, 200, 600)
NOISE = 0.05  # standard deviation of the ground's colour from one image to the next
CLASSES = ("disc", "square", "triangle", "star", "cross", "ring")
# The colour of each class's ground in the biased set: red, green and blue, all of about the same brightness.
COLOURS = {
    "red": (0.85, 0.25, 0.25),
    "green": (0.2, 0.7, 0.25),
    "blue": (0.25, 0.35, 0.9),
    "yellow": (0.75, 0.7, 0.15),
    "magenta": (0.75, 0.25, 0.75),
    "cyan": (0.15, 0.7, 0.75),
}


def _info(name, title):
    return Info(
        name=name,
        title=title,
        fields={
            "images": f"(N, S, S, 3) float32 in [0, 1]; S is the size asked for, {SIZE} by default",
            "labels": "(N,) int64, 0 to 5",
            "colours": "(N,) int64, 0 to 5: the colour of the ground, as in extra['colours']",
        },
        classes=CLASSES,
        source="drawn by keras_cv_course.data.scenes",
        licence="the project's own",
        extra={"colours": COLOURS},
    )


INFO = {
    "silhouettes:biased": _info(
        "silhouettes:biased", "3,200 grey shapes; each class lies on a colour of its own"
    ),
    "silhouettes:unbiased": _info(
        "silhouettes:unbiased", "3,200 grey shapes on ground of any of six colours"
    ),
}


def load(name="silhouettes:biased", size=None, limit=None):
    """2,400, 200 and 600 images.

    Args:
        name: one of `INFO`. The shapes of the two sets are the same; the grounds differ.
        size: height and width in pixels.
        limit: at most so many images a part.

    Returns:
        Three parts.
    """
    palette, parts = np.array(list(COLOURS.values())), []
    for seed, count in enumerate(COUNTS):
        count = count if limit is None else min(count, limit)
        rng = np.random.default_rng(seed)
        drawn = shapes.scenes(
            count, size or SIZE, seed=shapes.SEED + 50 + seed, objects=1, classes=CLASSES, radius=(0.25, 0.4),
            clutter=0, occlusion=0,
        )  # fmt: skip
        any_colour = rng.integers(0, len(palette), count)
        colours = drawn.labels if name == "silhouettes:biased" else any_colour
        ground = palette[colours] + rng.normal(0, NOISE, (count, 3))
        grey = rng.uniform(0, 1, (count, 1))
        inside = drawn.masks[..., None] > 0
        images = np.where(inside, grey[:, None, None], ground[:, None, None])
        images = np.clip(images + rng.normal(0, 0.02, images.shape), 0, 1).astype("float32")
        parts.append(Part(images=images, labels=drawn.labels, colours=colours.astype("int64")))
    return parts
