"""What an exercise is: named definitions of the library, blanked, with points, hints, checks and mutants."""

import importlib.util
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from keras_cv_course.errors import InputError


@dataclass
class Exercise:
    """Some definitions that a student writes.

    Args:
        name: a word or two, such as "psnr".
        task: one line that stands in the blank: what to write, not how.
        definitions: dotted names of functions and methods, such as "DenoisingAutoencoder.call". The methods
            of one class belong to one exercise, or are given.
        points: what it is worth.
        hints: at least two, from a nudge to the last one: what to reach, in words.

    Attributes:
        mutants: real mistakes, {what is wrong: (text of the reference, what stands in its place)}; they stand
            in `<lesson>.mutants.toml` beside the exercises.
    """

    name: str
    task: str
    definitions: tuple[str, ...]
    points: int
    hints: tuple[str, ...]
    mutants: dict[str, tuple[str, str]] = field(default_factory=dict)
    checks: list = field(default_factory=list)
    check_points: dict = field(default_factory=dict)
    image: object = None

    def check(self, function=None, *, points=0):
        """Decorator: a plain pytest function `check_...(mine[, reference][, rng])` that raises `Wrong`.

        Args:
            function: the check.
            points: of the exercise's points, so many are for this check alone; the rest is for all of them.
        """
        if function is None:
            return lambda function: self.check(function, points=points)
        self.checks.append(function)
        self.check_points[function.__name__] = points
        return function

    def points_of(self, check):
        """The points that a check has of its own."""
        return self.check_points.get(check.__name__, 0)

    def shows(self, function):
        """Decorator: a function `image_of_...(mine)` that returns a (height, width) image in [0, 1].

        The grader shows it, right or wrong, in its report.
        """
        self.image = function
        return function


class Exercises:
    """The exercises of a lesson, in order.

    Args:
        lesson: such as "day3.denoise".
        sources: modules whose files, joined, are the student's file, in order.
        exercises: each may use what the ones before it define, never what a later one does.

    Attributes:
        course: the package that the lesson belongs to, such as "sprints"; `exercises_beside` sets it.
    """

    course = ""

    def __init__(self, lesson, sources, exercises):
        self.lesson, self.sources, self.exercises = lesson, tuple(sources), tuple(exercises)

    def __iter__(self):
        return iter(self.exercises)

    def __len__(self):
        return len(self.exercises)

    @property
    def points(self):
        return sum(exercise.points for exercise in self)

    @property
    def filename(self):
        """The student's file: day3_denoise.py."""
        return f"{self.lesson.replace('.', '_')}.py"

    @property
    def command(self):
        """How the course is called: "python -m sprints"."""
        return f"python -m {self.course}"

    def number(self, exercise):
        return self.exercises.index(exercise) + 1

    def message(self, exercise):
        """What stands in the blank: "day3.denoise.2: add noise ..."."""
        return f"{self.lesson}.{self.number(exercise)}: {exercise.task}"

    def called(self, name):
        """The exercise of this name or number.

        Raises:
            InputError: there is none.
        """
        for exercise in self:
            if name in (exercise.name, str(self.number(exercise))):
                return exercise
        names = ", ".join(f"{self.number(exercise)} {exercise.name}" for exercise in self)
        raise InputError(f"{self.lesson} has no exercise {name!r}; it has {names}")


def exercises_beside(lesson_file):
    """The `Exercises` of a lesson from `exercises/<lesson>.py` beside its file; None where there is none."""
    lesson_file = Path(lesson_file)
    path = lesson_file.parent / "exercises" / lesson_file.name
    if not path.exists():
        return None
    spec = importlib.util.spec_from_file_location(f"exercises_of_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.EXERCISES.course = lesson_file.parent.parent.name
    read_mutants(module.EXERCISES, path.with_name(f"{path.stem}.mutants.toml"))
    return module.EXERCISES


def read_mutants(exercises, path):
    """Give the exercises their mutants from a TOML file: [exercise."what is wrong"] with `old` and `new`.

    Raises:
        InputError: the file names an exercise that is not there.
    """
    if not path.exists():
        return
    for name, mutants in tomllib.loads(path.read_text(encoding="utf-8")).items():
        exercise = exercises.called(name)
        exercise.mutants = {words: (mutant["old"], mutant["new"]) for words, mutant in mutants.items()}
