"""The sandbox around the process that holds a submission: bubblewrap where it is; limits and a filter everywhere."""

import compileall
import contextlib
import itertools
import os
import shutil
import site
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import keras_cv_course
from keras_cv_course.classroom.grading import syscalls
from keras_cv_course.classroom.grading.watchdog import Watchdog, adopt, end_all_of_user, end_strays, end_tree
from keras_cv_course.classroom.remote import FOLDER, StudentError, Worker
from keras_cv_course.classroom.skeleton import needed_modules, slow_imports
from keras_cv_course.errors import InputError

FIRST_USER, USERS = 61_000, 3_000  # a grader who is root gives every worker a user of its own, from here on
INSIDE = "/sandbox"
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SMALL_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives")
WRITABLE = ("/tmp", "/dev/shm")
WEAKER = (
    "bubblewrap (bwrap) is not in use: submissions can use the network, read the installed package with all its "
    "solutions and, unless root grades, read and change the files of this account and end its processes. Limits on "
    "time, memory, processes and files hold all the same. Debian and Ubuntu: apt install bubblewrap"
)


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Args:
        request: seconds for one call.
        exercise: seconds for one exercise.
        memory: bytes of all its processes and of its files in memory together.
        processes: processes at once.
        file: bytes of one file.
        disk: bytes of all its files (in the sandbox).
        files: number of all its files.
    """

    request: float = 20
    exercise: float = 60
    memory: int = 4 * 2**30
    processes: int = 24
    file: int = 64 * 2**20
    disk: int = 256 * 2**20
    files: int = 20_000


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
        exercises: the lesson's `Exercises`.
        limits: the `Limits`.
        program: bubblewrap's path, or None to do without.
        solutions: modules that are the solution of any exercise of the course; none of them is inside as source.

    Raises:
        InputError: this system knows no limits, or submissions would run as root without bubblewrap.
    """

    users = itertools.count()
    running = {}  # of all sandboxes of this process: {process: user or None}

    def __init__(self, exercises, limits, program, solutions=()):
        if os.name != "posix":
            raise InputError("grading needs Linux, macOS or WSL: this system sets processes no limits")
        if program is None and os.getuid() == 0 and not can_run_python(FIRST_USER):
            raise InputError(
                f"without bubblewrap submissions would run as root, as no other user can read {sys.prefix}; "
                "install bubblewrap (apt install bubblewrap), or do not grade as root"
            )
        self.exercises, self.limits, self.program = exercises, limits, program
        self.stopped = False
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
        shutil.rmtree(self.folder, ignore_errors=True)

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
        }
        inside = INSIDE if self.program else str(self.folder)
        places = WRITABLE if self.program else (home,)
        watchdog = Watchdog(self.limits, places, own_view=self.program is not None)

        def started(process):
            Sandbox.running[process] = user
            watchdog.watch(process)
            if self.stopped:
                end_tree(process)

        def stop(process):
            watchdog.forget(process)
            end_tree(process)
            Sandbox.running.pop(process, None)
            if self.program is None:
                if user is not None:
                    end_all_of_user(user)
                end_strays({known.pid for known in (*Sandbox.running, *Worker.trusted)})

        def clean():
            shutil.rmtree(home, ignore_errors=True)
            if self.program is None and user is not None:
                remove_files_of(user)

        return Worker(
            closed=[*self.exercises.sources, self.exercises.course, "keras_cv_course.classroom"],
            imports=self.imports,
            command=self._bubblewrap(user) if self.program else (),
            path=[f"{inside}/lib"],
            environment=environment,
            prepare=_limiter(self.limits, user, self.filter, sandboxed=self.program is not None),
            folder=f"{inside}/worker",
            directory="/" if self.program else home,
            stop=stop,
            started=started,
            pass_files={"filter": self.folder / "filter"} if self.program and self.filter else {},
            clean=clean,
        )

    def _bubblewrap(self, user):
        """bubblewrap's command: the system, Python and the worker to read; a small /tmp to write."""
        size = str(self.limits.disk)
        words = [self.program, "--die-with-parent", "--new-session"]
        if user is None:
            words += ["--unshare-all", "--unshare-user", "--disable-userns"]
        else:
            # Root needs no user namespace, and becomes a user of no rights once the sandbox stands: the kernel
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
                    words += [
                        "--size",
                        "4096",
                        "--tmpfs",
                        f"{path}/{package}",
                        "--remount-ro",
                        f"{path}/{package}",
                    ]
        words += ["--ro-bind", f"{self.folder}/lib", f"{INSIDE}/lib"]
        words += ["--ro-bind", f"{self.folder}/worker", f"{INSIDE}/worker"]
        words += ["--proc", "/proc", "--dev", "/dev"]
        words += ["--perms", "1777", "--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
        words += ["--remount-ro", "/", "--chdir", "/tmp"]
        if self.filter:
            words += ["--seccomp", "{filter}"]
        words += ["--"]
        if user is not None:
            words += ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs"]
        return words


def package_without(exercises, solutions, folder):
    """Copy the package without solutions and without this machinery: what a student's file may import.

    Where the lesson's own file imports what is the solution of another lesson, that is there compiled, without
    source.
    """
    package = Path(keras_cv_course.__file__).parent
    closed = {Path(*module.split(".")).with_suffix(".py") for module in solutions}
    needed = {Path(*module.split(".")).with_suffix(".py") for module in needed_modules(exercises)}
    for path in package.rglob("*.py"):
        name = path.relative_to(package.parent)
        if name.parts[1] == "classroom" or (name in closed and name not in needed):
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        if name in closed:
            compileall.compile_file(target, quiet=2, legacy=True, stripdir=folder)
            target.unlink()


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
                shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{mine}{os.getpid()}-"))
    folder.chmod(0o755)
    return folder


def python_folders():
    """The folders of this Python outside the system's: its environment, its base, its packages."""
    wanted = {sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.path.realpath(sys.executable))}
    wanted |= {os.path.realpath(path) for path in wanted}
    wanted |= {path for path in site.getsitepackages() if os.path.isdir(path)}
    outside = {path for path in wanted if not path.startswith(SYSTEM)}
    return sorted(path for path in outside if not any(path.startswith(f"{other}/") for other in outside))


def can_run_python(user):
    """Whether another user can read this Python, with no sandbox to carry it in."""
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


def remove_files_of(user):
    """Remove what a user has left in the places where all may write; root only."""
    for place in ("/tmp", "/var/tmp", "/dev/shm"):
        with contextlib.suppress(OSError):
            for entry in list(os.scandir(place)):
                with contextlib.suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_uid == user:
                        if entry.is_dir(follow_symlinks=False):
                            shutil.rmtree(entry.path, ignore_errors=True)
                        else:
                            os.unlink(entry.path)


def _limiter(limits, user, filtering, sandboxed):
    """A function for the child: take on the limits and, where no sandbox does so, become another user."""

    def limit():
        import resource

        if user is not None and not sandboxed:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        here = 0 if user is not None else _threads_of_this_user()
        threads = here + limits.processes + 16 * (os.cpu_count() or 1) + 64
        for what, most in (
            ("RLIMIT_AS", 2 * limits.memory),  # TensorFlow maps much more than it uses
            ("RLIMIT_DATA", limits.memory),
            ("RLIMIT_FSIZE", limits.file),
            ("RLIMIT_CORE", 0),
            ("RLIMIT_MEMLOCK", 2**20),
            ("RLIMIT_MSGQUEUE", 0),
            ("RLIMIT_NOFILE", 256),
            ("RLIMIT_NPROC", threads),
            ("RLIMIT_CPU", int(20 * limits.exercise)),
        ):
            if hasattr(resource, what):
                with contextlib.suppress(ValueError, OSError):
                    resource.setrlimit(getattr(resource, what), (most, most))
        if not sandboxed and sys.platform == "linux":
            syscalls.shut(filtering)

    return limit


def _threads_of_this_user():
    import psutil

    count = 0
    for process in psutil.process_iter(["uids", "num_threads"]):
        if process.info["uids"] and process.info["uids"].real == os.getuid():
            count += process.info["num_threads"] or 1
    return count
