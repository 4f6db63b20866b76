"""What students have handed in: one file or folder each, read with caution."""

import hashlib
import os
import re
import stat
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from keras_cv_course.classroom.skeleton import skeleton
from keras_cv_course.classroom.student.student_file import LARGEST
from keras_cv_course.errors import InputError

# Blanks of one line only: over 500,000 empty lines `\s*` would look for hours.
IMPORTS = re.compile(r"^[ \t]*(?:from|import)[ \t]+(\w+(?:\.\w+)*)", re.MULTILINE)
USUAL = {"keras", "keras_cv_course", "math", "numpy", "functools", "itertools", "typing"}


@dataclass
class Submission:
    """One student's work.

    Args:
        student: the name of the file or folder.
        texts: {lesson: the file's text}.
        names: {lesson: the file's name}.
        refused: {lesson, or "" for all: why there is no text}.
    """

    student: str
    texts: dict = field(default_factory=dict)
    names: dict = field(default_factory=dict)
    refused: dict = field(default_factory=dict)

    def fingerprint(self):
        """A hash of everything that was handed in."""
        said = repr(sorted([*self.texts.items(), *self.refused.items()]))
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def collect(folder, lessons, only=None, output=None):
    """The `Submission`s in a folder, by name.

    Args:
        folder: one file or one folder a student. A file belongs to the lesson whose name is in its own
            (day3_denoise.py, ada_day3_denoise.py), else to the one that its first line names.
        lessons: names of the lessons that have exercises.
        only: the lesson that all files belong to, whatever their names.
        output: the folder of the grades, which may be in there too and is nobody's work.

    Raises:
        InputError: there is no such folder, or nothing in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; name the one that holds one file or folder a student")
    paths = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    if output is not None:
        paths = [path for path in paths if folder.resolve() / path.name != Path(output).resolve()]
    found = [_submission(path, lessons, only) for path in paths]
    if not found:
        raise InputError(f"{folder} is empty; it should hold one file or folder a student")
    names = Counter(one.student for one in found)
    for one, path in zip(found, paths):
        if names[one.student] > 1:  # ada.py and ada/
            one.student = printable(path.name)
    return found


def printable(name):
    """A file's name as text that fits in any file; old archives have names that are not UTF-8."""
    return name.encode("utf-8", "backslashreplace").decode()


def remarks_on(text, exercises):
    """What an instructor should know of a file before its points: imports of the reference, above all."""
    closed = (*exercises.sources, "keras_cv_course.classroom", exercises.course)
    asked, given = set(IMPORTS.findall(text)), set(IMPORTS.findall(skeleton(exercises)))
    remarks = [
        f"imports {name}, which is closed in an exercise" for name in sorted(asked) if name.startswith(closed)
    ]
    others = sorted({name.split(".")[0] for name in asked - given} - USUAL - {exercises.course})
    return remarks + ([f"imports {', '.join(others)}, which the exercise does not need"] if others else [])


def _submission(path, lessons, only):
    made = Submission(printable(path.name if path.is_dir() and not path.is_symlink() else path.stem))
    if path.is_symlink():
        made.refused[""] = "a symbolic link, not a file"
    elif path.is_dir():
        files = [file for file in sorted(path.rglob("*")) if file.suffix == ".py" or file.is_symlink()]
        for file in files[:50]:
            _add(made, file, lessons, only)
        if not files:
            made.refused[""] = "no Python file in the folder"
    elif path.suffix == ".py":
        _add(made, path, lessons, only)
    else:
        made.refused[""] = "not a Python file"
    if not made.texts and not made.refused:
        made.refused[""] = "no file for any lesson; its name should be like day3_denoise.py"
    return made


def _add(made, path, lessons, only):
    try:
        text = read_untrusted(path)
    except InputError as error:
        lesson = only or _by_name(path, lessons) or ""
        made.refused.setdefault(lesson, str(error))
        return
    lesson = only or _by_name(path, lessons) or _by_first_line(text, lessons)
    if lesson and lesson not in made.texts:
        made.texts[lesson] = text
        made.names[lesson] = printable(path.name)


def read_untrusted(path):
    """The text of a handed-in file; never follows a link, never waits, never reads more than it should.

    Raises:
        InputError: with what it is in place of a text of moderate length.
    """
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        if os.path.islink(path):
            raise InputError("a symbolic link, not a file") from None
        raise InputError(f"it cannot be opened: {error.strerror}") from None
    with os.fdopen(number, "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise InputError("not an ordinary file")
        content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            size = os.fstat(number).st_size
            raise InputError(
                f"{size / 2**20:.1f} MB of source; {LARGEST:,} bytes are the most for an exercise"
            )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text (byte {error.start})") from None
    if "\0" in text:
        raise InputError("NUL bytes in the source")
    return text.replace("\r\n", "\n")


def _by_name(path, lessons):
    for lesson in lessons:
        if lesson in path.name or lesson.replace(".", "_") in path.name:
            return lesson
    return None


def _by_first_line(text, lessons):
    first = text.lstrip().split("\n", 1)[0]
    for lesson in lessons:
        if f"{lesson}:" in first:
            return lesson
    return None
