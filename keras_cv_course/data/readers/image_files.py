"""Images and masks in files, read as a person sees them: the one place where this project opens an image.

The camera's orientation is applied (EXIF tag 0x0112), transparent pixels show a white background, and brightness
keeps its meaning whatever the number of bits. Pillow may only use the decoders named here, whatever a file is
called: a PostScript file named `cat.jpg` would otherwise start Ghostscript.
"""

import contextlib
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from keras_cv_course.errors import InputError

FORMATS = (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff")
DECODERS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
LOSSY = ("JPEG", "MPO", "WEBP")  # they change pixels, so they cannot hold the numbers of a mask
MOST_PIXELS = 100_000_000  # of one image; more is refused before anything is decoded
ORIENTATION = 0x0112  # the EXIF tag; from 5 on it swaps width and height
BACKGROUND = (255, 255, 255)  # what shows through transparent pixels
RANGES = (1.0, 255.0, 65535.0)  # of pixels that are 32-bit numbers: the smallest that holds all of them
JUNK = ("thumbs.db", "desktop.ini", "__macosx")  # of Windows and macOS; hidden files are left out, too
# The first bytes of files that people take for images: where, which, and what the file is.
SIGNATURES = (
    (4, b"ftyphei", "a HEIC photograph"),
    (4, b"ftyphev", "a HEIC photograph"),
    (4, b"ftypmif1", "a HEIC photograph"),
    (4, b"ftypavif", "an AVIF image"),
    (0, b"%!PS", "a PostScript file"),
    (0, b"\xc5\xd0\xd3\xc6", "a PostScript file"),
    (0, b"%PDF", "a PDF document"),
    (0, b"8BPS", "a Photoshop file"),
    (0, b"PK\x03\x04", "a zip archive"),
    (0, b"\x00\x05\x16\x07", "a file of macOS' own, without an image in it"),
    (0, b"version https://git-lfs", "a pointer of Git LFS (`git lfs pull` fetches the file)"),
    (0, b"<?xml", "an XML or SVG file"),
    (0, b"<svg", "an SVG drawing"),
    (0, b"<!DOCTYPE", "a web page"),
    (0, b"<html", "a web page"),
)

CURES = dict.fromkeys(
    ("a HEIC photograph", "an AVIF image", "a PostScript file", "a PDF document", "a Photoshop file"),
    "convert it to JPEG or PNG",
)


def in_folder(folder, layout):
    """The image files of a folder, by name; hidden ones and those in its subfolders are left out.

    Args:
        folder: a `Path`.
        layout: what the data set's folder must look like, in words, for the error.

    Raises:
        InputError: there is no such folder, or no image in it.
    """
    if not folder.is_dir():
        what = "a file" if folder.exists() else "nothing"
        raise InputError(f"expected a folder at {folder}, found {what} there; name {layout}")
    files = sorted(path for path in folder.iterdir() if is_image(path))
    if not files:
        raise InputError(f"no images in {folder}: expected {', '.join(FORMATS)} files; name {layout}")
    return files


def is_image(path):
    """Whether a path is named like an image that can be read, and is not hidden."""
    return path.suffix.lower() in FORMATS and not is_junk(path)


def is_junk(path):
    """Whether a file or folder is hidden, or one that Windows or macOS put there."""
    return path.name.startswith(".") or path.name.lower() in JUNK


def opened(path):
    """The decoded image of a file, upright, a `PIL.Image.Image`; of an animation the first frame.

    Args:
        path: a `Path` to a JPEG, PNG, WebP, BMP, GIF or TIFF file, whatever its name ends with.

    Raises:
        InputError: there is no such file, it is no such image, it is damaged, or it has more than
            `MOST_PIXELS`; the message names the file and what it is.
    """
    return _decoded(path)[0]


def upright_size(path):
    """Width and height of what `opened` returns for this file, most often without decoding it.

    Raises:
        InputError: what `opened` raises for a file whose head cannot be read.
    """
    with contextlib.suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(path, formats=DECODERS) as image:
            if image.format != "TIFF":  # whose size Pillow has turned already, from some version on
                turned = image.getexif().get(ORIENTATION) in (5, 6, 7, 8)
                return image.size[::-1] if turned else image.size
    return opened(path).size


def pixels(image, size=None):
    """The colours of an image as 8-bit numbers.

    Transparent pixels are laid over white. Grey images of 16 bits are scaled by 65,535; images of 32-bit numbers
    by the smallest of 1, 255 and 65,535 that holds them all, and by their own minimum and maximum where none
    does.

    Args:
        image: as `opened` returns it.
        size: the whole image becomes size x size pixels, whatever its shape was. Bilinear; a pixel of a smaller
            image is a weighted mean of all that it replaces, so thin lines stay. None leaves the size.

    Returns:
        (H, W, 3) uint8: red, green, blue.
    """
    image = rgb(image)
    return np.asarray(image if size is None else image.resize((size, size), Image.Resampling.BILINEAR))


def rgb(image):
    """A `PIL.Image.Image` of mode RGB; see `pixels`."""
    if image.mode.startswith("I") or image.mode == "F":
        image = Image.fromarray(np.round(_in_unit_range(np.asarray(image)) * 255).astype("uint8"))
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (*BACKGROUND, 255))
        image = Image.alpha_composite(ground, image)
    return image.convert("RGB")


def square(image):
    """The square in the middle of a `PIL.Image.Image`, as wide as its shorter side."""
    side = min(image.size)
    left, top = ((length - side) // 2 for length in image.size)
    return image.crop((left, top, left + side, top + side))


def class_ids(path, shape):
    """The numbers that a mask file holds, one class id a pixel.

    Args:
        path: a PNG, BMP, GIF or TIFF with one channel; of one with a palette the indices are taken, not the
            colours; numbers of 1, 2 or 4 bits stay what they are.
        shape: (H, W) of the image that it belongs to.

    Returns:
        (H, W) int64.

    Raises:
        InputError: the file is missing, damaged, lossy, in colour, or of another size.
    """
    mask, stored = _decoded(path)
    if stored in LOSSY:
        raise InputError(
            f"mask {path}: {stored} changes pixels a little, and with them the class ids; save masks as PNG"
        )
    ids = np.asarray(mask)
    if ids.ndim != 2 or ids.dtype.kind not in "uib":
        raise InputError(
            f"mask {path}: expected one channel with class ids, got an image of mode {mask.mode}; "
            "replace its colours by the classes' numbers"
        )
    if ids.shape != shape:
        raise InputError(
            f"mask {path}: expected {shape[1]}x{shape[0]} pixels, the size of its image, got "
            f"{ids.shape[1]}x{ids.shape[0]}; put the two that belong together there"
        )
    bits = {"L;2": 2, "L;4": 4}.get(mask.info.get("stored as"), 8)
    return ids.astype("int64") * (2**bits - 1) // 255 if bits < 8 else ids.astype("int64")


def nearest(mask, size):
    """The mask (H, W) at size x size: every pixel takes the one below its centre, so no ids are mixed.

    The centre of pixel i lies at i + 1/2, as it does for the images.
    """
    rows, columns = (((np.arange(size) + 0.5) * length / size).astype(int) for length in mask.shape)
    return mask[rows[:, None], columns]


def _decoded(path):
    """The image, upright, and the name of the format in which it is stored."""
    if path.is_dir():
        raise InputError(f"{path} is a folder, not an image; name a file in it")
    try:
        with warnings.catch_warnings():
            # Pillow warns of large images, and of odd entries of metadata that are not read here.
            warnings.simplefilter("ignore")
            with Image.open(path, formats=DECODERS) as image:
                _check_size(path, *image.size)
                # Grey PNGs of 2 and 4 bits come scaled to 8: what they were scaled from is known only now.
                packed = image.tile[0][3] if image.format == "PNG" and image.tile else None
                image.load()
                stored = image.format
                upright = _upright(image)
                if image.mode == "F" and not np.isfinite(np.asarray(image)).all():
                    raise ValueError("some of its pixels are NaN or infinite")
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"there is no image {path}; put it there or take it off its list") from None
    except Image.DecompressionBombError:
        raise InputError(_too_large(path, "far")) from None
    except UnidentifiedImageError:
        what, cure = what_it_is(path), "put an image in its place, or move it away"
        raise InputError(f"{path} is {what}; {CURES.get(what, cure)}") from None
    except Exception as error:  # decoders raise almost anything on damaged files
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"corrupt image {path}: {reason}; put an undamaged copy in its place") from None
    upright.info["stored as"] = packed
    return upright, stored


def _upright(image):
    """The image as the camera's orientation says; metadata that cannot be read says nothing."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # damaged metadata: struct.error, SyntaxError, ValueError, KeyError ...
        return image.copy()


def what_it_is(path):
    """In words, what a file is that no decoder takes for an image."""
    with open(path, "rb") as file:
        start = file.read(64)
    if not start:
        return "an empty file"
    for place, signature, words in SIGNATURES:
        if start[place : place + len(signature)].lower() == signature.lower():
            return words
    return f"no image (its first bytes are {start[:8]!r})"


def _check_size(path, width, height):
    if width * height > MOST_PIXELS:
        raise InputError(_too_large(path, f"{width:,} x {height:,} pixels,"))


def _too_large(path, words):
    return (
        f"{path} is too large: {words} more than {MOST_PIXELS // 10**6} million pixels; make it smaller first"
    )


def _in_unit_range(numbers):
    """Grey values of 16 or 32 bits, or floats, as float64 in [0, 1]."""
    if numbers.dtype.kind == "u":  # 16 bits, of either byte order
        return numbers / 65535
    numbers = numbers.astype("float64")
    low, high = numbers.min(), numbers.max()
    if low >= 0:
        for top in RANGES:
            if high <= top:
                return numbers / top
    return (numbers - low) / (high - low) if high > low else np.zeros_like(numbers)
