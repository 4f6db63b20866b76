"""Run the checks of an exercise on a student's file and keep four outcomes apart."""

import inspect
import zlib
from dataclasses import asdict, dataclass, field

import numpy as np

from keras_cv_course.classroom.expectations import Wrong
from keras_cv_course.classroom.printable import printable
from keras_cv_course.classroom.remote import Crashed, ReferenceEnded, StudentError
from keras_cv_course.classroom.skeleton import composition, reference

LONGEST = 2_500  # characters of one field of a verdict
FILE = "running the file"  # the check of a file that cannot even be loaded
NOT_ATTEMPTED, WRONG, ERROR, PASSED = "not attempted", "wrong", "error", "passed"
NOT_JUDGED = "not judged"  # of a grader that has failed


@dataclass
class Verdict:
    """What came of one check, or of one exercise: the first of its checks that was not passed.

    Args:
        outcome: "not attempted", "wrong", "error", "passed", or a grader's "not judged".
        check: what was checked, in words.
        expected: for "wrong".
        received: for "wrong"; for "error" the exception.
        attempt: what to try.
        printed: the last lines that the student's code has printed meanwhile.
        points: what the exercise is worth so far: all of its points where it is passed, those of the checks that
            are passed where they have points of their own.
    """

    outcome: str
    check: str = ""
    expected: str = ""
    received: str = ""
    attempt: str = ""
    printed: list = field(default_factory=list)
    points: int = 0

    def __post_init__(self):
        for name in ("check", "expected", "received", "attempt"):
            setattr(self, name, printable(getattr(self, name), LONGEST))

    @property
    def passed(self):
        return self.outcome == PASSED

    def as_dict(self):
        return asdict(self)


def judge(exercises, exercise, worker, source, filename, reference_module=None, seed=0, seconds=30):
    """The `Verdict` on one exercise of a student's file.

    Args:
        exercises: the lesson's `Exercises`.
        exercise: the one to judge; earlier ones are taken from the reference, later ones are blank.
        worker: the `Worker` that holds the student's code; it is entered and left.
        source: the text of the student's file.
        filename: its name.
        reference_module: function that gives back the reference's module, in a process that the student's
            code cannot reach; None loads it into the same worker, before the student's.
        seed: seed of the inputs that the checks draw. A grader keeps it secret.
        seconds: the longest that one request may take.

    Raises:
        ReferenceEnded: the process of `reference_module` has ended.
    """
    worker.seconds = seconds
    try:
        worker.enter()
        blanks = worker.ask("blanks", source=source, filename=filename, names=list(exercise.definitions))
        missing = [name for name in _texts(blanks, "missing") if name in exercise.definitions]
        if missing:
            return Verdict(
                ERROR, "the file", received=f"{', '.join(missing)} is not in the file", attempt=GIVEN_BACK
            )
        near = reference_module or Known(exercises, worker, seconds).load
        if reference_module is None and any(_wants(check, "reference") for check in exercise.checks):
            near()
        mine = worker.load(source, filename, seconds=seconds, **composition(exercises, exercise))
        if set(exercise.definitions) <= set(_texts(blanks, "blank")):
            return Verdict(NOT_ATTEMPTED, attempt=exercise.task)
    except StudentError as error:
        verdict = of_error(error, filename, FILE)
        verdict.printed = worker.printed()
        return verdict
    return run_checks(exercise, mine, near, seed, filename, worker)


def run_checks(exercise, mine, load_reference, seed, filename, worker=None):
    """The `Verdict` of all checks of an exercise: the first that is not passed, and the points of those that are.

    Where no check has points of its own, the first that fails is the last that is run.
    """
    first, points = None, 0
    for check in exercise.checks:
        verdict = run_check(check, mine, load_reference, seed, filename)
        if verdict.passed:
            points += exercise.points_of(check)
        elif first is None:
            first = verdict
            first.printed = worker.printed() if worker else []
            gone = worker is not None and not getattr(worker, "entered", True)
            if gone or not any(map(exercise.points_of, exercise.checks)):
                break
    if first is None:
        return Verdict(PASSED, points=exercise.points)
    first.points = points
    return first


UNCHANGED = "what is handed to a function stays as it was"
COPY = "make a new array, x = x + ..., in place of x += ...; or work on x.copy()"
GIVEN_BACK = (
    "take it back from a fresh skeleton: its name and arguments must stay (start --into OTHER_FOLDER)"
)


class Known:
    """The reference in a worker, loaded when it is first asked for."""

    def __init__(self, exercises, worker, seconds):
        self.exercises, self.worker, self.seconds, self.module = exercises, worker, seconds, None

    def load(self):
        if self.module is None:
            text = reference(self.exercises)
            self.module = self.worker.load(text, "the reference", seconds=self.seconds)
        return self.module


def run_check(check, mine, load_reference, seed, filename):
    """The `Verdict` of one check function."""
    words = title_of(check)
    arguments = {"mine": mine}
    if _wants(check, "reference"):
        arguments["reference"] = load_reference()
    if _wants(check, "rng"):
        # Each check draws the same whichever others ran before it.
        arguments["rng"] = np.random.default_rng((seed, zlib.crc32(check.__name__.encode())))
    try:
        check(**arguments)
    except Wrong as wrong:
        return Verdict(WRONG, words, wrong.expected, wrong.received, wrong.attempt)
    except StudentError as error:
        return of_error(error, filename, words)
    except ReferenceEnded:
        raise
    except Exception as error:
        # An answer of another kind than a check could think of. (The gate shows that it is not the check.)
        text = f"{type(error).__name__}: {error}"
        return Verdict(WRONG, words, "a value as the docstring says", text, "read what it returns again")
    return Verdict(PASSED, words)


def of_error(error, filename, words):
    """The `Verdict` on an exception of the student's code."""
    if error.blank:
        return Verdict(NOT_ATTEMPTED, words, received=str(error), attempt=str(error))
    if error.kinds[0] == "ChangedInput":
        return Verdict(WRONG, words, UNCHANGED, str(error), COPY)
    where = f"line {error.line} of {filename}: {error.code}  →  " if error.line else ""
    kind = "" if isinstance(error, Crashed) else f"{error.kinds[0]}: "
    attempt = "print what goes in and what comes out just before that line" if error.line else ""
    return Verdict(ERROR, words, received=f"{where}{kind}{error}", attempt=attempt)


def title_of(check):
    """A check in words: the first line of its docstring, or its name."""
    said = (check.__doc__ or "").strip().splitlines()
    return said[0].rstrip(".") if said else check.__name__.removeprefix("check_").replace("_", " ")


def _wants(check, name):
    return name in inspect.signature(check).parameters


def _texts(answer, key):
    found = answer.get(key, []) if isinstance(answer, dict) else []
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []
