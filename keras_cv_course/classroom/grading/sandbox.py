"""Walls around the process that holds a submission: bubblewrap where it is; limits everywhere."""

import contextlib
import os
import shutil
import site
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import psutil

import keras_cv_course
from keras_cv_course.classroom.remote import FOLDER, StudentError, Worker, end_group
from keras_cv_course.classroom.skeleton import slow_imports
from keras_cv_course.errors import InputError

FIRST_USER = 61_000  # a grader who is root gives every job a user of its own, from here on
INSIDE = "/sandbox"
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SMALL_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives")
WEAKER = (
    "bubblewrap (bwrap) is not in use: submissions could use the network and, unless root grades, read and "
    "change the files of this account and end its processes. Limits on time, memory, processes and file size "
    "hold all the same. Debian and Ubuntu: apt install bubblewrap"
)


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Args:
        request: seconds for one call.
        exercise: seconds for one exercise.
        memory: bytes of all its processes together.
        processes: processes at once.
        file: bytes of one file.
        disk: bytes of all its files (with bubblewrap).
    """

    request: float = 20
    exercise: float = 60
    memory: int = 4 * 2**30
    processes: int = 24
    file: int = 64 * 2**20
    disk: int = 256 * 2**20


def bubblewrap():
    """The path of a bubblewrap that works here, or None."""
    program = shutil.which("bwrap")
    if program is None:
        return None
    tried = [program, "--ro-bind", "/", "/", "--unshare-all", "--die-with-parent", "true"]
    return program if subprocess.run(tried, capture_output=True).returncode == 0 else None


class Sandbox:
    """Makes a `Worker` for each submission of one lesson.

    Args:
        exercises: the lesson's `Exercises`; their sources are not inside.
        limits: the `Limits`.
        program: bubblewrap's path, or None to do without.

    Raises:
        InputError: this system knows no limits, or submissions would run as root without bubblewrap.
    """

    def __init__(self, exercises, limits, program):
        if os.name != "posix":
            raise InputError("grading needs Linux, macOS or WSL: this system sets processes no limits")
        if program is None and os.getuid() == 0 and not can_run_python(FIRST_USER):
            raise InputError(
                f"without bubblewrap submissions would run as root, as no other user can read {sys.prefix}; "
                "install bubblewrap (apt install bubblewrap), or do not grade as root"
            )
        self.exercises, self.limits, self.program = exercises, limits, program
        self.running, self.stopped = set(), False
        self.imports = slow_imports(exercises)
        self.folder = Path(tempfile.mkdtemp(prefix="grading-"))
        self.folder.chmod(0o755)
        without_solutions(exercises, self.folder / "lib")
        shutil.copytree(FOLDER, self.folder / "worker", ignore=shutil.ignore_patterns("__pycache__"))
        for path in self.folder.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)

    def try_out(self):
        """Start Python behind the walls once, with nothing in it.

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
                f"Python does not start behind the walls ({error}), so nothing was graded; is {sys.prefix} "
                "readable for all? `grade --no-walls` does without them"
            ) from None

    def stop_all(self):
        """End every worker that is running, or is started from now on."""
        self.stopped = True
        for process in list(self.running):
            end_tree(process)

    def close(self):
        self.stop_all()
        shutil.rmtree(self.folder, ignore_errors=True)

    def worker(self, job=0):
        """A `Worker` behind the walls; `job` tells workers that run at the same time apart."""
        user = FIRST_USER + job if os.getuid() == 0 else None
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
        }
        inside = INSIDE if self.program else str(self.folder)
        watchdog = Watchdog(self.limits)

        def started(process):
            self.running.add(process)
            watchdog.watch(process)
            if self.stopped:
                end_tree(process)

        def stop(process):
            self.running.discard(process)
            watchdog.forget(process)
            end_tree(process)

        worker = Worker(
            closed=[*self.exercises.sources, self.exercises.course, "keras_cv_course.classroom"],
            imports=self.imports,
            command=self._walls(user) if self.program else (),
            path=[f"{inside}/lib"],
            environment=environment,
            prepare=_limiter(self.limits, user, become=self.program is None),
            folder=f"{inside}/worker",
            directory="/" if self.program else home,
            stop=stop,
            started=started,
        )
        return worker

    def _walls(self, user):
        """bubblewrap's command: the system, Python and the worker to read; a small /tmp to write."""
        size = str(self.limits.disk)
        words = [self.program, "--die-with-parent", "--new-session"]
        if user is None:
            words += ["--unshare-all"]
        else:
            # Root needs no user namespace, and becomes a user of no rights once the walls stand: the kernel
            # counts processes against that user, but against nobody who is root, inside or outside.
            words += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
            words += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        for path in SYSTEM:
            if os.path.islink(path):
                words += ["--symlink", os.readlink(path), path]
            elif os.path.isdir(path):
                words += ["--ro-bind", path, path]
        for path in SMALL_FILES:
            if os.path.exists(path):
                words += ["--ro-bind", path, path]
        # Before Python's own folders, which may lie in /tmp.
        words += ["--perms", "1777", "--size", size, "--tmpfs", "/tmp"]
        bound = python_folders()
        above = {str(parent) for path in (*bound, f"{INSIDE}/lib") for parent in Path(path).parents}
        for path in sorted(above - {"/", "/tmp"}):
            # bubblewrap would make them as closed as they are outside.
            words += ["--perms", "0755", "--dir", path]
        for path in bound:
            words += ["--ro-bind", path, path]
        for path in (*site.getsitepackages(), site.getusersitepackages()):
            for package in ("keras_cv_course", self.exercises.course):
                if os.path.isdir(f"{path}/{package}"):
                    words += ["--size", "4096", "--tmpfs", f"{path}/{package}"]
        words += ["--ro-bind", f"{self.folder}/lib", f"{INSIDE}/lib"]
        words += ["--ro-bind", f"{self.folder}/worker", f"{INSIDE}/worker"]
        words += [
            "--proc",
            "/proc",
            "--dev",
            "/dev",
            "--perms",
            "1777",
            "--size",
            size,
            "--tmpfs",
            "/dev/shm",
        ]
        words += ["--remount-ro", "/", "--chdir", "/tmp", "--"]
        if user is not None:
            words += ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs"]
        return words


def without_solutions(exercises, folder):
    """Copy the package without the solutions and this machinery: what a skeleton may import."""
    package = Path(keras_cv_course.__file__).parent
    solutions = {Path(*module.split(".")).with_suffix(".py") for module in exercises.sources}
    for path in package.rglob("*.py"):
        name = path.relative_to(package.parent)
        if name in solutions or name.parts[1] == "classroom":
            continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / name)


def python_folders():
    """The folders of this Python outside the system's: its environment, its base, its packages."""
    wanted = {sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.path.realpath(sys.executable))}
    wanted |= {os.path.realpath(path) for path in wanted}
    wanted |= {path for path in site.getsitepackages() if os.path.isdir(path)}
    outside = {path for path in wanted if not path.startswith(SYSTEM)}
    return sorted(path for path in outside if not any(path.startswith(f"{other}/") for other in outside))


def can_run_python(user):
    """Whether another user can read this Python, with no walls to carry it in."""
    try:
        tried = subprocess.run(
            [sys.executable, "-I", "-c", "import numpy"],
            capture_output=True,
            user=user,
            group=user,
            extra_groups=[],
            cwd="/",
        )
    except PermissionError:
        return False
    return tried.returncode == 0


def _limiter(limits, user, become):
    """A function for the child: take on the limits and, where no walls do so, become another user."""

    def limit():
        import resource

        if user is not None and become:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        here = 0 if user is not None else _threads_of_this_user()
        threads = here + limits.processes + 16 * (os.cpu_count() or 1) + 64
        for what, most in (
            (resource.RLIMIT_AS, 2 * limits.memory),  # TensorFlow maps much more than it uses
            (resource.RLIMIT_DATA, limits.memory),
            (resource.RLIMIT_FSIZE, limits.file),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NOFILE, 256),
            (resource.RLIMIT_NPROC, threads),
            (resource.RLIMIT_CPU, int(20 * limits.exercise)),
        ):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(what, (most, most))

    return limit


def _threads_of_this_user():
    count = 0
    for process in psutil.process_iter(["uids", "num_threads"]):
        if process.info["uids"] and process.info["uids"].real == os.getuid():
            count += process.info["num_threads"] or 1
    return count


class Watchdog:
    """Ends a process tree that uses too much memory or has too many processes, and says so."""

    def __init__(self, limits):
        self.limits = limits
        self.forgotten = set()

    def watch(self, process):
        process.complaint = None
        threading.Thread(target=self._look, args=(process,), daemon=True).start()

    def forget(self, process):
        self.forgotten.add(process.pid)

    def _look(self, process):
        wait = threading.Event()
        while process.pid not in self.forgotten and process.poll() is None:
            with contextlib.suppress(psutil.Error):
                family = tree_of(process.pid)
                memory = memory_of(family)
                if len(family) > self.limits.processes:
                    process.complaint = f"more than {self.limits.processes} processes at once"
                elif memory > self.limits.memory:
                    process.complaint = f"more than {self.limits.memory / 2**30:g} GB of memory"
                if process.complaint:
                    end_tree(process)
                    return
            wait.wait(0.2)


def memory_of(family):
    """Bytes that some processes hold together; pages that forks share are not counted twice."""
    total = own = 0
    for member in family:
        with contextlib.suppress(psutil.Error):
            size = member.memory_info().rss
            total, own = total + size, own + size
            with contextlib.suppress(psutil.AccessDenied):
                if total > 2**30:
                    own += member.memory_full_info().uss - size
    return own


def tree_of(number):
    """A process and all that descend from it."""
    parent = psutil.Process(number)
    return [parent, *parent.children(recursive=True)]


def end_tree(process):
    """Kill a process, its descendants and its session, until none is left: a fork bomb goes on."""
    for _ in range(50):
        family = []
        with contextlib.suppress(psutil.Error):
            family = tree_of(process.pid)
        family += [other for other in psutil.process_iter() if _session(other.pid) == process.pid]
        family = [member for member in family if member.is_running() and _alive(member)]
        if not family:
            break
        for member in family:
            with contextlib.suppress(psutil.Error):
                member.kill()
        process.poll()
    end_group(process)


def _alive(process):
    with contextlib.suppress(psutil.Error):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def _session(number):
    with contextlib.suppress(OSError):
        return os.getsid(number)
    return None
