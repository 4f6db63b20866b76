"""The check cell of an exercise notebook."""

import importlib.util

from keras_cv_course.classroom.checking import Known, run_check
from keras_cv_course.classroom.exercise import exercises_beside
from keras_cv_course.classroom.notebooks.here import Here
from keras_cv_course.errors import InputError


class NotPassed(AssertionError):  # noqa: N818
    """An exercise that is not passed yet; a notebook shows its message and no traceback."""

    def _render_traceback_(self):
        return [str(self)]


def check(lesson, name, names, course="sprints", seed=0):
    """Check one exercise on the definitions of this notebook.

    Args:
        lesson: such as "day3.denoise".
        name: the exercise's name.
        names: the notebook's definitions: `globals()`.
        course: the package of the lessons.
        seed: seed of the checks' inputs.

    Raises:
        NotPassed: with what was expected, what was received, and what to try.
        InputError: there is no such lesson or exercise.
    """
    try:
        spec = importlib.util.find_spec(f"{course}.{lesson}")
    except ModuleNotFoundError:
        spec = None
    exercises = exercises_beside(spec.origin) if spec else None
    if exercises is None:
        raise InputError(f"there are no exercises of {lesson!r}")
    exercise = exercises.called(name)
    wanted = {definition.split(".")[0] for definition in exercise.definitions}
    missing = sorted(wanted - set(names))
    if missing:
        raise NotPassed(f"{', '.join(missing)} is not defined yet: run the cell above first")
    here = Here()
    mine = here.hold({key: thing for key, thing in names.items() if not key.startswith("_")})
    reference = Known(exercises, here, None)
    for function in exercise.checks:
        verdict = run_check(function, mine, reference.load, seed, "this notebook")
        if not verdict.passed:
            rows = {"expected": verdict.expected, "received": verdict.received, "try": verdict.attempt}
            said = "".join(f"\n  {key:<9} {words}" for key, words in rows.items() if words)
            raise NotPassed(f"{verdict.outcome}: {verdict.check}{said}")
    print(f"passed: {exercise.name}, {exercise.points} points")
