"""A limit on the memory that this process may still ask for."""

import contextlib
import os
from pathlib import Path


@contextlib.contextmanager
def limited_memory(room):
    """Let this process ask the system for so many bytes more than it has; then Python raises a MemoryError.

    On Linux; elsewhere nothing is limited.
    """
    try:
        import resource

        has = int(Path("/proc/self/statm").read_text().split()[5]) * os.sysconf("SC_PAGE_SIZE")
    except (ImportError, OSError):
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_DATA)
    limits = [limit for limit in (has + room, *before) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(limits), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
