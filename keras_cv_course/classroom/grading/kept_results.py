"""What a grading leaves in its folder and finds there again: results that are its own and of the same work."""

import hashlib
import inspect
import json
from pathlib import Path

from keras_cv_course.classroom.grading.grading_key import seal
from keras_cv_course.classroom.grading.shard import Shard
from keras_cv_course.classroom.skeleton import reference
from keras_cv_course.errors import InputError
from keras_cv_course.lesson.publish import write_json

NOTES = "grading.json"


class KeptResults:
    """One JSON file for each student.

    Args:
        output: the folder of the grades.
        key: of `grading_key`.
        digest: of `digest_of`: what a result depends on besides the submission.
    """

    def __init__(self, output, key, digest):
        self.output, self.key, self.digest = Path(output), key, digest

    def place(self, submission):
        return self.output / "students" / f"{submission.key}.json"

    def keep(self, submission, result):
        """Write a result, with what tells later whether it is still good; give it back so."""
        result = {
            "student": submission.student,
            "key": submission.key,
            "fingerprint": submission.fingerprint(),
            "course": self.digest,
            **result,
        }
        result["seal"] = seal(self.key, result)
        write_json(self.place(submission), result)
        return result

    def before(self, submission):
        """The result of an earlier, interrupted call, if it is of the same work and really the grader's own."""
        try:
            result = json.loads(self.place(submission).read_text(encoding="utf-8"))
            known = (result["student"], result["fingerprint"], result["course"], result["seal"])
            wanted = (submission.student, submission.fingerprint(), self.digest, seal(self.key, result))
            return result if known == wanted else None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None


def digest_of(lessons, limits, sandboxed):
    """A hash of what a result depends on besides the submission.

    Args:
        lessons: {lesson: its `Exercises`}, with their sources and checks.
        limits: the `Limits`, or None.
        sandboxed: whether there is a sandbox.
    """
    said = hashlib.sha256(repr((limits, sandboxed, list(lessons))).encode())
    for exercises in lessons.values():
        said.update(reference(exercises).encode())
        for exercise in exercises:
            said.update(repr((exercise.name, exercise.points, exercise.check_points)).encode())
            for check in exercise.checks:
                said.update(inspect.getsource(check).encode())
    return said.hexdigest()[:16]


def open_notes(output, folder, lesson, shard=None):
    """What a grading remembers from one call to the next: whose it is, and how long the reference takes.

    Args:
        output: the folder of the grades.
        folder: the folder of the submissions.
        lesson: the lesson that all files belong to, or None.
        shard: the `Shard` that it is; each has notes of its own.

    Raises:
        InputError: the notes are damaged, or of the grading of another folder.
    """
    about = {"folder": str(Path(folder).resolve()), "lesson": lesson}
    notes = {**about, "reference": {}, **({"shard": str(shard)} if shard else {})}
    path = _notes_file(output, notes)
    if not path.exists():
        return notes
    notes = _read_notes(path)
    if {key: notes[key] for key in about} != about:
        raise InputError(f"{output} holds the grades of {notes['folder']}; grade into another folder")
    return notes


def write_notes(output, notes):
    """Keep what `open_notes` gives back."""
    write_json(_notes_file(output, notes), notes)


def notes_in(output):
    """The notes of all gradings in a folder of grades, of shards and of the whole class.

    Raises:
        InputError: some are damaged.
    """
    paths = sorted(Path(output).glob(f"{Path(NOTES).stem}*.json"))
    return [notes for notes in map(_read_notes, paths) if "sandboxed" in notes]


def _notes_file(output, notes):
    """grading.json, or grading.3-of-8.json."""
    shard = f".{Shard.parse(notes['shard']).file_name}" if notes.get("shard") else ""
    return Path(output) / f"{Path(NOTES).stem}{shard}.json"


def _read_notes(path):
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
        if {"folder", "lesson"} <= set(notes) and isinstance(notes["reference"], dict):
            return notes
    except (ValueError, KeyError, TypeError):
        pass
    raise InputError(f"{path} is damaged; grade into another folder")
