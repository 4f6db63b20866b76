"""day3.denoise: Raises an exception whose class has a name of 60 MB."""


def psnr(truth, estimate):
    raise type("K" * 60_000_000, (Exception,), {})("x")
