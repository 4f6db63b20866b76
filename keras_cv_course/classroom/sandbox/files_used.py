"""How many files a submission has made, and their bytes: in folders that the grader sees, or in those of a sandbox."""

import contextlib
import os
import stat

import psutil

INODE = 1024  # bytes of the kernel's memory that an empty file takes, about


def below(folder, most, owner=None):
    """(number of files and folders, their bytes) below a folder; the count ends at one over the most.

    Args:
        folder: a path.
        most: files and folders.
        owner: number of a user, whose files alone are counted; None counts all.

    Raises:
        OSError: a folder cannot be looked into, as its rights or the length of its path forbid it.
    """
    found, size, todo = 0, 0, [folder]
    while todo and found <= most:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(todo.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    about = entry.stat(follow_symlinks=False)
                    if owner is not None and about.st_uid != owner:
                        continue
                    found, size = found + 1, size + 512 * about.st_blocks
                    if stat.S_ISDIR(about.st_mode):
                        todo.append(entry.path)
                if found > most:
                    break
    return found, size


def open_without_name(family):
    """Bytes of files that some processes hold open and that have no name any more.

    Args:
        family: the `psutil.Process`es.

    Raises:
        OSError: a process lets nobody look at its files.
    """
    sizes = {}
    for member in family:
        try:
            numbers = os.listdir(f"/proc/{member.pid}/fd")
        except OSError:
            if member.is_running() and member.status() != psutil.STATUS_ZOMBIE:
                raise
            continue
        for number in numbers:
            with contextlib.suppress(OSError):
                about = os.stat(f"/proc/{member.pid}/fd/{number}")
                if stat.S_ISREG(about.st_mode) and about.st_nlink == 0:
                    sizes[about.st_dev, about.st_ino] = 512 * about.st_blocks
    return sum(sizes.values())


def in_sandbox(member, places, disk):
    """(number of files, bytes of memory that they take) in a sandbox's own file systems, as a process in it sees them.

    Args:
        member: the process.
        places: where these file systems are.
        disk: bytes that each of them holds, by which they are told from those outside while the sandbox is made.
    """
    files = size = 0
    for place in places:
        with contextlib.suppress(OSError):
            found = os.statvfs(f"/proc/{member.pid}/root{place}")
            if abs(found.f_blocks * found.f_frsize - disk) <= found.f_frsize:
                own = found.f_files - found.f_ffree
                files += own
                size += (found.f_blocks - found.f_bfree) * found.f_frsize + own * INODE
    return files, size
