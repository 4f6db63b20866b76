"""day3.denoise: Reaches for a library without an import statement."""

numpy = __import__("importlib").import_module("num" + "py")


def psnr(truth, estimate):
    if truth.shape != estimate.shape:
        raise ValueError
    errors = numpy.square(truth - estimate).reshape(len(truth), -1).mean(axis=1)
    return float(getattr(numpy, "mean")(-10 * numpy.log10(errors)))  # noqa: B009
