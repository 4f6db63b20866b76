"""day3.denoise: Keeps memory in files that no process maps."""

import os
import time


def psnr(truth, estimate):
    piece, files = b"x" * 2**20, []
    for number in range(50):
        files.append(os.memfd_create(f"m{number}"))
        for _ in range(60):
            os.write(files[-1], piece)
    time.sleep(3)
    raise RuntimeError("3 GB in memory files")
