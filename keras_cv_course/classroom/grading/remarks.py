"""What an instructor should know of a file before its points: what it imports or does that no exercise needs."""

from keras_cv_course.classroom.remote import StudentError
from keras_cv_course.classroom.skeleton import PARSING, skeleton
from keras_cv_course.classroom.worker.used_names import used

USUAL = {"keras", "keras_cv_course", "math", "numpy", "functools", "itertools", "typing"}
# Ways around an import statement, and to what lies outside a file.
STRANGE = {
    "__import__", "__builtins__", "__loader__", "__spec__", "__subclasses__", "__globals__", "__code__",
    "eval", "exec", "compile", "open", "input", "breakpoint", "importlib", "builtins", "globals", "vars",
    "sys", "os", "subprocess", "socket", "ctypes", "inspect", "gc", "threading", "multiprocessing", "signal",
    "pickle", "marshal", "shutil", "pathlib", "tempfile", "f_locals", "f_back", "_getframe",
}  # fmt: skip


def remarks_on(text, exercises, worker, seconds):
    """Remarks on a student's file, as texts.

    Args:
        text: the file.
        exercises: the lesson's `Exercises`.
        worker: the `Worker` in which the file is parsed, under its limits; the file is not run.
        seconds: the longest that this may take.
    """
    closed = (*exercises.sources, "keras_cv_course.classroom", exercises.course)
    asked, names = _used(text, worker, seconds)
    with PARSING:
        given = used(skeleton(exercises))
    remarks = [
        f"imports {name}, which is closed in an exercise" for name in sorted(asked) if name.startswith(closed)
    ]
    others = {name.split(".")[0] for name in asked - set(given["imports"])} - USUAL - {exercises.course}
    if others:
        remarks.append(f"imports {', '.join(sorted(others))}, which the exercise does not need")
    strange = sorted((names & STRANGE) - set(given["names"]) - others)
    if strange:
        remarks.append(f"uses {', '.join(strange)}, which the exercise does not need")
    return remarks


def _used(text, worker, seconds):
    try:
        worker.enter()
        found = worker.ask("used", source=text, wanted=sorted(STRANGE), seconds=seconds)
        return {str(name) for name in found["imports"]}, {str(name) for name in found["names"]}
    except (StudentError, KeyError, TypeError):
        return set(), set()  # the verdict says why it cannot be read
