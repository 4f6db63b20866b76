"""A busy machine costs a student's code nothing; work and sleep of its own do."""

import os
import subprocess
import sys
import threading

import psutil
import pytest

from keras_cv_course.classroom.pipes import TooLate, pipes_of
from keras_cv_course.classroom.process_ending import end_group
from keras_cv_course.classroom.remote import Crashed
from keras_cv_course.classroom.time_used import LOOK, TimeUsed, sleeps
from keras_cv_course.classroom.worker_process import Worker

linux = pytest.mark.skipif(sys.platform != "linux", reason="states of threads are known on Linux only")
LIMIT = 0.5  # seconds
SOURCE = f"""
import os
import time


def works_for_four_limits():
    "As long by the clock, whatever share of a processor it is given; the share."
    began, processor = time.monotonic(), time.process_time()
    while time.monotonic() - began < 4 * {LIMIT}:
        pass
    return (time.process_time() - processor) / (time.monotonic() - began)


def works_a_little():
    began = time.process_time()
    while time.process_time() - began < {LIMIT} / 5:
        pass


def sleeps():
    time.sleep(600)


def loops():
    while True:
        pass


def leaves_the_work_to_a_child():
    if os.fork() == 0:
        loops()
    os.wait()
"""


@pytest.fixture
def busy():
    """Eight processes that want all the time of one processor."""
    command = [sys.executable, "-c", "print(flush=True)\nwhile True: pass"]
    processor = min(os.sched_getaffinity(0))
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) for _ in range(8)]
    for process in processes:
        process.stdout.readline()
        os.sched_setaffinity(process.pid, {processor})
    yield processor
    for process in processes:
        end_group(process)
        process.stdout.close()


@pytest.fixture
def worker():
    with Worker(imports=["statistics"]) as worker:
        worker.enter()
        yield worker


@linux
def test_who_waits_for_a_processor_is_not_late(worker, busy):
    mine = worker.load(SOURCE, "mine.py")
    for process in psutil.Process(worker.process.pid).children() + [worker.process]:
        os.sched_setaffinity(process.pid, {busy})
    worker.seconds = LIMIT
    share = mine.works_for_four_limits()
    assert share < 0.25  # else it has used more than it may


@pytest.mark.parametrize("name", ["sleeps", "loops", "leaves_the_work_to_a_child"])
@linux
def test_who_sleeps_or_works_for_too_long_is_late(name, worker):
    mine = worker.load(SOURCE, "mine.py")
    worker.seconds = LIMIT
    process = worker.process
    with pytest.raises(Crashed, match="no answer within 0.5 s") as raised:
        getattr(mine, name)()
    assert raised.value.late and process.returncode is not None
    assert worker.pipes.time.total > LIMIT  # not the clock on the wall has ended it


@linux
def test_all_requests_of_an_exercise_are_counted_together(worker):
    mine = worker.load(SOURCE, "mine.py")
    worker.allow(LIMIT)
    with pytest.raises(Crashed, match="no answer within"):
        for _ in range(100):
            mine.works_a_little()
    worker.allow()
    worker.enter()
    assert worker.load(SOURCE, "mine.py").works_a_little() is None


@linux
def test_the_clock_on_the_wall_ends_who_neither_works_nor_sleeps(worker, monkeypatch):
    """As a process that is held in a call of the kernel."""
    monkeypatch.setattr("keras_cv_course.classroom.time_used.sleeps", lambda process: False)
    monkeypatch.setattr("keras_cv_course.classroom.pipes.BACKSTOP", 2)
    mine = worker.load(SOURCE, "mine.py")
    worker.seconds = LIMIT
    with pytest.raises(Crashed, match="no answer within"):
        mine.sleeps()
    assert worker.pipes.time.total < LIMIT


class Times:
    """Of a process that has worked for so many seconds: 3 in its own code, the rest in the kernel and in children."""

    def __init__(self, seconds):
        self.user, self.system, self.children_user, self.children_system = 1.0, 2.0, seconds - 3.5, 0.5


class Process:
    pid = 0  # no thread of it is known: it sleeps

    def __init__(self):
        self.seconds = 4.0

    def cpu_times(self):
        return Times(self.seconds)


@linux
def test_what_is_counted():
    process, now = Process(), [100.0]
    used = TimeUsed(1, tree=lambda number: [process], clock=lambda: now[0])
    assert used.look(waiting=True) == 0  # five times a second is enough
    now[0] += LOOK
    assert used.look() == 4
    now[0] += LOOK
    assert used.look(waiting=True) == pytest.approx(4 + LOOK)  # asleep, and we waited
    now[0] += LOOK
    assert used.look() == pytest.approx(4 + LOOK)  # asleep, as nobody had asked for anything
    now[0] += 60
    assert used.look(waiting=True) == pytest.approx(4 + 3 * LOOK)  # we were asleep ourselves
    now[0] += LOOK
    used.ask()
    assert used.look(waiting=True) == pytest.approx(4 + 3 * LOOK)  # nor had anybody asked for anything before
    process.seconds = 1.0  # a child has gone, and its time with it
    assert used.look(now=True) == pytest.approx(4 + 3 * LOOK)


@linux
def test_one_thread_that_works_is_enough():
    asleep = threading.Event()
    others = [threading.Thread(target=asleep.wait) for _ in range(3)]
    for thread in others:
        thread.start()
    assert not sleeps(psutil.Process())  # this very thread
    asleep.set()
    for thread in others:
        thread.join()


def test_who_sends_byte_after_byte_is_late():
    command = [sys.executable, "-c", "import os, time\nwhile True: os.write(1, b' '); time.sleep(.01)"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    pipes = pipes_of(process)
    pipes.allow(LIMIT)
    try:
        with pytest.raises(TooLate):
            while True:
                pipes.read(1)
    finally:
        end_group(process)
        process.stdin.close()
        process.stdout.close()
