"""Folders of your own images, one subfolder a class."""

import os
import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from keras_cv_course.data.image_arrays import stratified
from keras_cv_course.data.mapped_images import part_of
from keras_cv_course.data.part import Dataset, Info
from keras_cv_course.data.readers import decoded_images
from keras_cv_course.data.readers.image_files import FORMATS, is_image, is_junk, opened, pixels, square
from keras_cv_course.errors import InputError

SIZE = 128
LAYOUT = "a folder with one subfolder of images a class, or with train/ and val/ (and test/) of that form"

# How people call the three parts, in any case and with the words of FILLERS around: Training, seg_train, Test-Set.
PARTS = {
    "train": ("train", "training", "trainset"),
    "val": ("val", "valid", "validation", "dev", "valset", "validset"),
    "test": ("test", "testing", "testset"),
}
FILLERS = {"set", "seg", "data", "dataset", "images", "split"}

INFO = Info(
    name="folder",
    title="Images of your own, one subfolder a class",
    fields={
        "images": f"(N, S, S, 3) float32 in [0, 1]; S is the size asked for, {SIZE} by default",
        "labels": "(N,) int64: the class, counted from 0 in alphabetical order of the subfolders' names",
        "files": "(N,) str, the image's path below the folder",
    },
    source="the folder that the user names",
    licence="its owner's",
    from_user="a folder of images, one subfolder a class",
)


def load(file=None, size=None):
    """Read a folder of images; a line on standard error says which classes were found, and what was left out.

    A folder with one subfolder a class is cut into 64 % training, 16 % validation and 20 % test images. One with
    parts of its own (Train, Testing, seg_test and the like) is taken as it is; where the training part has only
    one of the two others beside it, that one is the test part, and a fifth of the training images validates.
    Hidden files and folders are left out at every depth.

    Args:
        file: the folder.
        size: images become size x size pixels; what is longer than wide (or wider than long) is cut at both
            ends, so that nothing is squeezed.

    Returns:
        A `Dataset` whose `info` has the folder's classes.

    Raises:
        InputError: there is no such folder, it holds no images or one class only, its parts differ in their
            classes or are named in a way that is not understood, or an image cannot be read; the file is named.
    """
    if file is None:
        raise InputError(f"the data set 'folder' needs a folder: name it with --file; it must be {LAYOUT}")
    root, size = Path(file).expanduser(), SIZE if size is None else size
    if not root.is_dir():
        what = "a file" if root.exists() else "nothing"
        raise InputError(f"expected a folder of images at {root}, found {what} there; name {LAYOUT}")
    root, skipped = _unwrapped(root), Counter()
    found = parts_in(root)
    if not found:
        whole, classes = read(root, size, skipped=skipped)
        parts = stratified(whole, (0.16, 0.2), classes)
    else:
        train, classes = read(found["train"], size, skipped=skipped)
        rest = [read(found[name], size, classes, skipped)[0] for name in ("val", "test") if name in found]
        shares = (0.2,) if len(rest) == 1 else ()
        parts = [
            *stratified(train, shares, classes),
            *(part for whole in rest for part in stratified(whole, ())),
        ]
        skipped.update(f"folder {path.name}" for path in _subfolders(root) if not part_named(path.name))
    counts = ", ".join(f"{len(part):,}" for part in parts)
    left_out = ", ".join(f"{count:,} {ending}" for ending, count in sorted(skipped.items()))
    print(
        f"{root}: {len(classes)} classes ({', '.join(classes)}); images to train, validate, test: {counts}"
        + (f"; left out: {left_out}" if skipped else ""),
        file=sys.stderr,
    )
    return Dataset(*parts, info=replace(INFO, classes=classes, file=root))


def parts_in(root):
    """The folders of the parts: {"train": Path, "val": Path, "test": Path}, those that are there.

    Empty where the subfolders are classes. A subfolder called `train` may be one (a railway's): it is if there
    is no other part, and images lie in it directly.

    Raises:
        InputError: there is a training part without another one, or two folders with the name of one part.
    """
    found = {}
    for folder in _subfolders(root):
        part = part_named(folder.name)
        if part in found:
            raise InputError(
                f"{found[part]} and {folder} are both called like the {part} part; name one of them otherwise"
            )
        if part:
            found[part] = folder
    if len(found) == 1 and any(is_image(path) for path in next(iter(found.values())).iterdir()):
        return {}
    if found and ("train" not in found or len(found) == 1):
        there = ", ".join(f"{folder.name}/" for folder in found.values())
        lacks = "neither val/ nor test/" if "train" in found else "no train/"
        raise InputError(f"{root} has {there}, but {lacks}; expected {LAYOUT}")
    return {part: _unwrapped(folder) for part, folder in found.items()}


def part_named(name):
    """The part that a folder's name says: "train", "val", "test", or None."""
    words = [word for word in re.split("[^a-z]+", name.lower()) if word and word not in FILLERS]
    return next((part for part, names in PARTS.items() if len(words) == 1 and words[0] in names), None)


def read(folder, size, classes=None, skipped=None):
    """Read all images of a folder with one subfolder a class; folders below these belong to the same class.

    Args:
        folder: a `Path`.
        size: the images' height and width in pixels. Images that would take too much memory stay on disk.
        classes: the classes that must be there; None for whatever is there.
        skipped: a `Counter` of the endings of files that are no images, which is added to; or None.

    Returns:
        The `Part`, ordered by class and name, and the classes' names.

    Raises:
        InputError: other classes, none or one only, a class without images, or an image that cannot be read.
    """
    folders = _subfolders(folder)
    found = tuple(path.name for path in folders)
    for path in folders:
        try:
            path.name.encode("utf-8")
        except UnicodeEncodeError:
            raise InputError(
                f"the folder {os.fsencode(path)} has a name that is not UTF-8; rename it"
            ) from None
    if len(found) < 2:
        raise InputError(
            f"expected two or more subfolders in {folder}, one a class, got {', '.join(found) or 'none'}; "
            f"name {LAYOUT}"
        )
    if classes is not None and found != classes:
        raise InputError(
            f"expected the classes of the training part, {', '.join(classes)}, in {folder}, got {', '.join(found)}"
        )
    below = [tuple(path.name for path in _subfolders(path)) for path in folders]
    if len(below[0]) > 1 and len(set(below)) == 1:
        raise InputError(
            f"every subfolder of {folder} ({', '.join(found)}) holds the same subfolders, {', '.join(below[0])}: "
            f"if the outer ones are parts, call them train, val and test; if they are classes, leave only "
            "images in them"
        )
    skipped = Counter() if skipped is None else skipped
    files = [_images(path, skipped) for path in folders]
    if not any(files):
        raise InputError(f"no images in {folder}: expected {', '.join(FORMATS)} files in its subfolders")
    for path, some in zip(folders, files, strict=True):
        if not some:
            raise InputError(
                f"no images in {path}: expected {', '.join(FORMATS)} files; move the folder away if it is no class"
            )
    labels = np.repeat(np.arange(len(files)), [len(some) for some in files])
    files = [path for some in files for path in some]
    images = decoded_images.from_files(
        f"squares of {size} pixels of {folder.resolve()}",
        files,
        (size, size, 3),
        lambda path: pixels(square(opened(path)), size),
    )
    names = np.array([str(path.relative_to(folder)) for path in files])
    return part_of(images=images, labels=labels.astype("int64"), files=names), found


def _subfolders(folder):
    """The subfolders, by name, without hidden ones and junk."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and not is_junk(path))


def _unwrapped(folder):
    """The folder, or the one that lies alone in it, as unpacked archives have it: seg_train/seg_train/."""
    inner = _subfolders(folder)
    alone = len(inner) == 1 and not any(is_image(path) for path in folder.iterdir())
    return inner[0] if alone and len(_subfolders(inner[0])) > 1 else folder


def _images(folder, skipped):
    """The images of a folder and of those below it, by path; the endings of other files are counted."""
    images = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not is_junk(Path(name))]
        for path in (Path(place, name) for name in files):
            if is_image(path):
                images.append(path)
            elif not is_junk(path):
                skipped[path.suffix.lower() or "without ending"] += 1
    return sorted(images)
