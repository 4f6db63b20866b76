"""Built-in and real data sets behind one `load`.

A data set is a module with `INFO` and `load(...)`; it is known here by its name and loaded when asked for.
"""

import importlib
import inspect

import numpy as np

from keras_cv_course.data.catalogue import MODULES
from keras_cv_course.data.part import Dataset, Info, Part
from keras_cv_course.errors import InputError

__all__ = ["Dataset", "Info", "Part", "describe", "load", "names"]


def names():
    """The names that `load` knows."""
    return tuple(MODULES)


def load(name, file=None, limit=None, size=None, direction=None):
    """Load a data set.

    Args:
        name: one of `names()`.
        file: read this file in place of the cached download, for sets that are read from one file; the folder
            of "folder", "camvid", "bccd", "voc_folder", "side_by_side" and "unpaired".
        limit: keep at most this many examples of each part: the first ones, and the parts are shuffled once.
        size: bring images to size x size pixels: shapes are drawn so, photographs of many sizes are read so,
            others resized by bilinear interpolation; None leaves each set its own size. Masks and boxes
            follow their images.
        direction: which half of a file of "side_by_side" is the input: the right one (BtoA) or the left one (AtoB);
            None is BtoA there, and the only choice elsewhere.

    Returns:
        A `Dataset` with train, validation and test parts and an `Info` that says what the fields mean.

    Raises:
        InputError: unknown name, missing or corrupt file, no network, values out of range, nothing left.
    """
    module = _module(name)
    if limit is not None and limit < 1:
        raise InputError(f"limit must be at least 1 example, got {limit}")
    if size is not None and size < 1:
        raise InputError(f"size is a number of pixels, 1 or more, for data with images; got {size}")
    choices = {"file": file, "name": name, "size": size, "limit": limit, "direction": direction}
    accepted = inspect.signature(module.load).parameters
    if direction is not None and "direction" not in accepted:
        raise InputError(f"direction is an option of 'side_by_side', not of {name!r}; leave it out")
    if file is not None and "file" not in accepted:
        raise InputError(f"data set {name!r} is not read from one file, got file={str(file)!r}; leave it out")
    parts = module.load(**{key: value for key, value in choices.items() if key in accepted})
    info = parts.info if isinstance(parts, Dataset) else describe(name)
    if limit is not None:
        parts = [part[:limit] for part in parts]
    if size is not None:
        parts = [resize(part, size) for part in parts]
    return Dataset(*parts, info=info)


def resize(part, size):
    """The same part with `images` (N, size, size, C), by bilinear interpolation.

    Raises:
        InputError: the part has no images.
    """
    if "images" not in part.fields:
        raise InputError(f"this needs data with images; what was loaded has {', '.join(part.fields)}")
    if part.images.shape[1:3] == (size, size):
        return part
    from skimage import transform

    shape = (size, size, part.images.shape[-1])
    images = np.stack([transform.resize(image, shape, order=1) for image in part.images])
    return Part(**{**part.fields, "images": images.astype("float32")})


def describe(name):
    """The `Info` of a data set, without loading it."""
    info = _module(name).INFO
    return info[name] if isinstance(info, dict) else info


def _module(name):
    if name not in MODULES:
        raise InputError(f"unknown data set {name!r}; choose one of: {', '.join(MODULES)}")
    return importlib.import_module(f"keras_cv_course.data.{MODULES[name]}")
