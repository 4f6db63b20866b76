"""Folders of your own images, one subfolder a class, through `keras.utils.image_dataset_from_directory`."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from keras_cv_course.data.image_arrays import stratified
from keras_cv_course.data.part import Dataset, Info, Part
from keras_cv_course.errors import InputError

SIZE = 128
LAYOUT = "a folder with one subfolder of images a class, or with train/ and val/ (and test/) of that form"
FORMATS = "jpg, png, bmp, gif"

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
    """Read a folder of images.

    A folder with one subfolder a class is cut into 64 % training, 16 % validation and 20 % test images. One
    with train/, val/ and test/ is taken as it is; where train/ has only one of the two beside it, that one is
    the test part, and a fifth of the training images validates.

    Args:
        file: the folder.
        size: images become size x size pixels; what is longer than wide (or wider than long) is cut at both
            ends, so that nothing is squeezed.

    Returns:
        A `Dataset` whose `info` has the folder's classes.

    Raises:
        InputError: there is no such folder, it holds no images or one class only, train/ and val/ differ in
            their classes, or an image is corrupt; the file is named.
    """
    if file is None:
        raise InputError(f"the data set 'folder' needs a folder: name it with --file; it must be {LAYOUT}")
    root, size = Path(file).expanduser(), SIZE if size is None else size
    if not root.is_dir():
        what = "a file" if root.exists() else "nothing"
        raise InputError(f"expected a folder of images at {root}, found {what} there; name {LAYOUT}")
    if not (root / "train").is_dir():
        whole, classes = read(root, size)
        parts = stratified(whole, (0.16, 0.2))
    else:
        others = [
            next((root / name for name in names if (root / name).is_dir()), None)
            for names in (("val", "valid", "validation"), ("test",))
        ]
        others = [folder for folder in others if folder]
        if not others:
            raise InputError(f"{root} has train/, but neither val/ nor test/; expected {LAYOUT}")
        train, classes = read(root / "train", size)
        rest = [read(folder, size, classes)[0] for folder in others]
        shares = (0.2,) if len(rest) == 1 else ()
        parts = [*stratified(train, shares), *(part for whole in rest for part in stratified(whole, ()))]
    return Dataset(*parts, info=replace(INFO, classes=classes, file=root))


def read(folder, size, classes=None):
    """Read all images of a folder with one subfolder a class.

    Args:
        folder: a `Path`.
        size: the images' height and width in pixels.
        classes: the classes that must be there; None for whatever is there.

    Returns:
        The `Part`, ordered by class and name, and the classes' names.

    Raises:
        InputError: other classes, none or one only, a class without images, or a corrupt image.
    """
    import keras
    import tensorflow as tf

    found = tuple(
        sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    )
    if len(found) < 2:
        raise InputError(
            f"expected two or more subfolders in {folder}, one a class, got {', '.join(found) or 'none'}; "
            f"name {LAYOUT}"
        )
    if classes is not None and found != classes:
        raise InputError(
            f"expected the classes of train/, {', '.join(classes)}, in {folder}, got {', '.join(found)}"
        )
    try:
        dataset = keras.utils.image_dataset_from_directory(
            folder, class_names=list(found), image_size=(size, size), batch_size=None, shuffle=False,
            interpolation="area", crop_to_aspect_ratio=True, data_format="channels_last", verbose=False,
        )  # fmt: skip
    except ValueError:
        raise InputError(f"no images in {folder}: expected {FORMATS} files in its subfolders") from None
    files = [Path(path).relative_to(folder) for path in dataset.file_paths]
    empty = set(found) - {file.parts[0] for file in files}
    if empty:
        raise InputError(
            f"no images in {folder / min(empty)}: expected {FORMATS} files; "
            "remove the folder if it is no class"
        )

    images, labels = np.empty((len(files), size, size, 3), np.float32), []
    try:
        for image, label in dataset.as_numpy_iterator():
            images[len(labels)] = image
            labels.append(label)
    except tf.errors.OpError as error:
        # The first line ends with "... Iterator::Root::Prefetch::ParallelMapV2: Invalid PNG data, size 618".
        reason = error.message.splitlines()[0].rpartition("Iterator::")[2].partition(": ")[2]
        raise InputError(
            f"corrupt image {folder / files[len(labels)]}: {reason or 'it cannot be read'}; "
            "delete it or put it there again"
        ) from None
    images /= 255
    np.clip(images, 0, 1, out=images)  # a mean of white pixels can come out as 255.00002
    names = np.array([str(file) for file in files])
    return Part(images=images, labels=np.array(labels, "int64"), files=names), found
