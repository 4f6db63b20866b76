"""What is in a file that a stranger has handed in."""

import io
import random
import zipfile

import pytest

from keras_cv_course.classroom.grading.handed_in import decoded, unpacked
from keras_cv_course.errors import InputError


def test_encodings_that_a_file_declares():
    korean = '# -*- coding: cp949 -*-\nname = "안녕"\n'
    assert decoded(korean.encode("cp949")) == korean
    assert decoded("\ufeffx = 1\r\n".encode()) == "x = 1\n"
    for content, says in (
        (b"x = '\xe9'\n", "not UTF-8 text"),
        (b"# coding: nonsense\n", "not UTF-8"),
        (b"x\0", "NUL"),
    ):
        with pytest.raises(InputError, match=says):
            decoded(content)


def archive_of(compression, **members):
    """The bytes of a zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, text in members.items():
            archive.writestr(f"{name}.py", text)
    return bytearray(file.getvalue())


@pytest.mark.parametrize(
    "compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_whatever_is_wrong_with_an_archive_is_an_input_error(compression, tmp_path):
    """Decompressors, codecs and zipfile itself raise errors of a dozen kinds on damaged bytes."""
    whole, rng = archive_of(compression, day3_denoise="x = 1\n" * 20), random.Random(1)
    refused = 0
    for _ in range(150):
        damaged = whole[: rng.randrange(len(whole))] if rng.random() < 0.1 else whole[:]
        for _ in range(rng.choice((1, 2, 4))):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        (tmp_path / "a.zip").write_bytes(damaged)
        try:
            unpacked(tmp_path / "a.zip")
        except InputError:
            refused += 1
    assert refused > 10


def test_an_archive_of_many_members_unpacks_to_a_limit(tmp_path):
    members = {f"day3_denoise_{number}": "#" * 490_000 for number in range(60)}
    (tmp_path / "a.zip").write_bytes(archive_of(zipfile.ZIP_DEFLATED, **members))
    with pytest.raises(InputError, match="unpacks to more than 20,000,000 bytes"):
        unpacked(tmp_path / "a.zip")


@pytest.mark.parametrize("name", ["/day3_denoise", "C:\\day3_denoise", "a\\..\\b", "\u202e", "x" * 60_000])
def test_names_in_an_archive_are_names_alone(name, tmp_path):
    (tmp_path / "a.zip").write_bytes(archive_of(zipfile.ZIP_STORED, **{name: "x = 1\n"}))
    (found,) = unpacked(tmp_path / "a.zip")
    assert "/" not in found.name and found.text == "x = 1\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]
