"""The two pipes to a worker, with a limit of time on every read and write: the other side may never read or answer."""

import math
import os
import select
import time

from keras_cv_course.classroom.time_used import LOOK, TimeUsed

PIECE = 2**16  # bytes
BACKSTOP = 10  # times longer by the clock on the wall than of its own time a process may take


class TooLate(Exception):  # noqa: N818
    """The time was over before all bytes were read or written."""


class Pipes:
    """Reads what a process writes and writes what it reads, never longer than it is allowed.

    Args:
        process: a `subprocess.Popen` whose stdin and stdout are pipes.

    Attributes:
        time: the `TimeUsed` of the process and its children.
        idle: function that is called now and then while nothing comes; what it raises ends the waiting.
    """

    def __init__(self, process):
        self.process, self.time, self.idle = process, TimeUsed(process.pid), lambda: None
        self.most, self.deadline = 0.0, 0.0
        for pipe in (process.stdin, process.stdout):
            os.set_blocking(pipe.fileno(), False)

    def used(self, now=False):
        """Seconds that the process has used; not older than a moment, or than `now`."""
        return self.time.look(now=now)

    def allow(self, seconds, until=math.inf):
        """Let what comes take so many seconds of the process' own time.

        Args:
            seconds: see `TimeUsed`; the clock on the wall may show `BACKSTOP` times as many.
            until: time on the monotonic clock at which it is over whatever was used.
        """
        self.most = self.used() + seconds
        self.time.ask()
        self.deadline = min(until, time.monotonic() + BACKSTOP * seconds)

    def write(self, data):
        """Write all of the bytes.

        Raises:
            TooLate: the time is over; part of it may be written.
            OSError: the other side is gone.
        """
        number, left = self.process.stdin.fileno(), memoryview(data)
        while left:
            self._wait(number, select.POLLOUT)
            try:
                left = left[os.write(number, left[:PIECE]) :]
            except BlockingIOError:
                continue

    def flush(self):
        """Nothing is held back."""

    def read(self, count):
        """Between one and `count` bytes; none at the end.

        Raises:
            TooLate: the time is over.
        """
        number = self.process.stdout.fileno()
        while True:
            if not self._wait(number, select.POLLIN):
                return b""
            try:
                return os.read(number, min(count, PIECE))
            except BlockingIOError:
                continue

    def _wait(self, number, event):
        """Whether the pipe is ready; not, where the process has ended and what it began holds the pipe open."""
        poll = select.poll()
        poll.register(number, event)
        while True:
            left = self.deadline - time.monotonic()
            if left <= 0 or self.time.look(waiting=True) > self.most:
                raise TooLate  # also if something is there: who sends a byte now and then is never done
            if poll.poll(1000 * min(left, LOOK)):
                return True
            self.idle()
            if self.process.poll() is not None:
                return bool(poll.poll(0))


class WindowsPipes:
    """The same on Windows, which polls no pipes: a process that is late by the clock is ended by a timer.

    Args:
        process: a `subprocess.Popen` whose stdin and stdout are pipes.
    """

    def __init__(self, process):
        self.process, self.deadline, self.idle = process, 0.0, lambda: None

    def used(self, now=False):
        return time.monotonic()

    def allow(self, seconds, until=math.inf):
        self.deadline = min(until, time.monotonic() + seconds)

    def write(self, data):
        self._until_the_deadline(lambda: (self.process.stdin.write(data), self.process.stdin.flush()))

    def flush(self):
        """`write` does it."""

    def read(self, count):
        return self._until_the_deadline(lambda: self.process.stdout.read1(min(count, PIECE)))

    def _until_the_deadline(self, act):
        import threading

        timer = threading.Timer(max(0.0, self.deadline - time.monotonic()), self.process.kill)
        timer.start()
        try:
            return act()
        finally:
            timer.cancel()
            if time.monotonic() > self.deadline:
                raise TooLate


pipes_of = Pipes if os.name == "posix" else WindowsPipes
