"""The sandbox around the process that holds a submission: bubblewrap where it is; limits and a filter everywhere."""

import contextlib
import itertools
import os
import shutil
import sys
import tempfile
from pathlib import Path

from keras_cv_course.classroom.launch import FOLDER, STARTING, Launch
from keras_cv_course.classroom.remote import StudentError
from keras_cv_course.classroom.sandbox import syscalls
from keras_cv_course.classroom.sandbox.bubblewrap import INSIDE, WRITABLE, words_of
from keras_cv_course.classroom.sandbox.limits import limiter
from keras_cv_course.classroom.sandbox.memory_scope import environment_for
from keras_cv_course.classroom.sandbox.own_user import (
    ALL_MAY_WRITE,
    FIRST_USER,
    USERS,
    can_run_python,
    remove_files_of,
)
from keras_cv_course.classroom.sandbox.package_copy import package_without
from keras_cv_course.classroom.sandbox.process_tree import adopt, end_all_of_user, end_strays, end_tree
from keras_cv_course.classroom.sandbox.removal import remove_tree
from keras_cv_course.classroom.sandbox.watchdog import Watchdog
from keras_cv_course.classroom.skeleton import slow_imports
from keras_cv_course.classroom.worker_process import Worker
from keras_cv_course.errors import InputError

WEAKER = (
    "bubblewrap (bwrap) is not in use: submissions can use the network, read the installed package with all its "
    "solutions and, unless root grades, read and change the files of this account and end its processes. Limits on "
    "time, memory, processes and files hold all the same. Debian and Ubuntu: apt install bubblewrap"
)


class Sandbox:
    """Makes a `Worker` for each submission of one lesson.

    Args:
        exercises: the lesson's `Exercises`.
        limits: the `Limits`.
        program: bubblewrap's path, or None to do without.
        solutions: modules that are the solution of any exercise of the course; none of them is inside as source.
        scope: of `memory_scope`, before bubblewrap's own words.

    Raises:
        InputError: this system knows no limits, or submissions would run as root without bubblewrap.
    """

    users = itertools.count()
    running = {}  # of all sandboxes of this process: {process: user or None}

    def __init__(self, exercises, limits, program, solutions=(), scope=()):
        if os.name != "posix":
            raise InputError("grading needs Linux, macOS or WSL: this system sets processes no limits")
        if program is None and os.getuid() == 0 and not can_run_python(FIRST_USER):
            raise InputError(
                f"without bubblewrap submissions would run as root, as no other user can read {sys.prefix}; "
                "install bubblewrap (apt install bubblewrap), or do not grade as root"
            )
        self.exercises, self.limits, self.program = exercises, limits, program
        self.scope, self.stopped = scope, False
        self.imports = slow_imports(exercises)
        self.filter = syscalls.program() if sys.platform == "linux" else None
        if program is None:
            adopt()
        self.folder = new_folder()
        package_without(exercises, {*exercises.sources, *solutions}, self.folder / "lib")
        shutil.copytree(FOLDER, self.folder / "worker", ignore=shutil.ignore_patterns("__pycache__"))
        if self.filter:
            (self.folder / "filter").write_bytes(self.filter)
        for path in self.folder.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)

    def try_out(self):
        """Start Python in the sandbox once, with nothing in it.

        Raises:
            InputError: it does not start, which is no student's fault.
        """
        worker = self.worker()
        worker.imports = ["numpy"]
        try:
            with worker:
                worker.enter()
        except StudentError as error:
            raise InputError(
                f"Python does not start in the sandbox ({error}), so nothing was graded; is {sys.prefix} "
                "readable for all? `grade --no-sandbox` does without it"
            ) from None

    def stop_all(self):
        """End every worker that is running, or is started from now on."""
        self.stopped = True
        for process in list(Sandbox.running):
            end_tree(process)

    def close(self):
        self.stop_all()
        remove_tree(self.folder)

    def worker(self):
        """A `Worker` in the sandbox, of a user of its own where root grades."""
        user = FIRST_USER + next(Sandbox.users) % USERS if os.getuid() == 0 else None
        home = Path(tempfile.mkdtemp(prefix="student-", dir=self.folder))
        if user is not None:
            os.chown(home, user, user)
        environment = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": "/tmp" if self.program else str(home),
            "TMPDIR": "/tmp" if self.program else str(home),
            "KERAS_BACKEND": os.environ.get("KERAS_BACKEND", "tensorflow"),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "OMP_NUM_THREADS": "1",
            "TF_NUM_INTRAOP_THREADS": "1",
            "TF_NUM_INTEROP_THREADS": "1",
            "CUDA_VISIBLE_DEVICES": "",
            "PYTHONDONTWRITEBYTECODE": "1",
            **(environment_for(root=user is not None) if self.scope else {}),
        }
        inside = INSIDE if self.program else str(self.folder)
        if self.program:
            watchdog = Watchdog(self.limits, WRITABLE)
        else:
            places = (home,) if user is None else (home, *ALL_MAY_WRITE)
            watchdog = Watchdog(self.limits, places, own_view=False, owner=user)

        def started(process):
            Sandbox.running[process] = user
            watchdog.watch(process)
            if self.scope:
                process.hint = f", perhaps for more than {self.limits.memory / 2**30:g} GB of memory"
            if self.stopped:
                end_tree(process)

        def stop(process):
            watchdog.forget(process)
            end_tree(process)
            Sandbox.running.pop(process, None)
            if self.program is None:
                if user is not None:
                    end_all_of_user(user)
                with STARTING:
                    end_strays({known.pid for known in (*Sandbox.running, *Worker.trusted)})

        def clean():
            remove_tree(home)
            if self.program is None and user is not None:
                remove_files_of(user)

        return Worker(
            closed=[*self.exercises.sources, self.exercises.course, "keras_cv_course.classroom"],
            imports=self.imports,
            path=[f"{inside}/lib"],
            launch=Launch(
                command=self.command(user),
                environment=environment,
                prepare=limiter(self.limits, user, self.filter, sandboxed=self.program is not None),
                folder=f"{inside}/worker",
                directory="/" if self.program else home,
                pass_files={"filter": self.folder / "filter"} if self.program and self.filter else {},
                started=started,
                stop=stop,
                clean=clean,
            ),
        )

    def command(self, user):
        """The words before Python's own command."""
        if self.program is None:
            return ()
        hidden = ("keras_cv_course", self.exercises.course)
        filtering = self.filter is not None
        return [
            *self.scope,
            *words_of(self.program, self.folder, self.limits.disk, hidden, user, filtering),
        ]


def new_folder():
    """An empty folder for this process' sandboxes; those that killed graders have left behind are removed."""
    mine = f"grading-{os.getuid()}-"
    for old in Path(tempfile.gettempdir()).glob(f"{mine}*"):
        with contextlib.suppress(ValueError, OSError):
            owner = int(old.name.removeprefix(mine).split("-")[0])
            if (
                old.stat().st_uid == os.getuid()
                and not Path(f"/proc/{owner}").exists()
                and os.path.isdir("/proc/1")
            ):
                remove_tree(old)
    folder = Path(tempfile.mkdtemp(prefix=f"{mine}{os.getpid()}-"))
    folder.chmod(0o755)
    return folder
