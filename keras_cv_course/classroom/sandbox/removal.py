"""Remove what a submission has left in a folder, whatever it has made of it."""

import contextlib
import itertools
import os
import secrets


def remove_tree(folder):
    """Remove a folder with all that is in it; what cannot be removed stays, and no error is raised.

    Folders without rights, nested deeper than a path can say or Python can recurse, links: folders inside are moved
    to the top before they are emptied, so none is ever deeper than two.
    """
    with contextlib.suppress(OSError):
        os.chmod(folder, 0o700)
    with contextlib.suppress(OSError):
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            _empty(top)
        finally:
            os.close(top)
        os.rmdir(folder)


def _empty(top):
    token, numbers = secrets.token_hex(8), itertools.count()
    todo = os.listdir(top)
    while todo:
        name = todo.pop()
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=top)
            continue
        with contextlib.suppress(OSError):
            below = _opened(name, top)
            try:
                for inner in os.listdir(below):
                    with contextlib.suppress(OSError):
                        os.unlink(inner, dir_fd=below)
                        continue
                    os.close(_opened(inner, below))  # it can be moved by who may write in it
                    moved = f"{token}{next(numbers)}"
                    os.rename(inner, moved, src_dir_fd=below, dst_dir_fd=top)
                    todo.append(moved)
            finally:
                os.close(below)
            os.rmdir(name, dir_fd=top)


def _opened(name, above):
    """The number of a folder that its owner may read, write and enter again."""
    os.chmod(name, 0o700, dir_fd=above)
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
