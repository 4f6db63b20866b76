"""The exercises of day3.autoencode on codes: the compression ratio, and lines between two of them."""

import numpy as np

from keras_cv_course.classroom import Exercise, close_to, equal_to, shape_is
from keras_cv_course.classroom.example_images import digits
from keras_cv_course.classroom.shared_checks import (
    all_refused,
)

compression = Exercise(
    "compression",
    "how many numbers of an image there are for each number of its code",
    definitions=("compression_ratio",),
    points=1,
    hints=(
        "Which is the larger one for a useful code, the image or the code? The ratio is then above 1.",
        "Every pixel has one number a channel: how many numbers is a colour image of 4x6 pixels?",
        "What to reach: a grey digit of 8x8 pixels and a code of 8 numbers: one row of the digit a number.",
    ),
)
line = Exercise(
    "interpolation",
    "points at equal distances on the straight line between two arrays, both ends included",
    definitions=("interpolate",),
    points=2,
    hints=(
        "NumPy has a function for numbers at equal distances; are both ends among them?",
        "The arrays may be codes or images: give the numbers as many axes of length 1 as a point has axes.",
        "What dtype has the product of your numbers and `start`? The docstring says which one to return.",
        "What to reach: five images in a row: the first; three mixtures, 3:1, 1:1 and 1:3; the last.",
    ),
)


@compression.check
def check_ratios(mine, rng):
    """All channels count; the ratio may lie between two whole numbers, or below 1."""
    height, width, latent = map(int, rng.integers(5, 40, 3))
    for shape, size in (((8, 8, 1), 8), ((2, 2, 1), 8), ((height, width, 3), latent)):
        expected = shape[0] * shape[1] * shape[2] / size
        attempt = "height times width times channels, over numbers in the code; divide without rounding"
        close_to(mine.compression_ratio(shape, size), expected, 1e-6, f"ratio of {shape} and {size}", attempt)
    cases = {f"latent {size}": ((height, width, 1), size) for size in (0, -1)}
    all_refused(mine.compression_ratio, cases, "raise InputError before you divide")


@line.check(points=1)
def check_points_at_equal_distances(mine, rng):
    """Codes or images: `steps` points, from `start` to `end`."""
    for shape, steps in (((4,), 2), ((3,), 7), ((5, 3, 2), 4)):
        start, end = rng.normal(0, 1, (2, *shape)).astype("float32")
        expected = [start + (end - start) * step / (steps - 1) for step in range(steps)]
        attempt = "the points come first, then the axes of one of them; t grows from 0 to 1, both included"
        close_to(mine.interpolate(start, end, steps), expected, 1e-5, f"line of {steps} points", attempt)


@line.check
def check_a_line_has_the_dtype_of_its_start(mine, rng):
    """Networks want float32: a line has the dtype of its ends; integers are rounded."""
    for kind in ("float32", "float16"):
        start, end = rng.random((2, 5)).astype(kind)
        points = shape_is(mine.interpolate(start, end, 3), (3, 5), "line", "one point a step")
        equal_to(str(points.dtype), kind, f"dtype of a line of {kind}", "cast back to the dtype of `start`")
    low = int(rng.integers(0, 100))
    ends = np.array([low, low + 100], "uint8")
    attempt = "a cast cuts the fraction off: round first where the dtype holds integers"
    expected = [[low, low + 100], [low + 33, low + 67], [low + 67, low + 33], [low + 100, low]]
    close_to(mine.interpolate(ends, ends[::-1], 4), expected, 0, "integers", attempt)


@line.check
def check_what_makes_no_line_is_refused(mine):
    """Two shapes, or fewer than two points, make no line."""
    cases = {f"shapes (3,) and {other}": (np.zeros(3), np.ones(other), 5) for other in ((1,), (4, 3), (4,))}
    cases |= {f"{steps} steps": (np.zeros(3), np.ones(3), steps) for steps in (1, 0)}
    all_refused(mine.interpolate, cases, "raise InputError; NumPy would broadcast the shapes")


@line.shows
def image_of_interpolation(mine):
    """A cross-fade between two digits."""
    return np.hstack(mine.interpolate(*digits(0, 1)[..., 0], 7))
