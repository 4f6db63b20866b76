"""The files of one student, read with caution: never a link, never a device, never more than is reasonable."""

import io
import os
import stat
import tokenize
import zipfile
from dataclasses import dataclass
from pathlib import Path

from keras_cv_course.classroom.grading.file_names import junk
from keras_cv_course.classroom.grading.notebook_text import notebook_text
from keras_cv_course.classroom.printable import printable
from keras_cv_course.classroom.student.student_file import LARGEST
from keras_cv_course.errors import InputError

LARGEST_NOTEBOOK = 5_000_000  # bytes, its outputs included
LARGEST_ARCHIVE = 20_000_000  # of an archive, of what it unpacks to, and of all that is in a folder
MOST_ENTRIES = 2_000  # files and folders of one student that are looked at
DEEPEST = 12  # folders in one another
WANTED = (".py", ".ipynb")


@dataclass
class HandedIn:
    """One file of a student.

    Args:
        name: its name, as a student knows it.
        text: what it says; for a notebook the code of its cells.
        date: when it was last changed, for telling the newest.
    """

    name: str
    text: str
    date: float


def walk(folder):
    """The files below a folder that may be somebody's work, and its links, without following any.

    Raises:
        InputError: too many entries, or folders too deep in one another.
    """
    found, seen, todo = [], 0, [(str(folder), 0)]
    while todo:
        place, depth = todo.pop()
        if depth > DEEPEST:
            raise InputError(f"folders in folders, more than {DEEPEST} deep")
        with os.scandir(place) as entries:
            for entry in entries:
                seen += 1
                if seen > MOST_ENTRIES:
                    raise InputError(f"more than {MOST_ENTRIES:,} files and folders")
                if junk(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    todo.append((entry.path, depth + 1))
                elif entry.is_symlink() or Path(entry.name).suffix.lower() in (*WANTED, ".zip"):
                    found.append(Path(entry.path))
    return sorted(found)


def one_file(path):
    """A file that was handed in; never follows a link, never waits, never reads more than it should.

    Raises:
        InputError: with what it is in place of a text of moderate length.
    """
    notebook = path.suffix.lower() == ".ipynb"
    most = LARGEST_NOTEBOOK if notebook else LARGEST
    content, date = _bytes_of(path, most)
    return HandedIn(path.name, notebook_text(content) if notebook else decoded(content), date)


def _bytes_of(path, most):
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        if os.path.islink(path):
            raise InputError("a symbolic link, not a file") from None
        raise InputError(f"it cannot be opened: {error.strerror}") from None
    with os.fdopen(number, "rb") as file:
        about = os.fstat(number)
        if not stat.S_ISREG(about.st_mode):
            raise InputError("not an ordinary file")
        content = file.read(most + 1)
        if len(content) > most:
            raise InputError(
                f"{about.st_size / 2**20:.1f} MB of source; {most:,} bytes are the most for an exercise"
            )
        return content, about.st_mtime


def decoded(content):
    """The text of a Python file: UTF-8, or what its first lines declare (PEP 263).

    Raises:
        InputError: it is no text, or holds NUL bytes.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
    except (SyntaxError, LookupError, UnicodeError) as error:
        where = f" (byte {error.start})" if isinstance(error, UnicodeDecodeError) else ""
        raise InputError(f"not UTF-8 text{where}, nor of an encoding that it declares") from None
    if "\0" in text:
        raise InputError("NUL bytes in the source")
    return text.replace("\r\n", "\n")


def unpacked(path):
    """The Python files and notebooks in a zip archive, read in memory; sizes are those that are really there.

    Raises:
        InputError: it is no zip archive, or too much is in it.
    """
    content, _ = _bytes_of(path, LARGEST_ARCHIVE)
    found, total = [], 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MOST_ENTRIES:
                raise InputError(f"more than {MOST_ENTRIES:,} files in the archive")
            for member in members:
                parts = Path(member.filename).parts
                suffix = Path(member.filename).suffix.lower()
                if member.is_dir() or suffix not in WANTED or any(junk(part) for part in parts):
                    continue
                most = LARGEST_NOTEBOOK if suffix == ".ipynb" else LARGEST
                with archive.open(member) as file:
                    data = file.read(most + 1)
                if len(data) > most:
                    raise InputError(
                        f"{printable(parts[-1], 80)} in the archive has more than {most:,} bytes"
                    )
                total += len(data)
                if total > LARGEST_ARCHIVE:
                    raise InputError(f"the archive unpacks to more than {LARGEST_ARCHIVE:,} bytes")
                text = notebook_text(data) if suffix == ".ipynb" else decoded(data)
                found.append(HandedIn(parts[-1], text, _seconds(member.date_time)))
    except InputError:
        raise
    except Exception as error:
        # zipfile passes on what its decompressors and codecs raise; no list of kinds is complete.
        raise InputError(f"it is no zip archive that can be read: {printable(error, 200)}") from None
    if not found:
        raise InputError("no Python file in the archive")
    return found


def _seconds(date):
    year, month, day, hour, minute, second = date
    return ((((year * 12 + month) * 31 + day) * 24 + hour) * 60 + minute) * 60.0 + second
