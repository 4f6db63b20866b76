"""A reference whose process ends, for want of memory perhaps, costs no student a point."""

import csv
from pathlib import Path

import pytest

from keras_cv_course.classroom.grading import commands
from keras_cv_course.classroom.grading.references import References
from keras_cv_course.classroom.remote import ReferenceEnded
from keras_cv_course.classroom.sandbox.bubblewrap import bubblewrap
from keras_cv_course.classroom.sandbox.process_tree import tree_of
from keras_cv_course.classroom.skeleton import skeleton
from keras_cv_course.classroom.student.commands import exercises_of
from tests.classroom.grading.hostile_class import SHORT

MORE = '''
from keras_cv_course.classroom import Exercise, Exercises, close_to
from sprints.day3.exercises.denoise import psnr

shares = Exercise("shares", "of classes", definitions=("class_shares",), points=3, hints=("a", "b"), mutants={})
SOURCES = ("keras_cv_course.metrics.class_coverage", "keras_cv_course.metrics.psnr")
EXERCISES = Exercises("day3.denoise", SOURCES, (shares, psnr))


@shares.check
def check_shares(mine, reference, rng):
    """The same as the reference."""
    labels = rng.integers(3, size=20)
    close_to(mine.class_shares(labels, 3), reference.class_shares(labels, 3), 1e-5, "shares", "")
'''


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "course" / "day3"
    (folder / "exercises").mkdir(parents=True)
    (folder / "__init__.py").write_text('"""Day 3."""\n\nLESSONS = ("denoise",)\n')
    (folder / "denoise.py").write_text('"""One measure."""\n')
    (folder / "exercises" / "denoise.py").write_text(MORE)
    return folder.parent


def kill_all(process):
    for member in tree_of(process.pid):
        member.kill()


@pytest.fixture
def kills(monkeypatch):
    """[times]: how often the reference's process is killed, each time as soon as a check has it."""
    module, left = References.module, [0]

    def module_and_no_more(self, lesson):
        found = module(self, lesson)
        if left[0]:
            left[0] -= 1
            kill_all(self.worker.process)
        return found

    monkeypatch.setattr(References, "module", module_and_no_more)
    return left


@pytest.mark.skipif(bubblewrap() is None, reason="bubblewrap is not installed or does not start here")
def test_a_reference_that_dies_is_the_graders_failure(course, kills, capsys, tmp_path):
    exercises = exercises_of(course, "day3.denoise")[0]
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "ada.py").write_text(skeleton(exercises, only=[]))
    options = dict(lesson="day3.denoise", limits=SHORT, jobs=1)

    kills[0] = 1  # once: it is started again
    commands.grade(course, "class", "once", **options)
    assert "failed" not in capsys.readouterr().out and rows("once")["points"] == "5"

    kills[0] = 2
    commands.grade(course, "class", "grades", **options)
    assert "the grader itself failed on 1 of them: the same command tries" in capsys.readouterr().out
    row = rows("grades")
    assert (row["day3.denoise shares"], row["day3.denoise psnr"]) == ("", "2")
    assert row["errors of the code"] == row["remarks"] == ""
    lost = "shares: the process of the reference solutions is lost: the code ended its own process (killed by SIGKILL)"
    assert row["failures of the grader"] == lost
    page = Path("grades/index.html").read_text(encoding="utf-8")
    assert "the grader failed" in page and lost in page and "not judged" in page

    commands.grade(course, "class", "grades", **options)
    said = capsys.readouterr().out
    assert "are kept" not in said and "failed" not in said and rows("grades")["points"] == "5"


def rows(folder):
    with open(f"{folder}/grades.csv", newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    return row


def test_objects_of_a_process_that_has_ended_name_nothing_in_the_next(course):
    exercises = exercises_of(course, "day3.denoise")[0]
    with References({"day3.denoise": exercises}) as references:
        before = references.module("day3.denoise")
        kill_all(references.worker.process)
        with pytest.raises(ReferenceEnded):
            before.psnr(1.0, 2.0)
        after = references.module("day3.denoise")
        assert after is not before and after._number == before._number
        with pytest.raises(ReferenceEnded, match="the process is gone"):
            before.psnr(1.0, 2.0)
