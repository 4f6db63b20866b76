"""A lesson run inside a notebook, with the notebook's own definitions."""

import importlib
import tempfile
from pathlib import Path

from keras_cv_course.classroom.grading.notebook_text import code_of
from keras_cv_course.classroom.student.mine import Mine


def run_with_own(lesson, names, course="sprints", **options):
    """Run a lesson with what a notebook has defined so far; figures and table appear below the cell.

    Args:
        lesson: such as "day3.denoise".
        names: the notebook's `globals()`: the cells that were run, in their order, are the student's file.
        course: the package of the lessons.
        **options: the lesson's own arguments and those that all have: preset, seed, output.

    Returns:
        The finished `Run`.

    Raises:
        InputError: nothing is written yet, or the code fails.
    """
    the_lesson = getattr(importlib.import_module(f"{course}.{lesson}"), lesson.split(".")[-1])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"{lesson.replace('.', '_')}.py")
        file.write_text(code_of(names["In"]), encoding="utf-8")
        return the_lesson(stand_in=Mine(the_lesson, file), notebook=True, **options)
