"""A course of one small lesson to grade, and somebody who solves it."""

import os
import tempfile
from pathlib import Path

import pytest

from keras_cv_course.classroom.skeleton import skeleton
from keras_cv_course.classroom.student.commands import exercises_of


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
