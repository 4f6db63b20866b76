"""The file that a student works in: write it, read it, put a blank back."""

import ast
import shutil
import textwrap
import time
from pathlib import Path

from keras_cv_course.classroom.skeleton import definition, skeleton
from keras_cv_course.classroom.worker.definitions import find, is_blank
from keras_cv_course.errors import InputError
from keras_cv_course.lesson.publish import write_text

LARGEST = 500_000  # bytes; the largest of our own files has 10,000


def start(exercises, title, folder, force=False):
    """Write a student's file.

    Args:
        exercises: the lesson's `Exercises`.
        title: the lesson's point, for the first line.
        folder: where the file goes.
        force: put a fresh file where one is, and keep that one under a name with the date.

    Returns:
        The file's path, and that of the copy or None.

    Raises:
        InputError: the file is there already.
    """
    path = Path(folder) / exercises.filename
    copy = None
    if path.exists():
        if not force:
            raise InputError(
                f"{path} is there already, perhaps with your work in it; go on with it, or add --force for a "
                "fresh one (yours is then kept beside it, under a name with the date)"
            )
        copy = keep_copy(path)
    write_text(path, skeleton(exercises, title))
    return path, copy


def keep_copy(path):
    """Copy a file to a name with the date; that name."""
    stem = f"{path.stem}.{time.strftime('%Y-%m-%d-%H-%M-%S')}"
    copy, number = path.with_name(f"{stem}.py"), 1
    while copy.exists():
        copy, number = path.with_name(f"{stem}-{number}.py"), number + 1
    shutil.copyfile(path, copy)  # byte for byte: it need not be UTF-8
    return copy


def read(path, start=""):
    """The text of a student's file.

    Raises:
        InputError: it is not there, not a file, too large, or not text.
    """
    path = Path(path)
    if not path.exists():
        make = f"; make it with: {start}" if start else ""
        raise InputError(f"there is no file {path}{make}")
    if not path.is_file():
        raise InputError(f"{path} is not a file; name the Python file with your work")
    if path.stat().st_size > LARGEST:
        raise InputError(
            f"{path} has {path.stat().st_size:,} bytes; {LARGEST:,} are the most for an exercise"
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    if "\0" in text:
        raise InputError(f"{path} holds NUL bytes; it is not a Python file")
    return text.replace("\r\n", "\n")


def parsed(text, path):
    """The file as a tree.

    Raises:
        InputError: it is not Python.
    """
    try:
        return ast.parse(text, str(path))
    except SyntaxError as error:
        code = (error.text or "").strip()
        raise InputError(f"{path}, line {error.lineno}, is not Python: {error.msg}: {code}") from None
    except (RecursionError, MemoryError, ValueError) as error:
        raise InputError(f"{path} cannot be read as Python: {error}") from None


def open_exercises(exercises, tree):
    """The exercises of which every definition is still blank."""
    nodes = {exercise.name: [find(tree, name) for name in exercise.definitions] for exercise in exercises}
    return [
        exercise
        for exercise in exercises
        if all(node is not None and is_blank(node) for node in nodes[exercise.name])
    ]


def reset(exercises, exercise, path):
    """Put the blanks of one exercise back; the file as it was is kept under a name with the date.

    Returns:
        The copy's path.
    """
    text, fresh = read(path), skeleton(exercises)
    for name in exercise.definitions:
        node = find(parsed(text, path), name)
        if node is not None and not is_blank(node):
            lines = text.split("\n")  # as Python counts them: other marks end no line
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1
            lines[first : node.end_lineno] = textwrap.indent(
                definition(fresh, name), " " * node.col_offset
            ).splitlines()
            text = "\n".join(lines)
    copy = keep_copy(path)
    write_text(path, text)
    return copy
