"""What students have handed in: files, folders, zip archives and notebooks, read with caution."""

import hashlib
import io
import os
import re
import stat
import tokenize
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from keras_cv_course.classroom.grading.notebook_text import notebook_text
from keras_cv_course.classroom.printable import printable
from keras_cv_course.classroom.student.student_file import LARGEST
from keras_cv_course.errors import InputError

LARGEST_NOTEBOOK = 5_000_000  # bytes, its outputs included
LARGEST_ARCHIVE = 20_000_000
MOST_ENTRIES = 2_000  # files and folders of one student that are looked at
DEEPEST = 12  # folders in one another
WANTED = (".py", ".ipynb")
JUNK = {"__MACOSX", "Thumbs.db", "desktop.ini", "__pycache__"}  # and all names that begin with a dot
# Canvas: ada_LATE_123_457_day4_dcgan.py; Moodle: Ada Lovelace_123_assignsubmission_file_
CANVAS = re.compile(r"^(?P<student>.+?)(?:_LATE)?_\d+_\d+_(?P<file>.+)$")
MOODLE = re.compile(r"^(?P<student>.+?)_\d+_assignsubmission_\w+$")
VERSION = re.compile(r"-\d+$")  # Canvas counts what is handed in again: day4_dcgan-1.py


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


@dataclass
class Submission:
    """One student's work.

    Args:
        student: a printable name that no other student has.
        key: a name for files that no other student has.
        texts: {lesson: the file's text}.
        names: {lesson: the file's name}.
        refused: {lesson, or "" for all: why there is no text}.
        remarks: {lesson: what an instructor should know of the choice of the file}.
    """

    student: str
    key: str = ""
    texts: dict = field(default_factory=dict)
    names: dict = field(default_factory=dict)
    refused: dict = field(default_factory=dict)
    remarks: dict = field(default_factory=dict)

    def fingerprint(self):
        """A hash of everything that was handed in."""
        said = repr(sorted([*self.texts.items(), *self.refused.items()]))
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def collect(folder, lessons, only=None):
    """The `Submission`s in a folder, by name.

    Args:
        folder: one file, folder or zip archive a student; files that Canvas has named are put together by
            student. A file belongs to the lesson whose name is in its own (day3_denoise.py, ada_day3_denoise.py),
            else to the one that its first line names.
        lessons: names of the lessons that have exercises.
        only: the lesson that all files belong to, whatever their names.

    Raises:
        InputError: there is no such folder, or nothing in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; name the one that holds one file or folder a student")
    by_student = {}
    for path in sorted(folder.iterdir()):
        if not junk(path.name):
            by_student.setdefault(student_of(path, lessons), []).append(path)
    if not by_student:
        raise InputError(f"{folder} is empty; it should hold one file or folder a student")
    made = [
        _submission(name, group, lessons, only)
        for student, paths in by_student.items()
        for name, group in _groups(student, paths, lessons)
    ]
    _make_unique(made)
    return sorted(made, key=lambda one: one.student)


def junk(name):
    """Whether a file's or folder's name is that of something that no student has handed in."""
    return name.startswith(".") or name in JUNK


def student_of(path, lessons):
    """Whose a file or folder is, from its name."""
    name = path.name if path.is_dir() and not path.is_symlink() else path.stem
    for pattern in (MOODLE, CANVAS):
        known = pattern.match(path.name if pattern is CANVAS else name)
        if known:
            return known["student"]
    for lesson in lessons:
        for form in (lesson, lesson.replace(".", "_")):
            if name.endswith(f"_{form}"):
                return name.removesuffix(f"_{form}")
    return name


def _groups(student, paths, lessons):
    """[(name, paths)]: files that one student has handed in, or several students' of one name."""
    if len(paths) == 1 or all(CANVAS.match(path.name) for path in paths):
        return [(student, paths)]
    named = [lesson_of_name(path.name, lessons) for path in paths if path.suffix in WANTED]
    if len(named) == len(paths) and None not in named and len(set(named)) == len(named):
        return [(student, paths)]  # ada_day1_cnn.py and ada_day3_denoise.py
    return [(path.name, [path]) for path in paths]  # ada.py and ada/: nobody says that they are one student's


def _submission(name, paths, lessons, only):
    made = Submission(printable(os.fsencode(name).decode("utf-8", "backslashreplace"), 80))
    identity = b"\0".join(os.fsencode(path.name) for path in paths)
    made.key = f"{safe(made.student)}-{hashlib.sha256(identity).hexdigest()[:10]}"
    handed_in = []
    for path in paths:
        try:
            handed_in += read(path, lessons, made)
        except InputError as error:
            made.refused.setdefault(lesson_of_name(path.name, lessons) or "", str(error))
        except (OSError, ValueError, RecursionError, MemoryError) as error:
            # Whatever one student's files are, the others' are graded.
            made.refused.setdefault("", f"it cannot be read: {type(error).__name__}: {printable(error, 200)}")
    choose(made, handed_in, lessons, only)
    if not made.texts and not made.refused:
        made.refused[""] = "no file for any lesson; its name should be like day3_denoise.py"
    return made


def choose(made, handed_in, lessons, only):
    """Give each lesson its file: of several the one of the exact name, else the newest."""
    by_lesson = {}
    for file in handed_in:
        lesson = only or lesson_of_name(file.name, lessons) or lesson_of_text(file.text, lessons)
        if lesson:
            by_lesson.setdefault(lesson, []).append(file)
    for lesson, files in by_lesson.items():
        exact = [file for file in files if VERSION.sub("", Path(file.name).stem) == lesson.replace(".", "_")]
        taken = max(exact or files, key=lambda file: file.date)
        made.texts[lesson], made.names[lesson] = taken.text, printable(taken.name, 80)
        made.refused.pop(lesson, None)
        if len(files) > 1:
            why = "the one of the exact name" if len(exact) == 1 else "the newest"
            others = ", ".join(sorted(printable(file.name, 80) for file in files if file is not taken))
            made.remarks[lesson] = [
                f"{len(files)} files: {made.names[lesson]} was graded, {why}; not {others}"
            ]


def read(path, lessons, made):
    """The files that lie at a path, as `HandedIn`s; what cannot be read of them goes to `made.refused`."""
    if path.is_symlink():
        raise InputError("a symbolic link, not a file")
    if path.is_dir():
        files = walk(path)
        if not files:
            raise InputError("no Python file in the folder")
        return [one for file in files for one in _attempt(file, lessons, made)]
    if path.suffix.lower() == ".zip":
        return unpacked(path)
    if path.suffix.lower() not in WANTED:
        raise InputError("not a Python file")
    return [one_file(path)]


def _attempt(file, lessons, made):
    try:
        return unpacked(file) if file.suffix.lower() == ".zip" else [one_file(file)]
    except InputError as error:
        made.refused.setdefault(lesson_of_name(file.name, lessons) or "", str(error))
        return []


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
    found = []
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
                text = notebook_text(data) if suffix == ".ipynb" else decoded(data)
                found.append(HandedIn(parts[-1], text, _seconds(member.date_time)))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise InputError(f"it is no zip archive that can be read: {printable(error, 200)}") from None
    if not found:
        raise InputError("no Python file in the archive")
    return found


def _seconds(date):
    year, month, day, hour, minute, second = date
    return ((((year * 12 + month) * 31 + day) * 24 + hour) * 60 + minute) * 60.0 + second


def _make_unique(made):
    """Give students of one name different ones: by their file's name, else by the start of its hash."""
    for one in made:
        if sum(other.student == one.student for other in made) > 1:
            one.student = f"{one.student} ~{one.key[-10:-4]}"


def safe(name):
    """A name for a file: letters, digits and a few signs."""
    return (
        "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name)[:60].strip(".")
        or "_"
    )


def lesson_of_name(name, lessons):
    """The lesson that a file's name names, or None; of two the longer one."""
    found = [lesson for lesson in lessons if lesson in name or lesson.replace(".", "_") in name]
    return max(found, key=len, default=None)


def lesson_of_text(text, lessons):
    """The lesson that a file's first line names, or None."""
    first = text.lstrip().split("\n", 1)[0]
    return next((lesson for lesson in lessons if f"{lesson}:" in first), None)
