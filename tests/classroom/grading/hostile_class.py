"""A class with hostile submissions among honest ones, and a grading of it in a process of its own."""

import contextlib
import os
import socket
import sys
from pathlib import Path

import pytest

from keras_cv_course.classroom.sandbox.bubblewrap import bubblewrap, python_folders
from keras_cv_course.classroom.sandbox.limits import Limits
from keras_cv_course.classroom.sandbox.own_user import FIRST_USER, can_run_python

HOSTILE = {path.stem: path for path in (Path(__file__).parents[1] / "hostile").rglob("*.py")}
PORT = 47113  # the one that hostile/loopback_socket.py asks
MARK = "HOSTILE_WAS_HERE"
SHORT = Limits(request=4, exercise=8, memory=2**29)


def everybody_can_read_python():
    """Words before a command that let every user read this Python; None where there are none.

    Without a sandbox root grades as another user, but root's Python often lies where only root may enter.
    """
    if os.getuid() != 0 or can_run_python(FIRST_USER):
        return []
    if bubblewrap() is None:
        return None
    words, folders = [bubblewrap(), "--bind", "/", "/", "--dev-bind", "/dev", "/dev"], python_folders()
    parents = sorted({str(parent) for folder in folders for parent in Path(folder).parents})
    closed = [parent for parent in parents if not Path(parent).stat().st_mode & 0o001]
    for parent in parents:
        if parent in closed and not any(parent.startswith(f"{other}/") for other in closed):
            words += ["--perms", "0755", "--tmpfs", parent]
        elif any(parent.startswith(f"{other}/") for other in closed):
            words += ["--perms", "0755", "--dir", parent]
    return words + [word for folder in folders for word in ("--ro-bind", folder, folder)]


def of(results):
    return {student: result["points"] for student, result in results.items()}


def remarks(result, kinds=("remarks", "errors")):
    return [text for lesson in result["lessons"].values() for kind in kinds for text in lesson[kind]]


@contextlib.contextmanager
def listening():
    """A server on the loopback that would tell the answer; nobody may ask it."""
    with socket.create_server(("127.0.0.1", PORT)) as server:
        server.setblocking(False)
        yield
        with pytest.raises(BlockingIOError):
            server.accept()


@contextlib.contextmanager
def no_marks():
    """Nothing that a hostile submission writes is there afterwards."""
    places = [
        "/",
        "/etc",
        "/usr",
        "/tmp",
        "/var/tmp",
        "/root",
        "/home",
        "/sandbox",
        "/dev",
        "/dev/shm",
        Path.home(),
    ]
    places = [Path(place) for place in (*places, ".", "..", "../..")]
    yield
    for place in places:
        with contextlib.suppress(OSError):
            assert not [name for name in os.listdir(place) if MARK in name], place


# Without bubblewrap the limits hold, and nothing fakes a point; what it could read and write is not tried.
WITHOUT_SANDBOX = [
    "always_equal",
    "answers_and_never_reads",
    "changes_the_clock",
    "closed_folders",
    "deep_tree",
    "drips",
    "endless_loop",
    "fills_the_disk",
    "forged_result",
    "forges_the_graders_failure",
    "giant_json",
    "giant_name",
    "grandchild_holds_the_pipe",
    "hides_from_the_count",
    "kernel_keys",
    "large_file",
    "lying_array",
    "many_files",
    "memory_bomb",
    "memory_files",
    "odd_values",
    "os_exit",
    "patched_testing",
    "pickle",
    "speaks_for_the_worker",
    "surviving_daemon",
    "sys_exit_on_import",
    "system_v",
    "threads_left",
]


GRADE = """
import sys
from pathlib import Path
from rich.console import Console
from keras_cv_course.classroom.grading.grading import grade
from keras_cv_course.classroom.grading.grading_key import seed_of
from keras_cv_course.classroom.sandbox.limits import Limits

course, sandbox = sys.argv[1:]
grade(
    Path(course), "class", "grades", jobs=1, lesson="day3.denoise", seed=3, sandbox=sandbox == "sandbox",
    limits=Limits(request=4, exercise=8, memory=2**29), console=Console(width=100),
)
"""


def grading(course, sandbox, throw_away):
    """A command that grades ./class into ./grades, and its environment."""
    command = [sys.executable, "-c", GRADE, str(course), "sandbox" if sandbox else "none"]
    return command, {**os.environ, "TMPDIR": str(throw_away)}
