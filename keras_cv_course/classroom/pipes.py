"""The two pipes to a worker, with a deadline on every read and write: the other side may never read, never answer."""

import os
import select
import time

PIECE = 2**16  # bytes
LOOK = (
    0.2  # seconds between two looks at whether the process lives and whether somebody wants to stop waiting
)


class TooLate(Exception):  # noqa: N818
    """The deadline passed before all bytes were read or written."""


class Pipes:
    """Reads what a process writes and writes what it reads, never longer than until a deadline.

    Args:
        process: a `subprocess.Popen` whose stdin and stdout are pipes.

    Attributes:
        deadline: time on the monotonic clock.
        idle: function that is called now and then while nothing comes; what it raises ends the waiting.
    """

    def __init__(self, process):
        self.process, self.deadline, self.idle = process, 0.0, lambda: None
        for pipe in (process.stdin, process.stdout):
            os.set_blocking(pipe.fileno(), False)

    def write(self, data):
        """Write all of the bytes.

        Raises:
            TooLate: the deadline passed; part of it may be written.
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
            TooLate: the deadline passed.
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
            if poll.poll(1000 * max(0, min(left, LOOK))):
                return True
            if left <= 0:
                raise TooLate
            self.idle()
            if self.process.poll() is not None:
                return bool(poll.poll(0))


class WindowsPipes:
    """The same on Windows, which polls no pipes: a process that is late is ended by a timer.

    Args:
        process: a `subprocess.Popen` whose stdin and stdout are pipes.
    """

    def __init__(self, process):
        self.process, self.deadline, self.idle = process, 0.0, lambda: None

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
