"""Decoded images as a data set's field: in memory where they are few, else kept on disk."""

import contextlib
import math
import os
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from keras_cv_course.data import disk_cache
from keras_cv_course.data.checked_file import CHUNK

MOST_IN_MEMORY = 2**29  # bytes of one array of float32 images; parts and shuffles take as much again


def too_large(shape):
    """Whether float32 images of this shape are to stay on disk."""
    return 4 * math.prod(shape) > MOST_IN_MEMORY


def from_files(name, files, shape, read):
    """The images of files.

    Args:
        name: what they are, how they are cut and what size they get: one set in the cache has this name.
        files: their paths.
        shape: (H, W, C) of every image.
        read: function of a path that returns the image, (H, W, C) uint8.

    Returns:
        (N, H, W, C) float32 in [0, 1]: an array, or `MappedImages` where it would be too large.

    Raises:
        InputError: what `read` raises for the first file that cannot be read; the cache cannot be written.
    """
    import PIL

    def decode(start):
        return _in_threads(read, files[start:])

    def sources():
        for path in files:
            about = path.stat()
            yield f"{path} {about.st_size} {about.st_mtime_ns} Pillow {PIL.__version__}"

    shape = (len(files), *shape)
    if too_large(shape):
        return disk_cache.fetch(name, list(sources()), shape, decode)
    return in_memory(shape, decode(0))


def from_rows(name, source, shape, decode):
    """The images of a file or folder that is read from row to row.

    Args:
        name: as in `from_files`.
        source: says what is read; a text that is another one once that has changed.
        shape: (N, H, W, C).
        decode: function of a row number; a generator of the images from that row on, (H, W, C) uint8.

    Returns:
        As `from_files`.
    """
    if too_large(shape):
        return disk_cache.fetch(name, [source] * shape[0], shape, decode)
    return in_memory(shape, decode(0))


def in_memory(shape, decoded):
    """(N, H, W, C) float32 in [0, 1] of that many decoded images (H, W, C) uint8."""
    images = np.empty(shape, np.float32)
    with contextlib.closing(decoded):
        for image, pixels in zip(images, decoded, strict=True):
            np.divide(pixels, np.float32(255), out=image)
    return images


def _in_threads(read, files):
    """What `read` returns for each file, in their order, a few files ahead: Pillow decodes without Python's lock."""
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    # Each file switches warnings off while it is decoded; what threads do to that setting is undone in the end.
    with warnings.catch_warnings(), ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(files), CHUNK):
            yield from pool.map(read, files[start : start + CHUNK])
