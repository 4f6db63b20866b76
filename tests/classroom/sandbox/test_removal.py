"""Folders that a submission has made hard to remove, and files that it has made hard to count."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from keras_cv_course.classroom.sandbox.files_used import below, open_without_name
from keras_cv_course.classroom.sandbox.limits import Limits
from keras_cv_course.classroom.sandbox.process_tree import end_tree, tree_of
from keras_cv_course.classroom.sandbox.removal import remove_tree
from keras_cv_course.classroom.sandbox.watchdog import Watchdog

UNPRIVILEGED = 60_501


def deep(folder, depth, name="in-a-folder"):
    """Folders in folders."""
    folder.mkdir(exist_ok=True)
    number = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=number)
        inner = os.open(name, os.O_RDONLY, dir_fd=number)
        os.close(number)
        number = inner
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=number))
    os.close(number)


def as_user(function):
    """The exit code of a fork that calls a function as somebody without rights, where root runs the tests."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(UNPRIVILEGED)
                os.setuid(UNPRIVILEGED)
            function()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_everything_is_removed_and_nothing_that_a_link_points_at(tmp_path):
    folder, kept = tmp_path / "left", tmp_path / "kept"
    deep(folder, 1100)
    deep(folder / "wide", 20, name="x" * 250)
    kept.mkdir()
    (kept / "file").touch()
    (folder / "link").symlink_to(kept)
    os.mkfifo(folder / "pipe")
    (folder / "many").mkdir()
    for number in range(300):
        (folder / "many" / str(number)).touch()
    remove_tree(folder)
    assert os.listdir(tmp_path) == ["kept"] and os.listdir(kept) == ["file"]
    remove_tree(folder)  # nothing is there, and nothing happens


@pytest.fixture
def everybodys():
    """A folder that users without rights reach, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        yield Path(folder)


def test_closed_folders_are_opened_and_removed(everybodys):
    def make_and_remove():
        top = everybodys / "left"
        top.mkdir()
        for name in ("a", "a/b", "a/b/c", "d"):
            (top / name).mkdir()
            (top / name / "file").touch()
        for name in ("a/b/c", "a/b", "a", "d", "."):
            os.chmod(top / name, 0)
        remove_tree(top)
        assert not top.exists()

    assert as_user(make_and_remove) == 0


def test_what_cannot_be_counted_is_no_small_number(tmp_path):
    deep(tmp_path / "deep", 20, name="x" * 250)
    with pytest.raises(OSError, match="File name too long"):
        below(str(tmp_path), 1000)
    said = Watchdog(Limits(), [str(tmp_path)], own_view=False).complaint(tree_of(os.getpid())[:1])
    assert said == "a folder that cannot be looked into"
    remove_tree(tmp_path / "deep")
    assert below(str(tmp_path), 1000) == (0, 0)


def test_files_and_bytes_of_one_owner(tmp_path):
    (tmp_path / "own").write_bytes(bytes(100_000))
    os.sync()
    count, size = below(tmp_path, 10)
    assert count == 1 and size >= 100_000
    assert below(tmp_path, 10, owner=os.getuid()) == (count, size)
    assert below(tmp_path, 10, owner=os.getuid() + 1) == (0, 0)


NAMELESS = """
import os, sys
file = open(sys.argv[1], "wb")
os.unlink(sys.argv[1])
file.write(bytes(5_000_000))
file.flush()
os.fsync(file.fileno())
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="open files of others are seen on Linux only")
def test_files_without_a_name_are_counted(tmp_path):
    command = [sys.executable, "-c", NAMELESS, str(tmp_path / "gone")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert process.stdout.readline() == b"ready\n"
        assert open_without_name(tree_of(process.pid)) >= 5_000_000
        limits = Limits(disk=2**20)
        assert (
            Watchdog(limits, [tmp_path], own_view=False).complaint(tree_of(process.pid))
            == "more than 1 MB in files"
        )
    finally:
        end_tree(process)
        process.stdin.close()
        process.stdout.close()
