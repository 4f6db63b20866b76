"""Small faces of people, and pieces of photographs without people that are made to look as coarse and as grey.

The faces are the hundred that scikit-image ships, cut from Labeled Faces in the Wild (G. Huang et al., "Learning to
Align from Scratch", NIPS 2012). What is no face is cut from `photos`, from other photographs in every part.
"""

import numpy as np
from PIL import Image
from skimage.data import lfw_subset

from keras_cv_course.data import photos
from keras_cv_course.data.part import Info, Part

SIDE = 25  # pixels of the faces
FACES = 100  # the first images of the file; the others, smooth backgrounds, are too easy to tell from faces
# Photographs without people, and the number of faces, of each part.
PHOTOGRAPHS = (
    ("coffee", "coins", "rocket", "china", "grass"),
    ("hubble", "clock"),
    ("chelsea", "flower", "retina", "brick", "gravel"),
)
COUNTS = (40, 20, 40)
PIECES = 3  # pieces of photographs for each face
SMALLEST, LARGEST = 32, 200  # side of a piece, in pixels of a photograph of 256 x 256
MEAN, DEVIATION = 0.5, 0.2  # of every image's brightness

INFO = Info(
    name="faces",
    title="100 faces and 300 pieces of photographs without people, grey, all of one mean and contrast",
    fields={
        "images": f"(N, S, S, 1) float32 in [0, 1]; S is the size asked for, {SIDE} by default",
        "labels": "(N,) int64: 1 a face, 0 none",
    },
    classes=("no face", "face"),
    source="skimage.data.lfw_subset (Labeled Faces in the Wild, cut and reduced to 25x25 pixels), and `photos`",
    licence="faces: as scikit-image ships them, for research; pieces: those of `photos`",
)


def load(size=None):
    """160, 80 and 160 images: a face and three pieces, and so on.

    Every image is reduced to 25x25 pixels, gets the same mean and standard deviation, and is then enlarged, so that
    neither brightness nor sharpness tells a face.

    Args:
        size: height and width in pixels.

    Returns:
        Three parts, always the same.
    """
    people = lfw_subset()[:FACES].astype("float64")
    people = people / max(people.max(), 1.0)
    grey = {
        name: image.mean(axis=-1)
        for part in photos.load()
        for name, image in zip(part.names, part.images, strict=True)
    }
    parts, first = [], 0
    for seed, (names, count) in enumerate(zip(PHOTOGRAPHS, COUNTS, strict=True)):
        rng, images, labels = np.random.default_rng(seed), [], []
        for number in range(count):
            images.append(people[first + number])
            images += [piece(grey[names[(PIECES * number + i) % len(names)]], rng) for i in range(PIECES)]
            labels += [1] + [0] * PIECES
        first += count
        images = np.stack([_resized(_levelled(image), size or SIDE) for image in images])
        parts.append(Part(images=images[..., None], labels=np.array(labels, "int64")))
    return parts


def piece(photograph, rng):
    """(25, 25): a square of any size from anywhere in a photograph (H, W), reduced."""
    side = int(rng.integers(SMALLEST, LARGEST))
    top, left = (int(rng.integers(0, length - side + 1)) for length in photograph.shape)
    return _resized(photograph[top : top + side, left : left + side], SIDE)


def _levelled(image):
    return np.clip(MEAN + DEVIATION * (image - image.mean()) / max(image.std(), 1e-6), 0, 1)


def _resized(image, size):
    image = Image.fromarray(image.astype("float32")).resize((size, size), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(image), 0, 1)
