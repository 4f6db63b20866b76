"""What a submission uses is counted, whoever holds it, and all that it started is ended."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from keras_cv_course.classroom.sandbox.limits import Limits
from keras_cv_course.classroom.sandbox.process_tree import end_tree, tree_of
from keras_cv_course.classroom.sandbox.watchdog import Watchdog, memory_of

SHARED = """
import mmap, os, sys, time
pages = mmap.mmap(-1, 300 * 2**20)
pages[:] = b"x" * len(pages)
for _ in range(3):
    if os.fork() == 0:
        sum(pages[place] for place in range(0, len(pages), 4096))
        time.sleep(60)
print("ready", flush=True)
time.sleep(60)
"""
STUBBORN = """
import os, signal, time
for number in (1, 2, 15):
    signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print("ready", flush=True)
    time.sleep(60)
time.sleep(60)
"""


@pytest.fixture
def started():
    """A function (script): a process of it, once it has said that it is ready."""
    processes = []

    def start(script):
        command = [sys.executable, "-c", script]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        processes.append(process)
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in processes:
        end_tree(process)
        process.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="shares of pages are known on Linux only")
def test_pages_that_several_share_are_counted_once(started):
    family = tree_of(started(SHARED).pid)
    assert len(family) == 4
    for _ in range(100_000):  # the forks read page by page
        if sum(member.memory_info().rss for member in family) > 4 * 300 * 2**20:
            break
    assert 300 <= memory_of(family) / 2**20 <= 400


@pytest.mark.parametrize(
    "limits, says",
    [
        (dict(processes=3), "more than 3 processes at once"),
        (dict(memory=200 * 2**20), "more than 0.195312 GB of memory"),
        (dict(files=10), "more than 10 files"),
        ({}, None),
    ],
)
def test_complaints(limits, says, started, tmp_path):
    for number in range(12):
        (tmp_path / f"below{number % 2}").mkdir(exist_ok=True)
        (tmp_path / f"below{number % 2}" / str(number)).touch()
    watchdog = Watchdog(Limits(**limits), [tmp_path], own_view=False)
    assert watchdog.complaint(tree_of(started(SHARED).pid)) == says


def test_a_tree_is_ended_with_sessions_of_its_own(started):
    process = started(STUBBORN)
    family = tree_of(process.pid)
    assert len(family) == 3
    end_tree(process)
    assert process.returncode == -signal.SIGKILL
    until = time.monotonic() + 10
    while any(_lives(member) for member in family) and time.monotonic() < until:
        os.sched_yield()
    assert not [member for member in family if _lives(member)]


def _lives(member):
    try:
        return member.is_running() and member.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
