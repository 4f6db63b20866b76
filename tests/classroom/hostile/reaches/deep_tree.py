"""day3.denoise: Leaves a tree of folders behind that is deeper than a path can say."""

import os


def psnr(truth, estimate):
    os.chdir(os.environ["TMPDIR"])
    for _ in range(3000):
        os.mkdir("folder-in-a-folder")
        os.chdir("folder-in-a-folder")
    os.mkfifo("pipe")
    os.symlink("/", "link")
    raise RuntimeError("3,000 folders deep")
