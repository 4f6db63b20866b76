"""CamVid: a class for every pixel of photographs from a driving car, from a folder that the user names."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from keras_cv_course.data.mapped_images import part_of
from keras_cv_course.data.part import Dataset, Info
from keras_cv_course.data.readers import decoded_images
from keras_cv_course.data.readers.image_files import FORMATS, class_ids, nearest, opened, pixels, upright_size
from keras_cv_course.errors import InputError

VOID = 255
PARTS = ("train", "val", "test")
LAYOUT = (
    "a folder with train/, val/ and test/, and beside them trainannot/, valannot/ and testannot/ with a PNG "
    "mask for every image"
)
BINARY = "background", "foreground"
CLASSES = (
    "sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "pedestrian", "bicyclist",
)  # fmt: skip

INFO = Info(
    name="camvid",
    title="701 photographs of 480x360 pixels from a car in Cambridge, every pixel labelled",
    fields={
        "images": "(N, H, W, 3) float32 in [0, 1], red, green, blue; 360 x 480, or the size asked for",
        "masks": "(N, H, W) uint8: 0 to 10, the class of the pixel; 255 void, where it has none",
        "files": "(N,) str, the image's path below the folder",
    },
    classes=CLASSES,
    source="Brostow, Fauqueur and Cipolla, Semantic object classes in video, 2009; in the layout of "
    "the SegNet tutorial by Kendall, folder CamVid",
    licence="CC BY-NC 4.0 as the SegNet tutorial states: not for commercial use",
    from_user="the SegNet tutorial's folder CamVid",
    extra={"mask_classes": CLASSES},
)


def load(file=None, size=None):
    """The parts as the layout has them (367, 101 and 233 images when complete), each shuffled once.

    The lists train.txt, val.txt and test.txt are not read: they name the same files by paths of another
    machine.

    Masks of one's own that hold nothing but 0 and 255 in all three parts, the usual form of a mask with two
    classes, become 0 (background) and 1 (foreground); one line on standard error says so.

    Args:
        file: the folder.
        size: the whole image is squeezed to size x size pixels, its mask by the nearest pixel. None leaves
            images as they are; they must then be of one size.

    Raises:
        InputError: a folder, an image or its mask is missing or corrupt, a mask is of another size than
            its image or holds an unknown class; the file is named.
    """
    if file is None:
        raise InputError(f"the data set 'camvid' needs a folder: name it with --file; it must be {LAYOUT}")
    root = Path(file).expanduser()
    pairs = [_pairs(root / part, root / f"{part}annot") for part in PARTS]
    first = pairs[0][0][0]
    shape = pixels(opened(first), size).shape
    order = np.random.default_rng(0)
    parts = []
    for some in pairs:
        some = [some[row] for row in order.permutation(len(some))]
        masks = np.empty((len(some), *shape[:2]), np.uint8)
        for row, (image, mask) in enumerate(some):
            width, height = upright_size(image)
            if size is None and (height, width) != shape[:2]:
                raise InputError(
                    f"{image}: expected {shape[1]}x{shape[0]} pixels, the size of {first}, got {width}x{height}; "
                    "name a size, and all become that"
                )
            masks[row] = mask_of(mask, (height, width), size)
        photographs = [image for image, _ in some]
        name = f"{photographs[0].parent.resolve()}, {shape[1]}x{shape[0]} pixels"
        images = decoded_images.from_files(name, photographs, shape, lambda path: pixels(opened(path), size))
        files = np.array([image.relative_to(root).as_posix() for image in photographs])
        parts.append(part_of(images=images, masks=masks, files=files))
    if set().union(*(np.unique(part.masks).tolist() for part in parts)) == {0, VOID}:
        print(f"masks of nothing but 0 and 255: 255 is taken as the class {BINARY[1]}", file=sys.stderr)
        for part in parts:
            part.masks[part.masks == VOID] = 1
        return Dataset(*parts, info=replace(INFO, file=root, classes=BINARY, extra={"mask_classes": BINARY}))
    return Dataset(*parts, info=replace(INFO, file=root))


def mask_of(mask, shape, size=None):
    """The mask of an image.

    Args:
        mask: its path.
        shape: (H, W) of the image.
        size: it becomes size x size; None leaves it.

    Returns:
        (H, W) uint8 with 255 for void.

    Raises:
        InputError: see `load`.
    """
    ids = class_ids(mask, shape)
    unlabelled = len(CLASSES)  # the layout's own number for void
    unknown = np.setdiff1d(ids, [*range(unlabelled + 1), VOID])
    if len(unknown):
        raise InputError(
            f"mask {mask}: expected class ids 0 to {unlabelled - 1}, or {unlabelled} or {VOID} for void, got "
            f"{', '.join(map(str, unknown[:5]))}; correct these pixels"
        )
    ids = np.where(ids == unlabelled, VOID, ids).astype(np.uint8)
    return ids if size is None else nearest(ids, size)


def _pairs(images, masks):
    """The (image, mask) paths of two folders, by name.

    Raises:
        InputError: a folder is missing or empty, or a file is without its partner.
    """
    for folder in (images, masks):
        if not folder.is_dir():
            what = "a file" if folder.exists() else "nothing"
            raise InputError(f"expected a folder at {folder}, found {what} there; name {LAYOUT}")
    photographs, labels = _by_name(images, FORMATS), _by_name(masks, (".png",))
    if not photographs:
        raise InputError(f"no images in {images}: expected {', '.join(FORMATS)} files; name {LAYOUT}")
    alone = sorted(set(photographs) ^ set(labels))
    if alone:
        name = alone[0]
        here, missing = (
            (photographs[name], masks / f"{name}.png")
            if name in photographs
            else (labels[name], images / f"{name}.png")
        )
        raise InputError(
            f"{here} is without its partner: expected {missing}, found nothing there; "
            f"put it there or take the other away ({len(alone)} such files)"
        )
    return [(photographs[name], labels[name]) for name in sorted(photographs)]


def _by_name(folder, endings):
    """Name without ending -> path, of the files with these endings."""
    return {
        path.stem: path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in endings and not path.name.startswith(".")
    }
