"""The warm process that holds a student's code: started, asked, and replaced when the code has ended it."""

import contextlib
import math
import threading
import time

from keras_cv_course.classroom.launch import Launch
from keras_cv_course.classroom.pipes import BACKSTOP, TooLate, pipes_of
from keras_cv_course.classroom.printable import printable
from keras_cv_course.classroom.printed_output import PrintedOutput
from keras_cv_course.classroom.process_ending import ending
from keras_cv_course.classroom.remote import Crashed, Remote, handle, student_error
from keras_cv_course.classroom.worker.messages import BadMessage, receive, send


class Worker:
    """A warm process for a student's code; it is replaced when the code has ended it.

    Args:
        closed: modules that must not be imported, the reference above all.
        imports: modules to import once, before all visits, because they take long.
        path: folders to import from, before all others.
        launch: the `Launch` that starts its process.
        prints: keep what the code prints, for `printed`; else it is thrown away.

    Attributes:
        seconds: the longest that one call through a `Remote` may take, of the process' own time (see `TimeUsed`).
        idle: function that is called while the code runs; what it raises ends the waiting, and the process.
    """

    trusted = set()  # processes of ours that hold no student's code

    def __init__(self, closed=(), imports=("keras",), path=(), launch=None, prints=False):
        self.closed, self.imports, self.path = list(closed), list(imports), list(path)
        self.launch = launch or Launch()
        self.output = PrintedOutput() if prints else None
        self.idle = None
        self.seconds = 60
        self.left, self.until, self.counted = math.inf, math.inf, 0.0
        self.lock = threading.Lock()
        self.process = None
        self.warm = self.entered = False

    def start(self):
        """Start the process; it warms up while we do other things."""
        if self.output:
            self.output.clear()
        self.process = self.launch.start(self.output and self.output.file)
        self.pipes = pipes_of(self.process)
        self.counted = self.pipes.used()
        self.warm = self.entered = False
        with contextlib.suppress(Crashed):
            self._send({"closed": self.closed, "imports": self.imports, "path": self.path}, seconds=10)

    def stop(self):
        if self.process is not None:
            self.launch.stop(self.process)
            for pipe in (self.process.stdin, self.process.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()
            self.process = None
            self.warm = self.entered = False

    def close(self):
        """Stop for good."""
        self.stop()
        if self.output:
            self.output.close()
        self.launch.clean()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.close()

    def enter(self, seconds=120):
        """Begin a visit: on Linux a fresh fork of the warm process."""
        if self.entered:
            self.leave()
        self.ready(seconds)
        if self.output:
            self.output.begin_visit()
        self._send({"do": "enter"}, seconds)
        self._receive(seconds, "starting")
        self.entered = True

    def ready(self, seconds=120):
        """Wait until the process is warm; start one if there is none."""
        if self.process is None:
            self.start()
        if not self.warm:
            self._receive(seconds, "starting Python")
            self.warm = True

    def leave(self):
        """End the visit and everything that it changed in its process."""
        if self.entered:
            self.entered = False
            with contextlib.suppress(Crashed):
                self.ask("leave", seconds=5)

    def ask(self, action, *arguments, seconds=60, **named):
        """One request; the worker's answer.

        Raises:
            StudentError: the code raised an exception.
            Crashed: the process is gone or did not answer within `seconds`.
        """
        if self.process is None:
            raise Crashed("the process is gone")
        with self.lock:
            self._send({"do": action, "with": list(arguments), "named": named}, seconds)
            answer = self._receive(seconds, "an answer")
        if not isinstance(answer, dict) or not ({"result", "error"} & set(answer)):
            self.stop()
            raise Crashed("the code answered in place of the worker")
        if "error" in answer:
            raise student_error(answer["error"])
        return answer["result"]

    def load(self, source, filename, seconds=60, **composition):
        """A file as a module in the worker; see `definitions.compose` for the rest."""
        return self.ask("load", seconds=seconds, source=source, filename=filename, **composition)

    def _find(self, form):
        return Remote(self, int(form["$object"]), kind=printable(form.get("type", "object"), 80))

    def printed(self, lines=10):
        """The last lines that the code of this visit has printed, oldest first."""
        return self.output.lines(lines) if self.output else []

    def allow(self, seconds=math.inf):
        """From now on all requests together may take so many seconds of the process' own time."""
        self.left, self.until = seconds, time.monotonic() + BACKSTOP * seconds
        self.counted = self.pipes.used(now=True) if self.process is not None else 0.0

    def used(self):
        """Seconds of its own time that the process has used since it was started."""
        return self.pipes.used(now=True)

    def _limit(self, seconds):
        """Limit what is read or written next; the seconds that it may take."""
        used = self.pipes.used()
        self.left, self.counted = self.left - (used - self.counted), used
        seconds = max(0.01, min(seconds, self.left))
        self.pipes.allow(seconds, self.until)
        self.pipes.idle = self.idle or (lambda: None)
        return seconds

    def _send(self, request, seconds):
        seconds = self._limit(seconds)
        try:
            send(self.pipes, request, hold=handle)
        except TooLate:
            raise self._late(seconds, "reading") from None
        except BadMessage:
            raise
        except (ValueError, OSError):
            raise self._gone() from None
        except BaseException:
            self.stop()
            raise

    def _receive(self, seconds, what):
        seconds = self._limit(seconds)
        try:
            return receive(self.pipes, self._find)
        except TooLate:
            raise self._late(seconds, what) from None
        except BadMessage as error:
            self.stop()
            raise Crashed(f"the code sent {error}") from None
        except (EOFError, OSError, ValueError):
            raise self._gone() from None
        except BaseException:
            self.stop()
            raise

    def _late(self, seconds, what):
        """End a process that did not answer; where its code stood, if what it prints is kept."""
        where = self.output.where_code_stands(self.process) if self.output else ""
        self.stop()
        error = Crashed(f"no answer within {seconds:.3g} s (waiting for {what}); is a loop endless?{where}")
        error.late = True
        return error

    def _gone(self):
        process = self.process
        if process is None:
            return Crashed("the process is gone")
        complaint, hint = getattr(process, "complaint", None), getattr(process, "hint", "")
        self.stop()
        if complaint:
            return Crashed(f"the code was stopped: {complaint}")
        said = ending(process.returncode)
        return Crashed(f"the code ended its own process ({said}{hint if 'SIGKILL' in said else ''})")
