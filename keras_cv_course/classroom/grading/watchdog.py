"""Counts what a submission uses, and ends all that it has started."""

import contextlib
import os
import threading
import time

import psutil

from keras_cv_course.classroom.remote import end_group

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


def tree_of(number):
    """A process and all that descend from it."""
    parent = psutil.Process(number)
    return [parent, *parent.children(recursive=True)]


def end_tree(process):
    """Kill a process, its descendants and its session, until none is left: a fork bomb goes on."""
    for _ in range(50):
        family = []
        with contextlib.suppress(psutil.Error):
            family = tree_of(process.pid)
        family += [other for other in psutil.process_iter() if _session(other.pid) == process.pid]
        family = [member for member in family if member.is_running() and _alive(member)]
        if not family:
            break
        for member in family:
            with contextlib.suppress(psutil.Error):
                member.kill()
        process.poll()
    end_group(process)


def end_all_of_user(user, seconds=5):
    """Kill every process of a user who has nothing else here; only root may."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        left = []
        for process in psutil.process_iter(["uids"]):
            if process.info["uids"] and user in process.info["uids"] and _alive(process):
                left.append(process)
        if not left:
            return
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()


def adopt():
    """Let orphans of our workers become our own children (prctl(2), PR_SET_CHILD_SUBREAPER), to be ended by us."""
    with contextlib.suppress(Exception):
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def end_strays(known):
    """End every child of ours that is none of the known processes: what a submission left behind.

    Args:
        known: process numbers that stay.
    """
    for child in psutil.Process().children():
        if child.pid not in known:
            with contextlib.suppress(psutil.Error, OSError):
                for member in reversed(tree_of(child.pid)):
                    member.kill()
                os.waitpid(child.pid, os.WNOHANG)


def _alive(process):
    with contextlib.suppress(psutil.Error):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def _session(number):
    with contextlib.suppress(OSError):
        return os.getsid(number)
    return None
