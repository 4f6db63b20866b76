"""Tier 2: the gate of every lesson's exercises, and their notebooks executed, the student's and the teacher's."""

import io
from pathlib import Path

import pytest
from rich.console import Console

import sprints
from keras_cv_course.classroom.exercise import exercises_beside
from keras_cv_course.classroom.grading import commands as teacher
from keras_cv_course.lesson import catalogue

COURSE = Path(sprints.__file__).parent
LESSONS = {entry.name: entry for entry in catalogue.lessons(COURSE)}


def sources(name):
    folder = LESSONS[name].path.parent / "exercises"
    lesson = name.split(".")[-1]
    return {
        "kind": "gates",
        "name": name,
        "modules": [
            f"sprints.{LESSONS[name].path.parent.name}.exercises.{lesson}",
            "keras_cv_course.classroom.gate",
            "keras_cv_course.classroom.notebooks.exercise_notebook",
            *exercises_beside(LESSONS[name].path).sources,
        ],
        "files": [folder / f"{lesson}.mutants.toml"],
        "everything": True,
    }


@pytest.mark.proof(sources=sources)
@pytest.mark.parametrize("name", LESSONS)
def test_the_exercises_tell_right_from_wrong_and_give_nothing_away(name, keep):
    console = Console(file=io.StringIO(), width=200)
    assert teacher.gate(COURSE, name, console), console.file.getvalue()
    keep(said=console.file.getvalue().splitlines())
