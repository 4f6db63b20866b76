"""The exercises of day1.convolution: from the formula of the feature map to a network of windows."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, expect
from keras_cv_course.classroom.example_images import digits
from keras_cv_course.classroom.shared_checks import all_refused
from sprints.day1.exercises.convolution_network import model
from sprints.day1.exercises.slow_convolution import convolved, windows_by_hand

sizes = Exercise(
    "sizes",
    "how many windows fit along one axis",
    definitions=("feature_map_size",),
    points=1,
    hints=(
        "`added_pixels` above, which is given, says what the padding adds. The first window starts at 0, the "
        "last must end inside: how many strides fit between the two?",
        "What to reach: 7 pixels and a kernel of 3 make 5 windows, 3 at stride 2, 7 with padding 1.",
    ),
)
parameters = Exercise(
    "parameters",
    "the number of trainable parameters of a convolution",
    definitions=("convolution_parameters",),
    points=1,
    hints=(
        "One kernel looks at a window of all input channels at once; there is one kernel an output channel, and "
        "each may have a bias. Does the size of the image matter?",
        "What to reach: 3x3, from 3 channels to 64: (3 * 3 * 3 + 1) * 64 = 1,792.",
    ),
)
convolution = Exercise(
    "convolution",
    "cut out the windows, lay every kernel on every window, sum the products",
    definitions=("sliding_windows", "conv2d"),
    points=4,
    hints=(
        "Windows first: pad with `np.pad`, then collect slices of it. Where does window (i, j) start?",
        "`feature_map_size` says how many there are; rows and columns may differ. A list of lists becomes "
        "an array whose first axes are the window's place: the images' axis has to come first again.",
        "Then conv2d: of (N, rows, columns, a, b, C) and (a, b, C, F), three axes are summed: np.tensordot.",
        "What to reach: a kernel of a 1 amid zeros gives back the image without its border.",
    ),
)
pooling = Exercise(
    "pooling",
    "the largest value, and the mean, of each window",
    definitions=("max_pool2d", "average_pool2d"),
    points=2,
    hints=(
        "`_pooling_windows` below, which is given, cuts out the windows; `fill` is what lies outside.",
        "Over which two axes of (N, rows, columns, a, b, C) does one go? Channels stay apart.",
        "What never wins a maximum? What does `np.nanmean` leave out?",
        "What to reach: [[1, 2], [3, 4]] pooled by 2 is 4, and 2.5.",
    ),
)

EXERCISES = Exercises(
    "day1.convolution",
    sources=("keras_cv_course.classify.feature_maps", "keras_cv_course.classify.global_pooling"),
    exercises=(sizes, parameters, convolution, pooling, model),
)


@sizes.check
def check_sizes_by_counting(mine, rng):
    """The number of places where a window fits, counted one by one."""
    for _ in range(40):
        kernel, stride = (int(number) for number in rng.integers(1, 6, 2))
        padding = [0, 1, 2, "valid", "same"][rng.integers(5)]
        size = int(rng.integers(kernel, 20))
        padded = size + 2 * padding if isinstance(padding, int) else size
        fits = len(range(0, size, stride))  # "same": a window begins at every stride
        if padding != "same":
            fits = sum(start + kernel <= padded for start in range(0, padded, stride))
        case = f"windows for size {size}, kernel {kernel}, stride {stride}, padding {padding!r}"
        attempt = "floor((N + 2p - k) / s) + 1, with what `added_pixels` adds in place of 2p"
        equal_to(mine.feature_map_size(size, kernel, stride, padding), fits, case, attempt)


@sizes.check
def check_kernels_that_do_not_fit_are_refused(mine):
    """A kernel larger than the padded image is refused; one as large as it is not."""
    attempt = "compare the kernel with the padded size and raise InputError"
    all_refused(mine.feature_map_size, {"a kernel of 5 on 3 pixels": (3, 5)}, attempt)
    equal_to(mine.feature_map_size(3, 5, 1, 1), 1, "windows of 5 on 3 pixels with 1 around", attempt)


@parameters.check
def check_parameters_by_counting(mine, rng):
    """The numbers in an array of kernels and in one of biases."""
    attempt = "kernel area times input channels, and one bias if there are any, for each output channel"
    for _ in range(20):
        rows, columns, channels, count = (int(number) for number in rng.integers(1, 12, 4))
        kernel, bias = (rows if rows == columns else (rows, columns)), bool(rng.integers(2))
        expected = rows * columns * channels * count + (count if bias else 0)
        case = f"parameters of kernel {kernel}, {channels} -> {count} channels, bias={bias}"
        equal_to(mine.convolution_parameters(kernel, channels, count, bias), expected, case, attempt)
    equal_to(mine.convolution_parameters(11, 3, 64), 23_296, "parameters of AlexNet's first layer", attempt)


@parameters.check
def check_bad_numbers_are_refused(mine):
    """Numbers below 1 are refused."""
    all_refused(mine.convolution_parameters, {f"{case}": case for case in ((0, 3, 8), (3, 0, 8), (3, 3, 0))})


@convolution.check(points=1)
def check_windows(mine, rng):
    """Each window is what lies under the kernel there: random sizes, strides, paddings and fills."""
    attempt = "window (i, j) starts at row i * stride, column j * stride of the padded image"
    for _ in range(8):
        images, kernel, stride, padding = _random_case(rng)
        expected, case = windows_by_hand(images, kernel, stride, padding, 7.0), (kernel, stride, padding)
        received = mine.sliding_windows(images, *case, 7.0)
        close_to(received, expected, 0, f"windows (kernel, stride and padding {case})", attempt)


@convolution.check
def check_identity_kernel(mine, rng):
    """A kernel with 1 in its middle gives the image back; 1 at its right shifts it."""
    images = rng.standard_normal((2, 6, 7, 1))
    attempt = "no flip: the kernel is laid on the window as it is"
    for column in (1, 2):
        kernel = np.zeros((3, 3, 1, 1))
        kernel[1, column] = 1
        expected, case = images[:, 1:-1, column : column + 5], f"image through a 1 in column {column}"
        close_to(mine.conv2d(images, kernel), expected, 1e-12, case, attempt)


@convolution.check
def check_against_loops(mine, rng):
    """Random kernels, biases, strides and paddings agree with the sum written out, pixel by pixel."""
    attempt = "with 'same' padding the odd pixel comes after the image; each map has one bias, added once"
    for _ in range(12):
        images, kernel, stride, padding = _random_case(rng)
        kernels, bias = rng.standard_normal((*kernel, images.shape[-1], 3)), rng.standard_normal(3)
        expected = convolved(images, kernels, 0, stride, padding)
        case = f"feature maps (kernel {kernel}, stride {stride}, {padding})"
        close_to(mine.conv2d(images, kernels, bias, stride, padding), expected + bias, 1e-9, case, attempt)
        close_to(mine.conv2d(images, kernels, None, stride, padding), expected, 1e-9, case, attempt)


@convolution.check
def check_wrong_shapes_are_refused(mine, rng):
    """Images without four axes, and kernels for other channels, are refused."""
    all_refused(mine.sliding_windows, {"images of shape (5, 5, 1)": (rng.random((5, 5, 1)), 3)})
    images, kernels = rng.random((1, 5, 5, 3)), rng.random((3, 3, 2, 4))
    all_refused(mine.conv2d, {"kernels for 2 channels on images of 3": (images, kernels)})


@convolution.shows
def image_of_edges(mine):
    """The left edges of four digits."""
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], "float64")[..., None, None]
    maps = np.asarray(mine.conv2d(digits(0, 3, 6, 8), kernel, padding="same"), "float64")
    return np.hstack(np.clip(maps[..., 0] / 8 + 0.5, 0, 1))


@pooling.check(points=1)
def check_pooling_against_loops(mine, rng):
    """Random windows, strides and paddings agree with each window taken by itself."""
    for _ in range(10):
        images, kernel, stride, padding = _random_case(rng)
        size = kernel[0]
        windows = windows_by_hand(images, (size, size), stride, padding, np.nan)
        case = f"window {size}, stride {stride}, {padding}"
        largest, means = np.nanmax(windows, axis=(3, 4)), np.nanmean(windows, axis=(3, 4))
        attempt = "one number for each window and channel; what padding adds does not count"
        close_to(mine.max_pool2d(images, size, stride, padding), largest, 1e-9, f"maxima ({case})", attempt)
        close_to(mine.average_pool2d(images, size, stride, padding), means, 1e-9, f"means ({case})", attempt)


@pooling.check
def check_added_pixels_do_not_count(mine, rng):
    """What the padding adds never wins and is not averaged."""
    images = -1 - rng.random((1, 5, 5, 2))
    attempt = "fill with what cannot win, and with what the mean leaves out"
    largest = np.asarray(mine.max_pool2d(images, 3, 2, "same"))
    expect(largest.max() <= -1, "maxima of -1 or less", largest, attempt)
    corner = np.asarray(mine.average_pool2d(images, 2, 2, "same"))[0, 2, 2]
    close_to(corner, images[0, 4, 4], 1e-12, "mean of the one pixel in the corner", attempt)


@pooling.shows
def image_of_maxima(mine):
    """The maxima of four digits' windows of 3x3 pixels, above their means."""
    pools = (mine.max_pool2d, mine.average_pool2d)
    rows = [np.hstack(np.asarray(pool(digits(0, 3, 6, 8, times=6), 3))[..., 0]) for pool in pools]
    return np.vstack(rows)


def _random_case(rng):
    """Images, (rows, columns) of a kernel that fits, stride, padding."""
    kernel, stride = tuple(int(side) for side in rng.integers(1, 4, 2)), int(rng.integers(1, 4))
    images = rng.standard_normal((2, int(rng.integers(4, 9)), int(rng.integers(4, 9)), 2))
    return images, kernel, stride, str(rng.choice(["valid", "same"]))
