"""End a process with its group, and say how it has ended."""

import contextlib
import os
import signal


def end_group(process):
    """Kill a process and its process group, and wait for it."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def ending(code):
    if code is None:
        return "for no known reason"
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
