"""day3.denoise: Sends 48 MB of JSON, which would become gigabytes of dictionaries."""

import struct
import sys
import time

frame = sys._getframe()
while "answers" not in frame.f_locals:
    frame = frame.f_back
answers = frame.f_locals["answers"]


def psnr(truth, estimate):
    text = b'{"result": [' + b"{}," * 16_000_000 + b"1]}"
    answers.write(struct.pack("<QQ", len(text), 0))
    answers.write(text)
    answers.flush()
    time.sleep(300)
