"""Counts what a submission uses, and ends it where that is too much."""

import contextlib
import os
import threading

import psutil

from keras_cv_course.classroom.sandbox.process_tree import end_tree, tree_of

LOOK = 0.2  # seconds between two counts
INODE = 1024  # bytes of the kernel's memory that an empty file takes, about


class Watchdog:
    """Ends a process tree that uses too much memory, or has too many processes or files, and says so.

    Args:
        limits: the `Limits`.
        places: folders in which the processes may write, as they see them.
        own_view: whether the processes see folders of their own under these names (in a sandbox).
    """

    def __init__(self, limits, places=(), own_view=True):
        self.limits, self.places, self.own_view = limits, places, own_view
        self.forgotten = set()

    def watch(self, process):
        process.complaint = None
        threading.Thread(target=self._look, args=(process,), daemon=True).start()

    def forget(self, process):
        self.forgotten.add(process.pid)

    def _look(self, process):
        wait = threading.Event()
        while process.pid not in self.forgotten and process.poll() is None:
            with contextlib.suppress(psutil.Error):
                process.complaint = self.complaint(tree_of(process.pid))
                if process.complaint:
                    end_tree(process)
                    return
            wait.wait(LOOK)

    def complaint(self, family):
        """What some processes use too much of, in words; None where all is well."""
        limits = self.limits
        if len(family) > limits.processes:
            return f"more than {limits.processes} processes at once"
        files, size = self.files_of(family)
        if files > limits.files:
            return f"more than {limits.files:,} files"
        if memory_of(family) + size > limits.memory:
            return f"more than {limits.memory / 2**30:g} GB of memory"
        return None

    def files_of(self, family):
        """How many files lie in the places, and bytes of memory that they take."""
        if not self.own_view:
            return sum(_count(place, self.limits.files) for place in self.places), 0
        files = size = 0
        for member in family[-1:]:
            for place in self.places:
                with contextlib.suppress(OSError):
                    # Their tmpfs, as the processes see it; before the sandbox stands, they see the house's.
                    found = os.statvfs(f"/proc/{member.pid}/root{place}")
                    if abs(found.f_blocks * found.f_frsize - self.limits.disk) <= found.f_frsize:
                        own = found.f_files - found.f_ffree
                        files += own
                        size += (found.f_blocks - found.f_bfree) * found.f_frsize + own * INODE
        return files, size


def memory_of(family):
    """Bytes that some processes hold together: each page that several share is counted in shares (PSS)."""
    total = sum(_resident(member) for member in family)
    if total < 2**28:  # not even with everything counted twice
        return total
    return sum(_proportional(member) for member in family)


def _resident(member):
    with contextlib.suppress(psutil.Error):
        return member.memory_info().rss
    return 0


def _proportional(member):
    with contextlib.suppress(psutil.Error):
        full = member.memory_full_info()
        return getattr(full, "pss", full.rss)
    return _resident(member)


def _count(folder, most):
    """How many files and folders lie in a folder; no more are counted than one over the most."""
    found, todo = 0, [folder]
    while todo and found <= most:
        with contextlib.suppress(OSError), os.scandir(todo.pop()) as entries:
            for entry in entries:
                found += 1
                if found > most:
                    break
                if entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)
    return found
