"""An .npy of 8-bit images that is written image by image, and the checksums by which damage is noticed."""

import hashlib
import io
import math
import zlib

import numpy as np

CHUNK = 256  # images of one checksum, and so the most that an interrupted decoding has to do again


def digests(sources):
    """A digest of the texts of every chunk."""
    chunks = (sources[start : start + CHUNK] for start in range(0, len(sources), CHUNK))
    return [
        hashlib.sha256("\n".join(some).encode("utf-8", "surrogateescape")).hexdigest()[:16] for some in chunks
    ]


def stamp(path):
    """Size and date of change of a file."""
    about = path.stat()
    return [about.st_size, about.st_mtime_ns]


def checksums(path, shape):
    """The checksums of the whole chunks that a file holds; none if it does not begin as a file of that shape, or goes
    on behind its end."""
    begins, size = header(shape), chunk_bytes(shape)
    with open(path, "rb") as file:
        if file.read(len(begins)) != begins:
            return []
        left, sums = math.prod(shape), []
        while left and len(chunk := file.read(min(size, left))) == min(size, left):
            sums.append(zlib.crc32(chunk))
            left -= len(chunk)
        return sums if left or not file.read(1) else []


def header(shape):
    """The first bytes of an .npy of that many images."""
    box = io.BytesIO()
    about = {"descr": "|u1", "fortran_order": False, "shape": tuple(shape)}
    np.lib.format.write_array_header_1_0(box, about)
    return box.getvalue()


def chunk_bytes(shape):
    return CHUNK * math.prod(shape[1:])
