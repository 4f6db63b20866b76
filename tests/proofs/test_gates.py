"""Tier 2: the gate of every lesson's exercises, and their notebooks executed, the student's and the teacher's."""

import io
from pathlib import Path

import pytest
from nbclient import NotebookClient
from rich.console import Console

import sprints
from keras_cv_course.classroom.exercise import exercises_beside
from keras_cv_course.classroom.grading import commands as teacher
from keras_cv_course.classroom.notebooks.exercise_notebook import exercise_notebook
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
            *exercises_beside(LESSONS[name].path).sources,
        ],
        "files": [folder / f"{lesson}.mutants.toml"],
        "everything": True,
    }


def notebook_sources(name):
    return {
        "kind": "exercise_notebooks",
        "name": name,
        "modules": [
            f"sprints.{name}",
            f"sprints.{LESSONS[name].path.parent.name}.exercises.{name.split('.')[-1]}",
            "keras_cv_course.classroom.notebooks.exercise_notebook",
            "keras_cv_course.classroom.notebooks.notebook_check",
            *exercises_beside(LESSONS[name].path).sources,
        ],
        "everything": True,
    }


@pytest.mark.proof(sources=sources)
@pytest.mark.parametrize("name", LESSONS)
def test_the_exercises_tell_right_from_wrong_and_give_nothing_away(name, keep):
    console = Console(file=io.StringIO(), width=200)
    assert teacher.gate(COURSE, name, console), console.file.getvalue()
    keep(said=console.file.getvalue().splitlines())


def executed(name, folder, change=str, **options):
    """The code cells of an exercise notebook after they were run from another folder: [(source, outputs)]."""
    notebook = exercise_notebook(LESSONS[name], **options)
    for cell in notebook.cells:
        cell.source = change(cell.source)
    NotebookClient(
        notebook, timeout=600, allow_errors=True, resources={"metadata": {"path": str(folder)}}
    ).execute()
    return [(cell.source, cell.outputs) for cell in notebook.cells if cell.cell_type == "code"]


def run_it(source):
    return source.replace("RUN = False", "RUN = True")


@pytest.mark.proof(sources=notebook_sources)
@pytest.mark.parametrize("name", LESSONS)
def test_the_teachers_notebook_passes_and_runs_and_the_students_is_not_attempted(name, keep, tmp_path):
    exercises = exercises_beside(LESSONS[name].path)
    passed = []
    for source, outputs in executed(name, tmp_path, run_it, solved=True):
        wrong = [f"{output.ename}: {output.evalue}" for output in outputs if output.output_type == "error"]
        assert not wrong, (source[:200], wrong)
        if "globals())" in source and "run_with_own" not in source:
            # A kernel may send a line in two parts.
            passed.append("".join(output.text for output in outputs if output.get("name") == "stdout"))
    # In the order of the code, which is not always that of the exercises.
    assert sorted(passed) == sorted(f"passed: {one.name}, {one.points} points\n" for one in exercises)
    assert (tmp_path / "runs" / name / "metrics.json").exists()
    for source, outputs in executed(name, tmp_path):
        wrong = [(output.ename, output.evalue) for output in outputs if output.output_type == "error"]
        checks = "notebook_check" in source
        assert bool(wrong) == checks, (source[:200], wrong)
        assert all(kind == "NotPassed" and said.startswith("not attempted") for kind, said in wrong), wrong
    keep(points=exercises.points)
