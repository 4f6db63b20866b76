"""Tier 2: other people's graders, end to end: nbgrader and Otter give 12, 4 and 0 of 12 points."""

import copy
import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from sprints.commands import main

LESSON = "day3.denoise"
WHAT_IS_SOLVED = {
    "perfect": ("psnr", "noise", "dropout", "autoencoder"),
    "partial": ("psnr", "noise"),
    "blank": (),
}
POINTS = {"perfect": 12, "partial": 4, "blank": 0}
CONFIGURATION = """
c = get_config()
c.CourseDirectory.course_id = "vision"
c.ExecutePreprocessor.timeout = 600
"""


def sources(program):
    return {
        "kind": "graders",
        "name": program,
        "modules": [
            "keras_cv_course.classroom.notebooks.exercise_notebook",
            "keras_cv_course.classroom.notebooks.notebook_check",
            "sprints.day3.exercises.denoise",
        ],
        "everything": True,
    }


def call(*words, folder):
    """Run a program of this environment; its output."""
    program = Path(sys.executable).with_name(words[0])
    folders = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(program), *words[1:]],
        cwd=folder,
        env={**os.environ, "PATH": folders},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def hand_in(released, solved, exercises, path):
    """A released notebook with some exercises solved."""
    made = copy.deepcopy(released)
    solutions = {
        cell.metadata.nbgrader.grade_id: cell.source for cell in solved.cells if "nbgrader" in cell.metadata
    }
    for cell in made.cells:
        mark = cell.metadata.get("nbgrader", {})
        if mark.get("solution") and mark["grade_id"].split("-")[1] in exercises:
            cell.source = solutions[mark["grade_id"]]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)


@pytest.mark.proof(sources=sources)
@pytest.mark.parametrize("program", ["nbgrader"])
def test_nbgrader(program, keep, tmp_path):
    pytest.importorskip(program, reason="pip install nbgrader")
    source = tmp_path / "source" / "one" / "denoise.ipynb"
    source.parent.mkdir(parents=True)
    main(["notebook", LESSON, "-o", str(source), "--teacher"])
    (tmp_path / "nbgrader_config.py").write_text(CONFIGURATION)
    call("nbgrader", "generate_assignment", "one", "--create", folder=tmp_path)
    released = nbformat.read(tmp_path / "release" / "one" / source.name, 4)
    for student, exercises in WHAT_IS_SOLVED.items():
        path = tmp_path / "submitted" / student / "one" / source.name
        hand_in(released, nbformat.read(source, 4), exercises, path)
    call("nbgrader", "autograde", "one", "--create", folder=tmp_path)
    call("nbgrader", "export", folder=tmp_path)
    rows = csv.DictReader((tmp_path / "grades.csv").read_text().splitlines())
    found = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in rows}
    assert found == {student: (points, 12) for student, points in POINTS.items()}
    keep(points={student: points for student, (points, _) in found.items()})


@pytest.mark.proof(sources=sources)
@pytest.mark.parametrize("program", ["otter"])
def test_otter(program, keep, tmp_path):
    pytest.importorskip(program, reason="pip install otter-grader")
    source = tmp_path / "denoise.ipynb"
    main(
        ["notebook", LESSON, "-o", str(source), "--teacher", "--markers", "otter", "--install", "course.whl"]
    )
    said = call("otter", "assign", "-v", str(source), str(tmp_path), folder=tmp_path)
    assert "All autograder tests passed" in said
    requirements = (tmp_path / "autograder" / "requirements.txt").read_text().split()
    assert requirements[-1] == "course.whl" and requirements[0].startswith("tensorflow==")
    released = nbformat.read(tmp_path / "student" / source.name, 4)
    (archive,) = (tmp_path / "autograder").glob("*.zip")
    found = {}
    for student, exercises in WHAT_IS_SOLVED.items():
        hand_in(released, nbformat.read(source, 4), exercises, tmp_path / student / source.name)
        call(
            "otter",
            "run",
            "-a",
            str(archive),
            str(tmp_path / student / source.name),
            "-o",
            student,
            folder=tmp_path,
        )
        tests = json.loads((tmp_path / student / "results.json").read_text())["tests"]
        found[student] = (
            sum(one.get("score", 0) for one in tests),
            sum(one.get("max_score", 0) for one in tests),
        )
    assert found == {student: (points, 12) for student, points in POINTS.items()}
    keep(points={student: points for student, (points, _) in found.items()})
