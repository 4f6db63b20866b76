"""Small files that claim to be large are refused before memory is asked for."""

import io
import tracemalloc
import zipfile

import numpy as np
import pytest

from keras_cv_course.data.readers import cifar10, ecg5000, voc_annotation
from keras_cv_course.data.readers.file_limits import limit_arrays
from keras_cv_course.errors import InputError

LITTLE = 100 * 2**20  # bytes that a refusal may take on the way


def header(shape, dtype="|u1"):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": dtype, "fortran_order": False, "shape": shape})
    return stream.getvalue()


def npz(path, **entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(f"{name}.npy", content)
    return path


def large_array(path):
    return npz(path, x_train=header((2**30,)) + bytes(10))


def compressed(path):
    many = 400_000
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("x_train.npy", "w") as entry,
    ):
        entry.write(header((many, 32, 32, 3)))
        for _ in range(many // 1000):
            entry.write(bytes(3_072_000))
    return path


def deep(path):
    path.write_text("<a>" * 200_000 + "</a>" * 200_000)
    return path


def wide(path):
    path.write_bytes(b"<annotation>" + b"<object/>" * 600_000 + b"</annotation>")
    return path


def one_line(path):
    path.write_text("1," * 10_000_000)
    return path


def many_lines(path):
    path.write_text("1\n" * 40_000_000)
    return path


@pytest.mark.parametrize(
    "make, read, says",
    [
        (large_array, cifar10.read, "x_train claims 1,073,741,824 bytes and holds fewer"),
        (compressed, cifar10.read, "take 1,228,800,000 bytes; at most 1,073,741,824"),
        (deep, lambda path: voc_annotation.read(path, 10, 10), "more than 20 deep"),
        (
            wide,
            lambda path: voc_annotation.read(path, 10, 10),
            "expected an annotation of one image, of 4,194,304",
        ),
        (one_line, ecg5000.read, "a line of 20,000,000 characters"),
        (many_lines, ecg5000.read, "expected a CSV of heartbeats, of 67,108,864 bytes at most"),
    ],
)
def test_refused_in_little_memory(make, read, says, tmp_path):
    path = make(tmp_path / "file")
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=says):
            read(path)
        assert tracemalloc.get_traced_memory()[1] < LITTLE
    finally:
        tracemalloc.stop()


def test_what_an_ordinary_file_holds_is_let_through(tmp_path):
    path = tmp_path / "file.npz"
    np.savez(path, a=np.zeros((3, 4)), b=np.arange(5))
    limit_arrays(path, ("a", "b", "absent"), 136)
    with pytest.raises(InputError, match="take 136 bytes; at most 135"):
        limit_arrays(path, ("a", "b"), 135)
