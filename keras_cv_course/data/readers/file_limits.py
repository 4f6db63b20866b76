"""What a file claims to hold is compared with its size before memory is asked for: small ones unpack to gigabytes."""

import math
import zipfile
from pathlib import Path

import numpy as np

from keras_cv_course.errors import InputError


def limit_size(path, most, what):
    """Refuse a file of more bytes than any sound one has.

    Args:
        path: the file. One that is not there is left to whoever opens it.
        most: bytes.
        what: what was expected, in words.

    Raises:
        InputError: the file is larger.
    """
    path = Path(path)
    if path.is_file() and path.stat().st_size > most:
        raise InputError(
            f"{path} has {path.stat().st_size:,} bytes; expected {what}, of {most:,} bytes at most"
        )


def limit_arrays(path, names, most):
    """Refuse an .npz whose arrays are larger than `most` bytes, or than what their entries hold.

    Only the headers are read.

    Args:
        path: the file, an .npz that can be opened.
        names: of the arrays; those that are not there are left to whoever reads them.
        most: bytes of all of them together.

    Raises:
        InputError: they are larger, or a header lies.
        OSError, ValueError, zipfile.BadZipFile: it is no such file.
    """
    total = 0
    with zipfile.ZipFile(path) as archive:
        for name in set(names) & {entry.removesuffix(".npy") for entry in archive.namelist()}:
            with archive.open(f"{name}.npy") as stream:
                version = np.lib.format.read_magic(stream)
                read = {
                    (1, 0): np.lib.format.read_array_header_1_0,
                    (2, 0): np.lib.format.read_array_header_2_0,
                }
                shape, _, dtype = read.get(version, np.lib.format.read_array_header_2_0)(stream)
            size = math.prod(shape) * dtype.itemsize
            total += size
            if size > archive.getinfo(f"{name}.npy").file_size:
                raise InputError(
                    f"{path} is damaged: {name} claims {size:,} bytes and holds fewer; copy it again"
                )
    if total > most:
        raise InputError(f"the arrays of {path} take {total:,} bytes; at most {most:,} are read")
