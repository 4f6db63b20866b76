"""A file that one process holds at a time."""

import contextlib
import os
import sys
from pathlib import Path

from keras_cv_course.errors import InputError


@contextlib.contextmanager
def locked(path, said, wait=False):
    """Hold a lock file for one process; the lock falls away when the process ends, however it ends.

    Args:
        path: the file; it is made, and removed in the end.
        said: the message where another process holds it.
        wait: say the message on standard error and wait for the other process, in place of raising it.

    Raises:
        InputError: another process holds it, and this one does not wait.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as opened:
        try:
            _take(opened.enter_context(open(path, "a", encoding="utf-8")), path)
        except OSError:
            if not wait:
                raise InputError(said) from None
            print(said, file=sys.stderr)
            while not _waited(opened.enter_context(open(path, "a", encoding="utf-8")), path):
                pass  # its holder has removed the file: the next one is another file
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                os.unlink(path)


def _take(file, path, wait=False):
    """Lock an open file for this process, or raise OSError at once; also where its holder has just removed it."""
    if os.name == "posix":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        if not os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
            raise OSError("another process made it anew")
    else:
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)


def _waited(file, path):
    """Whether the lock is this process' now; LK_LOCK of Windows gives up after ten seconds, and is asked again."""
    try:
        _take(file, path, wait=True)
    except OSError:
        return False
    return True
