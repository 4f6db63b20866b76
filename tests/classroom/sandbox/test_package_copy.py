"""What a submission may import of this package."""

import subprocess
import sys
from pathlib import Path

import pytest

from keras_cv_course.classroom.grading.grading import exercises_of_course
from keras_cv_course.classroom.sandbox.package_copy import package_without
from sprints.commands import COURSE

KNOWN = exercises_of_course(COURSE)
SOLUTIONS = set().union(*(exercises.sources for exercises in KNOWN.values()))


@pytest.mark.parametrize("name", ["day2.boxes", "day3.denoise"])
def test_no_solution_of_any_lesson_is_there_to_be_read(name, tmp_path):
    package_without(KNOWN[name], SOLUTIONS, tmp_path)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert "keras_cv_course/errors.py" in left and not [path for path in left if "/classroom/" in path]
    files = {module.replace(".", "/") for module in SOLUTIONS}
    assert not [file for file in files if f"{file}.py" in left]
    own = {module.replace(".", "/") for module in KNOWN[name].sources}
    assert not [file for file in own if f"{file}.pyc" in left]


def test_the_rest_can_be_imported(tmp_path):
    package_without(KNOWN["day3.denoise"], SOLUTIONS, tmp_path)
    script = "import sys; sys.path.insert(0, sys.argv[1]); import keras_cv_course.errors as one; print(one.__file__)"
    command = [sys.executable, "-I", "-c", script, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert Path(done.stdout.strip()) == tmp_path / "keras_cv_course" / "errors.py"
