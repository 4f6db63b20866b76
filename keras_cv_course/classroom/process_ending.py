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
    """An exit code in words."""
    if code is None:
        return "for no known reason"
    if code < 0 or code > 128:  # the kernel's way to say it, and the shell's
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(abs(code) % 128).name}"
    return f"exit code {code}"
