"""How the process of a worker is started, and ended with all that it has started."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from keras_cv_course.classroom.process_ending import end_group

STARTING = threading.RLock()  # held until a process is known: who ends strays must not take it for one
FOLDER = Path(__file__).parent / "worker"


@dataclass(frozen=True)
class Launch:
    """The start of a worker's process. Without arguments: this Python, with this process' own rights.

    Args:
        command: words before the interpreter's own command, such as a sandbox's.
        environment: the process' environment variables; None is this process' own.
        prepare: function that the child calls before it starts, for limits; POSIX only.
        folder: where the worker's own files are, as the process sees them.
        python: the interpreter, as the process sees it.
        directory: the process' working folder.
        pass_files: {name: file} that the command reads as open files: "{name}" in it becomes their number.
        started: function that is called with every `subprocess.Popen` that was started.
        stop: function (process) that ends it with all that it started.
        clean: function that is called once the worker is not used any more.
    """

    command: Sequence = ()
    environment: dict | None = None
    prepare: Callable | None = None
    folder: str | Path = FOLDER
    python: str = sys.executable
    directory: str | Path | None = None
    pass_files: dict = field(default_factory=dict)
    started: Callable = lambda process: None
    stop: Callable = end_group
    clean: Callable = lambda: None

    def start(self, errors=None):
        """A `subprocess.Popen` with pipes.

        Args:
            errors: open file for what the process prints; None throws it away.
        """
        with STARTING:
            process = self._process(errors)
            self.started(process)
        return process

    def _process(self, errors):
        files = {name: os.open(file, os.O_RDONLY) for name, file in self.pass_files.items()}
        numbers = {f"{{{name}}}": str(number) for name, number in files.items()}
        try:
            return subprocess.Popen(
                [numbers.get(word, word) for word in (*self.command, self.python, "-I", str(self.folder))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors or subprocess.DEVNULL,
                env=self.environment,
                cwd=self.directory,
                preexec_fn=self.prepare,
                start_new_session=True,
                pass_fds=tuple(files.values()),
            )
        finally:
            for number in files.values():
                os.close(number)
