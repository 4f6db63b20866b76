"""day3.denoise: Stops reading what it is asked; the other side's pipe fills up."""

import os
import sys
import time

frame = sys._getframe()
while "requests" not in frame.f_locals:
    frame = frame.f_back
answers, requests = frame.f_locals["answers"], frame.f_locals["requests"]


def psnr(truth, estimate):
    answers.write(b"\x0c" + bytes(15) + b'{"result":1}')
    answers.flush()
    os.close(requests.fileno())
    time.sleep(300)
