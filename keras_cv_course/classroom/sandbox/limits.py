"""What one submission may use, and how its process takes these limits on itself."""

import contextlib
import os
import sys
from dataclasses import dataclass

from keras_cv_course.classroom.sandbox import syscalls


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Args:
        request: seconds for one call, of the submission's own time (see `time_used`).
        exercise: seconds for one exercise, likewise.
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


def limiter(limits, user, filtering, sandboxed):
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
