"""The time that a process and its children take for themselves: on a processor, or asleep.

What they wait for a processor that others hold is not theirs: on a machine of a hundred students, a second of work may
take a minute. See proc_pid_stat(5): utime, stime, cutime, cstime and state.
"""

import contextlib
import sys
import time
from pathlib import Path

import psutil

from keras_cv_course.classroom.sandbox.process_tree import tree_of

LOOK = 0.2  # seconds between two looks
WORKING = "RD"  # states of a thread that runs, waits for a processor, or waits for a disk


class TimeUsed:
    """Counts the seconds of a process tree; asked again and again, it looks five times a second at most.

    Args:
        number: of the process.
        tree: function (number) -> the processes; for tests.
        clock: function () -> seconds; for tests.
    """

    def __init__(self, number, tree=tree_of, clock=time.monotonic):
        self.number, self.tree, self.clock = number, tree, clock
        self.total, self.processor = 0.0, 0.0
        self.looked = self.asked = clock()

    def ask(self):
        """From now on we wait for the processes: that they sleep until they are asked is not held against them."""
        self.asked = self.clock()

    def look(self, waiting=False, now=False):
        """Seconds until now: on a processor, and those in which all threads slept while we waited for them.

        Args:
            waiting: whether we have waited for the processes since `ask`.
            now: look even if the last look was just before.
        """
        moment = self.clock()
        passed = moment - self.looked
        if passed < LOOK and not now:
            return self.total
        self.looked = moment
        with contextlib.suppress(psutil.Error):  # a process that has just ended
            family = self.tree(self.number)
            processor = max(self.processor, sum(map(processor_time, family)))
            used, self.processor = processor - self.processor, processor
            if waiting and all(map(sleeps, family)):
                # Where we are not given a processor ourselves, we cannot say for how long they have slept.
                used = max(used, min(passed, moment - self.asked, 2 * LOOK))
            self.total += used
        return self.total


def processor_time(process):
    """Seconds that a process, and the children that it has waited for, have spent on processors."""
    with contextlib.suppress(psutil.Error):
        times = process.cpu_times()
        return times.user + times.system + times.children_user + times.children_system
    return 0.0


def sleeps(process):
    """Whether no thread of a process works or wants to."""
    if sys.platform != "linux":
        with contextlib.suppress(psutil.Error):
            return process.status() not in (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP)
        return True
    states = []
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{process.pid}/task").iterdir():
            with contextlib.suppress(OSError):
                states.append((thread / "stat").read_text(errors="replace").rpartition(")")[2].split()[0])
    return not any(state in WORKING for state in states)
