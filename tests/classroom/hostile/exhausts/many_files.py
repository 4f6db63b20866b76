"""day3.denoise: Makes as many empty files as it can."""

import os


def psnr(truth, estimate):
    folder = os.environ["TMPDIR"]
    for number in range(1_000_000):
        os.close(os.open(f"{folder}/{number}", os.O_CREAT | os.O_WRONLY))
    raise RuntimeError("a million files")
