"""Pictures and masks that lie in files of a folder: decoded, checked and resized."""

import numpy as np
from PIL import Image, UnidentifiedImageError

from keras_cv_course.errors import InputError

FORMATS = (".jpg", ".jpeg", ".png", ".bmp")


def in_folder(folder, layout):
    """The picture files of a folder, by name; hidden ones and those in its subfolders are left out.

    Args:
        folder: a `Path`.
        layout: what the data set's folder must look like, in words, for the error.

    Raises:
        InputError: there is no such folder, or no picture in it.
    """
    if not folder.is_dir():
        what = "a file" if folder.exists() else "nothing"
        raise InputError(f"expected a folder at {folder}, found {what} there; name {layout}")
    files = sorted(
        path for path in folder.iterdir() if path.suffix.lower() in FORMATS and not path.name.startswith(".")
    )
    if not files:
        raise InputError(f"no pictures in {folder}; name {layout}")
    return files


def opened(path):
    """The decoded picture of a file, a `PIL.Image.Image`.

    Raises:
        InputError: there is no such file, or it is corrupt; the file is named.
    """
    try:
        with Image.open(path) as picture:
            picture.load()
            return picture
    except FileNotFoundError:
        raise InputError(f"there is no picture {path}; put it there or take it off its list") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        reason = "it is no picture" if isinstance(error, UnidentifiedImageError) else error
        raise InputError(f"corrupt picture {path}: {reason}; delete it or put it there again") from None


def pixels(picture, size=None):
    """(H, W, 3) uint8 red, green, blue; with a size the whole picture squeezed or stretched to size x size.

    Bilinear; a pixel of a smaller picture is a weighted mean of all that it replaces, so thin lines stay.
    """
    picture = picture.convert("RGB")
    return np.asarray(picture if size is None else picture.resize((size, size), Image.Resampling.BILINEAR))


def class_ids(path, shape):
    """The numbers that a mask file holds, one class id a pixel.

    Args:
        path: a picture with one channel; of one with a palette the indices are taken, not the colours.
        shape: (H, W) of the picture that it belongs to.

    Returns:
        (H, W) whole numbers.

    Raises:
        InputError: the file is missing, corrupt, coloured, or of another size.
    """
    mask = opened(path)
    ids = np.asarray(mask)
    if ids.ndim != 2 or ids.dtype.kind not in "uib":
        raise InputError(
            f"mask {path}: expected one channel with class ids, got a picture of mode {mask.mode}; "
            "replace its colours by the classes' numbers"
        )
    if ids.shape != shape:
        raise InputError(
            f"mask {path}: expected {shape[1]}x{shape[0]} pixels, the size of its picture, got "
            f"{ids.shape[1]}x{ids.shape[0]}; put the two that belong together there"
        )
    return ids.astype("int64")


def nearest(mask, size):
    """The mask (H, W) at size x size: every pixel takes the one below its centre, so no ids are mixed.

    The centre of pixel i lies at i + 1/2, as it does for the pictures.
    """
    rows, columns = (((np.arange(size) + 0.5) * length / size).astype(int) for length in mask.shape)
    return mask[rows[:, None], columns]
