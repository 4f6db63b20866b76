"""Files as students write them, and a course so small that it starts at once.

The hostile files are graded behind walls; nothing imports them here.
"""

import ast
import os
import sys
import tempfile
from pathlib import Path

import pytest

from keras_cv_course.classroom.skeleton import skeleton
from keras_cv_course.classroom.student.commands import exercises_of
from keras_cv_course.classroom.worker.definitions import find
from sprints.commands import COURSE

collect_ignore = ["hostile"]

LIBRARY = '''
"""Twice and half."""


def double(values):
    """Twice the values."""
    return values + values


def half(values):
    """Half the values."""
    return values / 2
'''

CHECKS = '''
"""The exercises of day1.small."""

from keras_cv_course.classroom import Exercise, Exercises, close_to

double = Exercise(
    "double",
    "two times each value",
    definitions=("double",),
    points=1,
    hints=("How many times?", "What to reach: 3 becomes 6."),
    mutants={
        "once": ("values + values", "values"),
        "squared": ("values + values", "values * values"),
        "three times": ("values + values", "3 * values"),
    },
)
half = Exercise(
    "half",
    "one half of each value",
    definitions=("half",),
    points=2,
    hints=("Into how many parts?", "What to reach: 6 becomes 3."),
    mutants={
        "once": ("values / 2", "values"),
        "a third": ("values / 2", "values / 3"),
        "whole numbers": ("values / 2", "values // 2"),
    },
)
EXERCISES = Exercises("day1.small", sources=("small_library",), exercises=(double, half))


@double.check
def check_double(mine, rng):
    """Two times each value."""
    values = rng.normal(size=5)
    close_to(mine.double(values), 2 * values, 1e-9, "values", "add each value to itself")


@half.check
def check_half(mine, reference, rng):
    """One half of each value."""
    values = rng.normal(size=5)
    close_to(mine.half(values), reference.half(values), 1e-9, "values", "divide each value")
'''


@pytest.fixture(scope="session")
def denoise():
    """The exercises of day3.denoise: psnr, noise, dropout, autoencoder."""
    return exercises_of(COURSE, "day3.denoise")[0]


LESSON = '''
"""The smallest lesson."""

from keras_cv_course.lesson import lesson


@lesson(quick=dict(), full=dict())
def small(run, *, times: int = 2):
    """Twice and half.

    Args:
        times: how often.

    Metrics:
        doubled: two times the value.
    """
    # %% Twice
    # Two times $x$ is $x + x$.
    run.metrics(doubled=times)
'''


@pytest.fixture(scope="session")
def small_course(tmp_path_factory):
    """A course with one lesson of two exercises without Keras: its folder, the environment that finds it."""
    root = tmp_path_factory.mktemp("small")
    (root / "course" / "day1" / "exercises").mkdir(parents=True)
    (root / "small_library.py").write_text(LIBRARY.lstrip())
    (root / "course" / "day1" / "__init__.py").write_text(
        '"""Day 1: small things."""\n\nLESSONS = ("small",)\n'
    )
    (root / "course" / "day1" / "small.py").write_text(LESSON.lstrip())
    (root / "course" / "day1" / "exercises" / "small.py").write_text(CHECKS.lstrip())
    return root / "course", {"PYTHONPATH": str(root)}


@pytest.fixture(scope="session")
def small(small_course):
    """The exercises of day1.small."""
    sys.path.insert(0, small_course[1]["PYTHONPATH"])
    yield exercises_of(small_course[0], "day1.small")[0]
    sys.path.remove(small_course[1]["PYTHONPATH"])


@pytest.fixture(scope="session")
def fill():
    """A function (text, name, body): the file with the body of one definition, blank or not, replaced."""

    def filled(text, name, body):
        statements = find(ast.parse(text), name).body
        first = statements[1] if len(statements) > 1 else statements[0]  # after the docstring
        lines, indent = text.split("\n"), " " * first.col_offset
        body = [f"{indent}{line}" if line else "" for line in body.splitlines()]
        lines[first.lineno - 1 : statements[-1].end_lineno] = body
        return "\n".join(lines)

    return filled


@pytest.fixture(scope="module")
def psnr_course(tmp_path_factory):
    """day3.denoise with its first exercise alone: without Keras a submission takes a second, not ten."""
    folder = tmp_path_factory.mktemp("course") / "day3"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Day 3."""\n\nLESSONS = ("denoise",)\n')
    (folder / "denoise.py").write_text('"""One measure."""\n')
    (folder / "exercises").mkdir()
    (folder / "exercises" / "denoise.py").write_text(
        "from keras_cv_course.classroom import Exercises\n"
        "from sprints.day3.exercises.denoise import psnr\n\n"
        'EXERCISES = Exercises("day3.denoise", ("keras_cv_course.metrics.psnr",), (psnr,))\n'
    )
    return folder.parent


@pytest.fixture(scope="module")
def psnr_exercises(psnr_course):
    return exercises_of(psnr_course, "day3.denoise")[0]


@pytest.fixture(scope="module")
def honest(psnr_exercises):
    return skeleton(psnr_exercises, only=[])


@pytest.fixture
def throw_away(monkeypatch):
    """Where the grader keeps its own temporary files: every user may pass, as in /tmp."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)
