"""A limit on memory that the kernel itself counts: a cgroup of systemd's for each submission, where there is systemd.

What processes share, what no process maps, and the kernel's own memory on their behalf are all counted in it. See
systemd-run(1) and systemd.resource-control(5), MemoryMax.
"""

import os
import shutil
import subprocess

# What an ordinary user's systemd is reached by, and a submission is not to have.
ADDRESSES = ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")
# The limit in force, as a process in the scope sees it.
PROBE = 'cat "/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/memory.max"'


def words_of(program, memory, root):
    """The words before a command that runs it in a scope of its own.

    Args:
        program: systemd-run's path.
        memory: bytes of all processes in the scope together.
        root: whether root grades, whose scopes are the system's; else they are the user's.
    """
    words = [program, "--scope", "--quiet", "--collect"] + ([] if root else ["--user"])
    words += ["-p", f"MemoryMax={memory}", "-p", "MemorySwapMax=0", "--"]
    return words if root else [*words, "env", *(word for name in ADDRESSES for word in ("-u", name))]


def environment_for(root, environment=os.environ):
    """The variables that systemd-run needs beside those of the submission."""
    return {} if root else {name: environment[name] for name in ADDRESSES if name in environment}


def memory_scope(memory):
    """The words before a command that keep it below so many bytes; () where the kernel does not say that they do."""
    program, root = shutil.which("systemd-run"), os.getuid() == 0
    if program is None:
        return ()
    words = words_of(program, memory, root)
    environment = {"PATH": os.environ.get("PATH", os.defpath), **environment_for(root)}
    try:
        tried = subprocess.run(
            [*words, "sh", "-c", PROBE], capture_output=True, text=True, timeout=20, env=environment
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(words) if tried.stdout.strip() == str(memory) else ()


def in_words(scope):
    """Who limits a submission's memory, for the report."""
    if scope:
        return "limited by the kernel, in a control group for each submission (systemd-run, MemoryMax)"
    return (
        "counted by the grader five times a second, pages that several processes share in shares (PSS); no control "
        "groups, as systemd-run is not here, does not start, or was not asked"
    )
