"""Tier 2: the hostile folder with and without a sandbox, as root and as a user; a class that is killed twice."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from keras_cv_course.classroom.sandbox.bubblewrap import bubblewrap
from tests.classroom.grading.hostile_class import (
    HOSTILE,
    WITHOUT_SANDBOX,
    everybody_can_read_python,
    grading,
    listening,
    no_marks,
    of,
    remarks,
)

USER = 60_500  # somebody without rights
LAWFUL = {"dynamic_imports": 2, "knows_two_answers": 0}  # no attack: they get what they deserve


def about(name, **_):
    return {
        "kind": "hostile_classes",
        "name": name.replace(" ", "_"),
        "modules": ["keras_cv_course.classroom.grading.grading", "tests.classroom.grading.hostile_class"],
        "files": sorted(HOSTILE.values()),
        "everything": True,
    }


@pytest.fixture
def room(monkeypatch):
    """A folder that every user may pass."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        (Path(folder) / "temporary").mkdir()
        monkeypatch.chdir(folder)
        yield Path(folder)


def as_user(folder):
    """Words before a command that run it as a user without rights, who gets the folder."""
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, USER, USER)
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]


def hand_in(folder, names, honest):
    folder.mkdir()
    for name in names:
        shutil.copy(HOSTILE[name], folder)
    (folder / "honest.py").write_text(honest)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can be both")
@pytest.mark.proof(sources=about)
@pytest.mark.parametrize(
    "name, sandbox, root",
    [
        ("sandbox root", True, True),
        ("sandbox user", True, False),
        ("none root", False, True),
        ("none user", False, False),
    ],
)
def test_hostile_submissions_get_nothing(name, sandbox, root, psnr_course, honest, room, keep):
    before = everybody_can_read_python()
    if before is None or bubblewrap() is None:
        pytest.skip("bubblewrap is not installed or does not start here: apt install bubblewrap")
    names = sorted(HOSTILE) if sandbox else WITHOUT_SANDBOX
    hand_in(room / "class", names, honest)
    for path in [psnr_course.parent.parent, psnr_course.parent, psnr_course]:
        path.chmod(0o755)
    course = shutil.copytree(psnr_course, room / "course")
    command, environment = grading(course, sandbox, room / "temporary")
    words = [] if root and sandbox else before
    if not root:
        words = [*words, *as_user(room)]
    environment["HOME"] = str(room / "temporary")
    with listening() if sandbox else contextlib.nullcontext(), no_marks():
        done = subprocess.run(
            [*words, *command], env=environment, capture_output=True, text=True, timeout=900
        )
    assert done.returncode == 0 and done.stderr == "", done.stderr
    results = json.loads(Path("grades/grades.json").read_text(encoding="utf-8"))["students"]
    lawful = {student: points for student, points in LAWFUL.items() if student in names}
    assert of(results) == {**dict.fromkeys(names, 0), **lawful, "honest": 2}
    assert all(remarks(results[student]) for student in names if student not in LAWFUL)
    assert remarks(results["honest"]) == []
    left = [
        path.name for path in (room / "temporary").iterdir() if path.name.startswith(("grading-", "student-"))
    ]
    assert left == []
    keep(submissions=len(results))


def graded():
    return len(list(Path("grades/students").glob("*.json")))


@pytest.mark.proof(sources=about)
@pytest.mark.parametrize("name", ["killed twice"])
def test_a_class_of_sixty_that_is_killed_twice_loses_none(name, psnr_course, honest, room, keep):
    if bubblewrap() is None:
        pytest.skip("bubblewrap is not installed or does not start here: apt install bubblewrap")
    hostile = [name for name in sorted(HOSTILE) if name not in LAWFUL][:20]
    hand_in(room / "class", hostile, honest)
    for number in range(39):
        shutil.copy(room / "class" / "honest.py", room / "class" / f"honest_{number:02}.py")
    command, environment = grading(psnr_course, True, room / "temporary")
    for most in (15, 35):
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
        )
        while graded() < most:
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    results = json.loads(Path("grades/grades.json").read_text(encoding="utf-8"))["students"]
    assert len(results) == 60
    assert {points for student, points in of(results).items() if student.startswith("honest")} == {2}
    assert {of(results)[student] for student in hostile} == {0}
    keep(submissions=60, hostile=20)
