"""Boxes from a folder in the PASCAL VOC layout: BCCD's blood cells, or images of your own."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from keras_cv_course.data.box_rows import box_rows
from keras_cv_course.data.mapped_images import part_of
from keras_cv_course.data.part import Dataset, Info
from keras_cv_course.data.readers import decoded_images, voc_annotation
from keras_cv_course.data.readers.image_files import FORMATS, is_image, opened, pixels, upright_size
from keras_cv_course.errors import InputError

SIZE = 256
PARTS = ("train", "val", "test")
LAYOUT = (
    "a folder with JPEGImages/, Annotations/ (an XML for every image) and ImageSets/Main/ with train.txt, "
    "val.txt and test.txt (an image's name on every line)"
)
FIELDS = {
    "images": f"(N, S, S, 3) float32 in [0, 1], red, green, blue; S is the size asked for, {SIZE} by default",
    "boxes": "(N, K, 4) float32: x_min, y_min, x_max, y_max in pixels of the resized image, "
    "x_max - x_min wide; rows of -1 where there is no object",
    "box_classes": "(N, K) int64: the class, -1 for a row without object",
    "difficult": "(N, K) bool: objects that VOC's evaluation counts neither as hits nor as misses",
    "files": "(N,) str, the image's path below the folder",
}
INFO = {
    "bccd": Info(
        name="bccd",
        title="364 images of blood under a microscope: a box around every cell",
        fields=FIELDS,
        classes=("RBC", "WBC", "Platelets"),
        source="Shenggan, BCCD Dataset, 2018, folder BCCD",
        licence="MIT",
        from_user="the folder BCCD of the BCCD data set",
    ),
    "voc_folder": Info(
        name="voc_folder",
        title="Images of your own with boxes, in the PASCAL VOC layout",
        fields=FIELDS,
        source="the folder that the user names",
        licence="its owner's",
        from_user="a folder in the layout of PASCAL VOC",
    ),
}


def load(name="bccd", file=None, size=None):
    """The parts as the lists have them (205, 87 and 72 images of BCCD), each shuffled once.

    Images without objects are kept. Objects without extent (two of BCCD) are left out, one line on
    standard error says so, and `info.extra["left out"]` lists them. Another line names classes that differ
    in upper and lower case only.

    Args:
        name: "bccd", whose classes are known, or "voc_folder": its classes are those of train.txt's objects.
        file: the folder.
        size: the whole image is resized to size x size pixels, and its boxes with it.

    Raises:
        InputError: a list, an image or an annotation is missing or corrupt, or an object's class or corners
            cannot be; the file is named.
    """
    if file is None:
        raise InputError(f"the data set {name!r} needs a folder: name it with --file; it must be {LAYOUT}")
    root, size = Path(file).expanduser(), SIZE if size is None else size
    if not root.is_dir():
        what = "a file" if root.exists() else "nothing"
        raise InputError(f"expected a folder at {root}, found {what} there; name {LAYOUT}")
    order, classes = np.random.default_rng(0), INFO[name].classes
    read = [_read(root, order.permutation(stems).tolist(), size) for stems in _lists(root)]
    if not classes:
        classes = tuple(sorted({kind for annotation in read[0][2] for kind in annotation.names}))
        if not classes:
            raise InputError(
                f"no objects in the annotations of {root}, train.txt; expected some to learn from"
            )
    _tell_classes_apart(classes)
    empty = [line for _, _, annotations in read for annotation in annotations for line in annotation.empty]
    if empty:
        many = f" and {len(empty) - 1} more" if len(empty) > 1 else ""
        print(f"left out, boxes without extent: {empty[0]}{many}", file=sys.stderr)
    rows = box_rows([[_labelled(one, classes) for one in annotations] for _, _, annotations in read])
    parts = [part_of(images=images, files=files, **boxes) for (images, files, _), boxes in zip(read, rows)]
    info = replace(INFO[name], classes=classes, file=root, extra={"left out": tuple(empty)})
    return Dataset(*parts, info=info)


def _read(root, stems, size):
    """Images (N, S, S, 3), their paths below the folder, their annotations with boxes in their pixels."""
    paths, annotations = [], []
    files_of = _image_files(root / "JPEGImages")
    for stem in stems:
        # A few lists give names with their ending.
        stem = (
            stem if stem in files_of else stem.removesuffix(Path(stem).suffix if is_image(Path(stem)) else "")
        )
        path = files_of.get(stem, root / "JPEGImages" / f"{stem}{FORMATS[0]}")
        width, height = upright_size(path)
        annotation = voc_annotation.read(root / "Annotations" / f"{stem}.xml", width, height)
        scale = size / np.array([width, height, width, height])
        annotation.boxes = np.reshape(annotation.boxes, (-1, 4)) * scale
        paths.append(path)
        annotations.append(annotation)
    name = f"{stems[0]} and {len(stems) - 1} more of {root.resolve()}, {size} pixels"
    images = decoded_images.from_files(name, paths, (size, size, 3), lambda path: pixels(opened(path), size))
    return images, np.array([path.relative_to(root).as_posix() for path in paths]), annotations


def _image_files(folder):
    """{name without ending: path} of the images in a folder, whose endings are in either case; of several of one
    name the first in the order of `FORMATS`."""
    paths = [path for path in folder.iterdir() if is_image(path)] if folder.is_dir() else []
    paths.sort(key=lambda path: FORMATS.index(path.suffix.lower()), reverse=True)
    return {path.stem: path for path in paths}


def _tell_classes_apart(classes):
    """Say on standard error which classes differ in upper and lower case only."""
    alike = {}
    for name in classes:
        alike.setdefault(name.casefold(), []).append(name)
    doubtful = [" and ".join(names) for names in alike.values() if len(names) > 1]
    if doubtful:
        print(
            f"classes that differ in upper and lower case only: {', '.join(doubtful)}; are they one class?",
            file=sys.stderr,
        )


def _labelled(annotation, classes):
    """The boxes, their classes' numbers, difficult or not."""
    for kind in annotation.names:
        if kind not in classes:
            raise InputError(
                f"{annotation.path}: unknown class {kind!r}; expected one of {', '.join(classes)}; correct "
                "its <name> (or load your own images as 'voc_folder', whose classes are those of train.txt)"
            )
    return annotation.boxes, [classes.index(kind) for kind in annotation.names], annotation.difficult


def _lists(root):
    """The names of every part.

    Raises:
        InputError: a list is missing, unreadable or empty, or a name is there twice.
    """
    lists, seen = [], {}
    for part in PARTS:
        path = root / "ImageSets" / "Main" / f"{part}.txt"
        try:
            # "-sig": some editors begin a file with a byte order mark.
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except FileNotFoundError:
            raise InputError(f"there is no list {path}; name {LAYOUT}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot read the list {path} ({error}); name {LAYOUT}") from None
        stems = [line.strip() for line in lines if line.strip()]
        if not stems:
            raise InputError(f"no names in {path}; expected an image's name on every line")
        for stem in stems:
            if stem in seen:
                raise InputError(
                    f"{stem} is in {seen[stem]} and again in {path}; an image belongs to one part, once: "
                    "take it off one of them"
                )
            seen[stem] = path
        lists.append(stems)
    return lists
