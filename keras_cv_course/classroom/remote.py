"""The near side of a worker: a student's module, called as if it were here."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from keras_cv_course.classroom.pipes import TooLate, pipes_of
from keras_cv_course.classroom.printable import printable
from keras_cv_course.classroom.worker.messages import BadMessage, receive, send

FOLDER = Path(__file__).parent / "worker"
BLANK = re.compile(r"\w+\.\w+\.\d+: ")  # day3.denoise.2: ...
STOOD = "Current thread"  # how faulthandler's report begins


class StudentError(Exception):
    """The student's code raised something.

    Attributes:
        kinds: names of the exception's class and its bases.
        line: number of the last line of the student's file that was being run, or None.
        code: that line.
        blank: whether it is the skeleton's own NotImplementedError (others are errors like any).
    """

    def __init__(self, message, kinds=("Exception",), line=None, code=""):
        super().__init__(message)
        self.kinds, self.line, self.code = list(kinds), line, code
        self.blank = self.kinds[0] == "NotImplementedError" and BLANK.match(message) is not None


class Crashed(StudentError):  # noqa: N818
    """The student's code ended its process, sent what is no message, or took too long.

    Attributes:
        late: whether it took too long.
    """

    late = False


class Worker:
    """A warm process for a student's code; it is replaced when the code has ended it.

    Args:
        closed: modules that must not be imported, the reference above all.
        imports: modules to import once, before all visits, because they take long.
        command: words before the interpreter's own command, such as a sandbox's.
        path: folders to import from, before all others.
        environment: the process' environment variables; None is this process' own.
        prepare: function that the child calls before it starts, for limits; POSIX only.
        folder: where the worker's own files are, as the process sees them.
        python: the interpreter, as the process sees it.
        directory: the process' working folder.
        prints: keep what the code prints, for `printed`; else it is thrown away.
        stop: function (process) that ends it with all that it started.
        started: function that is called with every `subprocess.Popen` that was started.
        pass_files: {name: file} that the command reads as open files: "{name}" in it becomes their number.
        clean: function that is called once the worker is not used any more.

    Attributes:
        seconds: the longest that one call through a `Remote` may take.
        until: time on the monotonic clock at which all patience ends, or None.
        idle: function that is called while the code runs; what it raises ends the waiting, and the process.
    """

    trusted = set()  # processes of ours that hold no student's code

    def __init__(
        self,
        closed=(),
        imports=("keras",),
        command=(),
        path=(),
        environment=None,
        prepare=None,
        folder=FOLDER,
        python=sys.executable,
        directory=None,
        prints=False,
        stop=None,
        started=None,
        pass_files=None,
        clean=None,
    ):
        self.closed, self.imports = list(closed), list(imports)
        self.path, self.environment = list(path), environment
        self.command = [*command, python, "-I", str(folder)]
        self.prepare, self.stop_process = prepare, stop or end_group
        self.output = tempfile.TemporaryFile() if prints else None  # noqa: SIM115, it lives as long as we do
        self.idle = None
        self.started, self.pass_files, self.clean = started, pass_files or {}, clean
        self.until, self.seconds = None, 60
        self.lock = threading.Lock()
        self.directory = directory
        self.process = None
        self.warm = self.entered = False

    def start(self):
        """Start the process; it warms up while we do other things."""
        if self.output:
            self.output.truncate(0)
        files = {name: os.open(file, os.O_RDONLY) for name, file in self.pass_files.items()}
        numbers = {f"{{{name}}}": str(number) for name, number in files.items()}
        self.process = subprocess.Popen(
            [numbers.get(word, word) for word in self.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.output or subprocess.DEVNULL,
            env=self.environment,
            cwd=self.directory,
            preexec_fn=self.prepare,
            start_new_session=True,
            pass_fds=tuple(files.values()),
        )
        for number in files.values():
            os.close(number)
        self.pipes = pipes_of(self.process)
        self.warm = self.entered = False
        if self.started:
            self.started(self.process)
        with contextlib.suppress(Crashed):
            self._send({"closed": self.closed, "imports": self.imports, "path": self.path}, seconds=10)

    def stop(self):
        if self.process is not None:
            self.stop_process(self.process)
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
        if self.clean:
            self.clean()

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
            self.mark = os.fstat(self.output.fileno()).st_size
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
        if not self.output:
            return []
        text = os.pread(self.output.fileno(), 2**20, getattr(self, "mark", 0)).decode("utf-8", "replace")
        text = text.split(STOOD)[0]
        return [printable(line, 300) for line in text.splitlines() if line.strip()][-lines:]

    def _until(self, seconds):
        """Set the deadline of what is read or written next; the seconds that are left."""
        if self.until is not None:
            seconds = max(0.01, min(seconds, self.until - time.monotonic()))
        self.pipes.deadline = time.monotonic() + seconds
        self.pipes.idle = self.idle or (lambda: None)
        return seconds

    def _send(self, request, seconds):
        seconds = self._until(seconds)
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
        seconds = self._until(seconds)
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
        where = self._where_it_stands() if self.output else ""
        self.stop()
        error = Crashed(f"no answer within {seconds:.3g} s (waiting for {what}); is a loop endless?{where}")
        error.late = True
        return error

    def _where_it_stands(self):
        """Ask the visit for its stack (see worker/__main__.py): " It stood at line 12 of file.py"."""
        begin = os.fstat(self.output.fileno()).st_size
        with contextlib.suppress(psutil.Error, OSError, AttributeError):
            family = psutil.Process(self.process.pid).children(recursive=True)
            (family or [psutil.Process(self.process.pid)])[-1].send_signal(signal.SIGUSR1)
            for _ in range(20):
                said = os.pread(self.output.fileno(), 2**16, begin).decode("utf-8", "replace")
                found = re.findall(r'File "([^"]+)", line (\d+) in', said)
                own = [(name, line) for name, line in found if not name.startswith(("/", "<"))]
                if own:
                    return f" It stood at line {own[0][1]} of {own[0][0]}."
                if found:
                    return ""
                time.sleep(0.05)
        return ""

    def _gone(self):
        process = self.process
        if process is None:
            return Crashed("the process is gone")
        complaint = getattr(process, "complaint", None)
        self.stop()
        if complaint:
            return Crashed(f"the code was stopped: {complaint}")
        return Crashed(f"the code ended its own process ({_ending(process.returncode)})")


class Remote:
    """Something in a worker: its attributes are `Remote` too, calling it calls it there."""

    def __init__(self, worker, number, path="", kind="object"):
        self._worker, self._number, self._path, self._kind = worker, number, path, kind

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Remote(self._worker, self._number, f"{self._path}.{name}".lstrip("."))

    def __call__(self, *arguments, **named):
        return self._worker.ask("call", self, list(arguments), named, seconds=self._worker.seconds)

    def __repr__(self):
        return f"an object of class {self._kind}" if not self._path else f"<{self._path}>"


def value(remote):
    """What an attribute of a `Remote` holds: `value(model.filters)`."""
    return remote._worker.ask("value", remote, seconds=remote._worker.seconds)


def handle(thing):
    if isinstance(thing, Remote):
        if thing._path:
            return {"$name": [thing._number, thing._path]}
        return {"$object": thing._number}
    raise BadMessage(f"{type(thing).__name__} cannot be sent")


def student_error(said):
    said = said if isinstance(said, dict) else {}
    line, kinds = said.get("line"), said.get("kinds")
    good = isinstance(kinds, list) and kinds and all(isinstance(kind, str) for kind in kinds)
    return StudentError(
        printable(said.get("message", ""), 2000),
        [printable(kind, 100) for kind in kinds[:20]] if good else ["Exception"],
        line if type(line) is int and 0 < line < 10**7 else None,
        printable(said.get("code", ""), 200),
    )


def end_group(process):
    """Kill a process and its process group, and wait for it."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _ending(code):
    if code is None:
        return "for no known reason"
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
