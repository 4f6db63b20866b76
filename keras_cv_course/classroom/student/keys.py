"""Single keys from the terminal, without waiting for one."""

import contextlib
import os
import sys
import time


@contextlib.contextmanager
def key_reader():
    """A function (seconds) -> the key that was pressed within that time, or "".

    Without a terminal it waits and gives back "". The terminal is put back as it was, whatever happens.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield _wait
        return
    try:
        import termios
    except ImportError:
        yield _windows_key
        return
    import select
    import tty

    before = termios.tcgetattr(sys.stdin)

    def key(seconds):
        if select.select([sys.stdin], [], [], seconds)[0]:
            # Past Python's own buffer, in which a second key would wait unseen for a third.
            return os.read(sys.stdin.fileno(), 1).decode("ascii", "replace") or "q"
        return ""

    try:
        tty.setcbreak(sys.stdin)
        yield key
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _wait(seconds):
    time.sleep(seconds)
    return ""


def _windows_key(seconds):
    import msvcrt

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if msvcrt.kbhit():
            return msvcrt.getwch()
        time.sleep(0.05)
    return ""
