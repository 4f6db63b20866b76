"""Counts what a submission uses, and ends it where that is too much."""

import contextlib
import threading

import psutil

from keras_cv_course.classroom.sandbox import files_used
from keras_cv_course.classroom.sandbox.process_tree import end_tree, tree_of

LOOK = 0.2  # seconds between two counts


class Watchdog:
    """Ends a process tree that uses too much memory, or has too many processes or files, and says so.

    Args:
        limits: the `Limits`.
        places: folders in which the processes may write, as they see them.
        own_view: whether the processes see folders of their own under these names (in a sandbox).
        owner: number of the user whose files alone are counted; None counts all.
    """

    def __init__(self, limits, places=(), own_view=True, owner=None):
        self.limits, self.places, self.own_view, self.owner = limits, places, own_view, owner
        self.forgotten = set()

    def watch(self, process):
        process.complaint = None
        threading.Thread(target=self._look, args=(process,), daemon=True).start()

    def forget(self, process):
        self.forgotten.add(process)

    def _look(self, process):
        wait = threading.Event()
        while process not in self.forgotten and process.poll() is None:
            try:
                process.complaint = self.complaint(tree_of(process.pid))
            except psutil.Error:  # a process that has just ended
                pass
            except Exception as error:  # who cannot be watched does not go on
                process.complaint = f"it could not be watched ({type(error).__name__})"
            if process.complaint:
                end_tree(process)
                return
            wait.wait(LOOK)

    def complaint(self, family):
        """What some processes use too much of, in words; None where all is well."""
        limits = self.limits
        if len(family) > limits.processes:
            return f"more than {limits.processes} processes at once"
        try:
            files, on_disk, in_memory = self.files_of(family)
        except OSError:
            return "a folder that cannot be looked into"
        if files > limits.files:
            return f"more than {limits.files:,} files"
        if on_disk > limits.disk:
            return f"more than {limits.disk / 2**20:g} MB in files"
        if memory_of(family) + in_memory > limits.memory:
            return f"more than {limits.memory / 2**30:g} GB of memory"
        return None

    def files_of(self, family):
        """How many files lie in the places, their bytes on the disk, and in memory.

        Raises:
            OSError: one of the folders cannot be looked into.
        """
        if self.own_view:
            files, in_memory = files_used.in_sandbox(family[-1], self.places, self.limits.disk)
            return files, 0, in_memory
        found = [files_used.below(place, self.limits.files, self.owner) for place in self.places]
        on_disk = sum(size for _, size in found) + files_used.open_without_name(family)
        return sum(count for count, _ in found), on_disk, 0


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
