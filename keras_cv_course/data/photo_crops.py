"""Crops of the fifteen photographs, each mirrored, enlarged and recoloured by chance: which photograph is it from?

No crop can be found again by its colours or by its pixels' places; what stays is what it shows.
"""

import numpy as np
from matplotlib.colors import hsv_to_rgb, rgb_to_hsv
from PIL import Image

from keras_cv_course.data import photos
from keras_cv_course.data.part import Info, Part

SIZE = 96
COUNTS = (40, 20, 20)  # crops of each photograph in each part
SMALLEST, LARGEST = 80, 180  # side of a crop, in pixels of a photograph of 256 x 256
GREY = 0.2  # share of the crops without colours

INFO = Info(
    name="photo_crops",
    title="1,200 crops of 15 photographs, mirrored, enlarged and recoloured by chance",
    fields={
        "images": f"(N, S, S, 3) float32 in [0, 1]; S is the size asked for, {SIZE} by default",
        "labels": "(N,) int64: the photograph that the crop is from",
    },
    classes=tuple(photos.TRAIN | photos.VALIDATION | photos.TEST),
    source=photos.INFO.source,
    licence=photos.INFO.licence,
)


def load(size=None, limit=None):
    """600, 300 and 300 crops, one of each photograph after another.

    Args:
        size: height and width in pixels.
        limit: at most so many crops a part; the first ones are the same whatever the limit.

    Returns:
        Three parts, always the same.
    """
    photographs = np.concatenate([part.images for part in photos.load()])
    parts = []
    for seed, count in enumerate(COUNTS):
        rng = np.random.default_rng(seed)
        labels = np.tile(np.arange(len(photographs), dtype="int64"), count)[:limit]
        images = [crop(photographs[label], rng, size or SIZE) for label in labels]
        parts.append(Part(images=np.stack(images), labels=labels))
    return parts


def crop(photograph, rng, size):
    """(size, size, 3) float32: a square from anywhere in a photograph (H, W, 3), mirrored or not, recoloured."""
    side = int(rng.integers(SMALLEST, LARGEST))
    top, left = (int(rng.integers(0, length - side + 1)) for length in photograph.shape[:2])
    square = photograph[top : top + side, left : left + side]
    square = square[:, ::-1] if rng.random() < 0.5 else square
    image = Image.fromarray(np.rint(255 * square).astype("uint8")).resize(
        (size, size), Image.Resampling.BILINEAR
    )
    return recoloured(np.asarray(image) / 255, rng)


def recoloured(image, rng):
    """The image (H, W, 3) with another hue, saturation, contrast and brightness; some are grey afterwards."""
    hsv = rgb_to_hsv(image)
    hsv[..., 0] = (hsv[..., 0] + rng.random()) % 1
    hsv[..., 1] = np.clip(hsv[..., 1] * rng.uniform(0.3, 1.5), 0, 1) * (rng.random() >= GREY)
    image = hsv_to_rgb(hsv)
    image = (image - image.mean()) * rng.uniform(0.6, 1.4) + image.mean() + rng.uniform(-0.2, 0.2)
    return np.clip(image, 0, 1).astype("float32")
