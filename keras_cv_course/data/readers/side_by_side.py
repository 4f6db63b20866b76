"""Pairs of pictures that lie side by side in one file, as pix2pix's own sets do: facades, maps, edges.

Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with Conditional Adversarial Networks", CVPR 2017.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from keras_cv_course.data.part import Dataset, Info, Part, split
from keras_cv_course.data.readers.image_files import FORMATS, in_folder, opened, pixels
from keras_cv_course.errors import InputError

SIZE = 256
LAYOUT = (
    f"a folder with train/ and test/ (and val/) in it, each with pictures ({', '.join(FORMATS)}) that are "
    "two of one size side by side: left the picture to make, right what it is made of"
)

INFO = Info(
    name="side_by_side",
    title="Pairs of pictures of your own, two in one file",
    fields={
        "images": f"(N, S, S, 3) float32 in [0, 1], the left half; S is the size asked for, or {SIZE}",
        "inputs": "(N, S, S, 3) float32 in [0, 1], the right half",
        "files": "(N,) str, the file's path below the folder",
    },
    source="the folder that the user names",
    licence="its owner's",
    from_user="a folder of images that hold a pair side by side",
)


def load(file=None, size=None):
    """train/, val/ and test/; without val/ a tenth of train/ validates. Every part is shuffled once.

    Args:
        file: the folder.
        size: each half is squeezed to size x size pixels.

    Raises:
        InputError: a folder is missing or empty, a picture is corrupt or cannot be cut in two; it is named.
    """
    if file is None:
        raise InputError(
            f"the data set 'side_by_side' needs a folder: name it with --file; it must be {LAYOUT}"
        )
    root, size = Path(file).expanduser(), SIZE if size is None else size
    train, test = (_read(root / name, size) for name in ("train", "test"))
    if (root / "val").is_dir():
        validation = _read(root / "val", size)
    elif len(train) > 1:
        rows, held_out = split(len(train), (max(1, len(train) // 10),), seed=0)
        train, validation = train[rows], train[held_out]
    else:
        raise InputError(
            f"expected 2 pictures or more in {root / 'train'}, got 1: add some, or a folder val/"
        )
    order = np.random.default_rng(0)
    parts = (part[order.permutation(len(part))] for part in (train, validation, test))
    return Dataset(*parts, info=replace(INFO, file=root))


def _read(folder, size):
    files = in_folder(folder, LAYOUT)
    halves = np.empty((2, len(files), size, size, 3), np.float32)
    for row, path in enumerate(files):
        picture = opened(path)
        width, height = picture.size
        if width % 2 or width < 2:
            raise InputError(
                f"{path}: two pictures of one size side by side have an even width, got {width}x{height}"
            )
        for half, left in zip(halves, (0, width // 2), strict=True):
            half[row] = pixels(picture.crop((left, 0, left + width // 2, height)), size) / np.float32(255)
    names = np.array([f"{folder.name}/{path.name}" for path in files])
    return Part(images=halves[0], inputs=halves[1], files=names)
