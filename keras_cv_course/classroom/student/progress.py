"""What a student has done: one small file beside the work, to read and to copy to another machine."""

import ast
import hashlib
import json
import time
from pathlib import Path

from keras_cv_course.classroom.checking import PASSED
from keras_cv_course.classroom.worker.definitions import find
from keras_cv_course.errors import InputError
from keras_cv_course.lesson.publish import write_json

NAME = "progress.json"
KINDS = (("outcome", str), ("date", str), ("passed", str), ("hints", int), ("gave_up", str), ("code", str))


class Progress:
    """The notes of one folder of work.

    Each exercise has the last `outcome` and its `date`; `passed`, the date of the first time; `hints`, how
    many were opened; `gave_up`, the date on which its solution was opened unsolved; `code`, a hash of the
    definitions with which it was passed.

    Args:
        folder: the folder of the students' files.

    Raises:
        InputError: the file of notes is damaged.
    """

    def __init__(self, folder):
        self.path = Path(folder) / NAME
        self.notes = self._read()

    def _read(self):
        if not self.path.exists():
            return {}
        try:
            notes = json.loads(self.path.read_text(encoding="utf-8"))["exercises"]
            good = all(
                isinstance(note.get(key, kind()), kind) for note in notes.values() for key, kind in KINDS
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            good = False
        if not good:
            raise InputError(
                f"{self.path} is damaged; rename it and run `check` again: your work is not in it"
            )
        return notes

    def of(self, exercises, exercise):
        """The notes on one exercise; empty if there are none."""
        return self.notes.get(f"{exercises.lesson} {exercise.name}", {})

    def passed(self, exercises, exercise, text=None):
        """Whether an exercise was passed, with the code that stands in the file now.

        Args:
            exercises: the lesson's `Exercises`.
            exercise: one of them.
            text: the file's text; None asks for any code.
        """
        known = self.of(exercises, exercise)
        if "passed" not in known:
            return False
        return text is None or known.get("code") == code_of(exercise, text)

    def note(self, exercises, exercise, **what):
        """Add to the notes on one exercise and write the file, atomically."""
        self.notes = self._read()  # `watch` may be running beside `hint`
        known = self.notes.setdefault(f"{exercises.lesson} {exercise.name}", {})
        known.update(what)
        write_json(self.path, {"exercises": self.notes})

    def record(self, exercises, exercise, verdict, text):
        """Note the outcome of a check of the file's text."""
        date = now()
        what = {"outcome": verdict.outcome, "date": date}
        if verdict.outcome == PASSED:
            what["code"] = code_of(exercise, text)
            what["passed"] = self.of(exercises, exercise).get("passed", date)
        self.note(exercises, exercise, **what)


def code_of(exercise, text):
    """The start of a hash of an exercise's definitions in a file, spaces and comments aside; "" if it is no Python."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    nodes = [find(tree, name) for name in exercise.definitions]
    said = "\n".join(ast.dump(node) if node else "" for node in nodes)
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]


def now():
    return time.strftime("%Y-%m-%d %H:%M:%S")
