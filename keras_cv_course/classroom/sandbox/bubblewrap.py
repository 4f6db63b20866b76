"""bubblewrap's command line: what a submission sees of this machine, and what it may write."""

import os
import shutil
import site
import subprocess
import sys
from pathlib import Path

INSIDE = "/sandbox"
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SMALL_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives")
WRITABLE = ("/tmp", "/dev/shm")


def bubblewrap():
    """The path of a bubblewrap that works here, or None."""
    program = shutil.which("bwrap")
    if program is None:
        return None
    tried = [program, "--ro-bind", "/", "/", "--unshare-all", "--die-with-parent", "true"]
    return program if subprocess.run(tried, capture_output=True).returncode == 0 else None


def words_of(program, folder, size, hidden, user=None, filtering=False):
    """The words before Python's own command: the system, Python and the worker to read; a small /tmp to write.

    Args:
        program: of `bubblewrap`.
        folder: of the sandbox, with `lib` and `worker` in it.
        size: bytes that fit into either place that can be written to.
        hidden: names of packages that are not inside, wherever this Python has them installed.
        user: number of the user that a submission runs as, where root grades; None for the user who grades.
        filtering: whether the file "filter" is passed, see `Launch`.
    """
    size = str(size)
    words = [program, "--die-with-parent", "--new-session"]
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
        for package in hidden:
            if os.path.isdir(f"{path}/{package}"):
                words += [
                    "--size",
                    "4096",
                    "--tmpfs",
                    f"{path}/{package}",
                    "--remount-ro",
                    f"{path}/{package}",
                ]
    words += ["--ro-bind", f"{folder}/lib", f"{INSIDE}/lib"]
    words += ["--ro-bind", f"{folder}/worker", f"{INSIDE}/worker"]
    words += ["--proc", "/proc", "--dev", "/dev"]
    words += ["--perms", "1777", "--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    words += ["--remount-ro", "/", "--chdir", "/tmp"]
    if filtering:
        words += ["--seccomp", "{filter}"]
    words += ["--"]
    if user is not None:
        words += ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs"]
    return words


def python_folders():
    """The folders of this Python outside the system's: its environment, its base, its packages."""
    wanted = {sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.path.realpath(sys.executable))}
    wanted |= {os.path.realpath(path) for path in wanted}
    wanted |= {path for path in site.getsitepackages() if os.path.isdir(path)}
    outside = {path for path in wanted if not path.startswith(SYSTEM)}
    return sorted(path for path in outside if not any(path.startswith(f"{other}/") for other in outside))
