"""Pairs of images that lie side by side in one file, as pix2pix's own sets do: facades, maps, edges.

Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with Conditional Adversarial Networks", CVPR 2017.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from keras_cv_course.data.mapped_images import MappedImages, part_of
from keras_cv_course.data.part import Dataset, Info, split
from keras_cv_course.data.readers import decoded_images
from keras_cv_course.data.readers.image_files import FORMATS, in_folder, opened, pixels, upright_size
from keras_cv_course.errors import InputError

SIZE = 256
DIRECTIONS = ("BtoA", "AtoB")  # A is the left half, B the right one; as the authors' program names them
LAYOUT = (
    f"a folder with train/ and test/ (and val/) in it, each with images ({', '.join(FORMATS)}) that hold two of one "
    "size side by side"
)
MOST_UNLIKE = 1.4  # times wider or narrower, for its height, than most files of its folder

INFO = Info(
    name="side_by_side",
    title="Pairs of images of your own, two in one file",
    fields={
        "images": "(N, S, S, 3) float32 in [0, 1], the targets: the left half (direction BtoA), or the right one "
        f"(AtoB); S is the size asked for, or {SIZE}",
        "inputs": "(N, S, S, 3) float32 in [0, 1], the other half",
        "files": "(N,) str, the file's path below the folder",
    },
    source="the folder that the user names",
    licence="its owner's",
    from_user="a folder of images that hold a pair side by side",
)


def load(file=None, size=None, direction=None):
    """train/, val/ and test/; without val/ a tenth of train/ validates. Every part is shuffled once.

    Args:
        file: the folder.
        size: each half is squeezed to size x size pixels.
        direction: "BtoA": the right half is the input and the left one the target, as in facades; "AtoB": the
            left half is the input, as in edges2shoes. None is BtoA.

    Raises:
        InputError: an unknown direction; a folder is missing or empty, an image is corrupt or holds no pair; it is
            named.
    """
    direction = DIRECTIONS[0] if direction is None else direction
    if direction not in DIRECTIONS:
        raise InputError(f"direction must be one of {', '.join(DIRECTIONS)}, got {direction!r}")
    if file is None:
        raise InputError(
            f"the data set 'side_by_side' needs a folder: name it with --file; it must be {LAYOUT}"
        )
    root, size = Path(file).expanduser(), SIZE if size is None else size
    train, test = (_read(root / name, size, direction) for name in ("train", "test"))
    if (root / "val").is_dir():
        validation = _read(root / "val", size, direction)
    elif len(train) > 1:
        rows, held_out = split(len(train), (max(1, len(train) // 10),), seed=0)
        train, validation = train[rows], train[held_out]
    else:
        raise InputError(f"expected 2 images or more in {root / 'train'}, got 1: add some, or a folder val/")
    order = np.random.default_rng(0)
    parts = (part[order.permutation(len(part))] for part in (train, validation, test))
    return Dataset(*parts, info=replace(INFO, file=root))


def _read(folder, size, direction):
    files = in_folder(folder, LAYOUT)
    shapes = []
    for path in files:
        width, height = upright_size(path)
        if width % 2 or width <= height:
            raise InputError(
                f"{path}: expected two images of one size side by side, an even width and wider than high, got "
                f"{width}x{height}: take it out of the folder, or put its pair beside it"
            )
        shapes.append((width, height))
    ratios = np.divide(*np.transpose(shapes))
    middle = np.median(ratios)
    for path, shape, ratio in zip(files, shapes, ratios, strict=True):
        if max(ratio / middle, middle / ratio) > MOST_UNLIKE:
            raise InputError(
                f"{path}: {shape[0]}x{shape[1]} pixels are no pair like the others of {folder}, whose width is "
                f"{middle:.2g} times their height: take it out of the folder, or put its pair beside it"
            )
    name = f"pairs of {folder.resolve()}, {size} pixels"
    both = decoded_images.from_files(name, files, (size, 2 * size, 3), lambda path: _pair(path, size))
    halves = slice(size), slice(size, None)
    if isinstance(both, MappedImages):
        halves = [both.columns(half) for half in halves]
    else:
        halves = [np.ascontiguousarray(both[:, :, half]) for half in halves]
    images, inputs = halves if direction == "BtoA" else halves[::-1]
    names = np.array([f"{folder.name}/{path.name}" for path in files])
    return part_of(images=images, inputs=inputs, files=names)


def _pair(path, size):
    """(size, 2 size, 3) uint8: the left half and the right one, each squeezed to a square."""
    image = opened(path)
    width, height = image.size
    halves = [image.crop((left, 0, left + width // 2, height)) for left in (0, width // 2)]
    return np.concatenate([pixels(half, size) for half in halves], axis=1)
