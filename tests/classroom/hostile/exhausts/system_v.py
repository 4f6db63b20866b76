"""day3.denoise: Leaves filled System V segments behind."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def psnr(truth, estimate):
    libc.shmat.restype = ctypes.c_void_p
    libc.shmget.argtypes = [ctypes.c_int, ctypes.c_size_t, ctypes.c_int]
    libc.shmdt.argtypes = [ctypes.c_void_p]
    made = []
    for _ in range(3):
        number = libc.shmget(0, 50 * 2**20, 0o1600)
        if number < 0:
            raise RuntimeError("no System V segment to be had")
        place = libc.shmat(number, None, 0)
        ctypes.memset(place, 1, 50 * 2**20)
        libc.shmdt(place)
        made.append(number)
    raise RuntimeError(f"segments {made}")
