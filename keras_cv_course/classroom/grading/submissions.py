"""What students have handed in: files, folders, zip archives and notebooks, read with caution."""

import hashlib
import os
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from keras_cv_course.classroom.grading.file_names import (
    CANVAS,
    junk,
    lesson_of_name,
    lesson_of_text,
    safe,
    student_of,
)
from keras_cv_course.classroom.grading.handed_in import LARGEST_ARCHIVE, WANTED, one_file, unpacked, walk
from keras_cv_course.classroom.printable import printable
from keras_cv_course.errors import InputError

VERSION = re.compile(r"-\d+$")  # Canvas counts what is handed in again: day4_dcgan-1.py


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
        except Exception as error:  # whatever one student's files are, the others' are graded
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
        found, total = [], 0
        for file in files:
            more = _attempt(file, lessons, made)
            total += sum(len(one.text) for one in more)
            if total > LARGEST_ARCHIVE:
                raise InputError(f"more than {LARGEST_ARCHIVE:,} characters in the folder")
            found += more
        return found
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


def _make_unique(made):
    """Give students of one name different ones: by their file's name, else by the start of its hash."""
    count = Counter(one.student for one in made)
    for one in made:
        if count[one.student] > 1:
            one.student = f"{one.student} ~{one.key[-10:-4]}"
