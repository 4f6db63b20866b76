"""The exercises of day1.convolution: from the formula of the feature map to a network of windows."""

import numpy as np

from keras_cv_course.classroom import (
    Exercise,
    Exercises,
    close_to,
    equal_to,
    expect,
    refuses,
    shape_is,
)
from keras_cv_course.classroom.remote import value

sizes = Exercise(
    "sizes",
    "how many windows fit along one axis",
    definitions=("feature_map_size",),
    points=1,
    hints=(
        "`added_pixels` above, which is given, says how many pixels the padding adds before and after.",
        "The first window starts at 0. The last must end inside: how many strides fit between the two?",
        "What to reach: 7 pixels and a kernel of 3 make 5 windows, 3 at stride 2, 7 with padding 1.",
    ),
)
parameters = Exercise(
    "parameters",
    "the number of trainable parameters of a convolution",
    definitions=("convolution_parameters",),
    points=1,
    hints=(
        "One kernel looks at a window of all input channels at once; there is one kernel an output channel.",
        "Each kernel may have a bias. Does the size of the image matter?",
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
model = Exercise(
    "model",
    "convolutions, the largest value of every feature map, and one dense layer of logits",
    definitions=(
        "GlobalPoolingClassifier.__init__",
        "GlobalPoolingClassifier.build",
        "GlobalPoolingClassifier.endpoints",
        "GlobalPoolingClassifier.call",
    ),
    points=4,
    hints=(
        "Keep every argument under its own name: `get_config` below, which is given, reads them.",
        "3x3 kernels, 'same' padding, ReLU; then `GlobalMaxPooling2D`; then a dense layer, no activation.",
        "`endpoints` gives back a dictionary: conv1, conv2 ... and features, which is the last of them.",
        "`build` can call the network on `keras.KerasTensor(input_shape)`; it sets `self.built`.",
        "What to reach: an image moved by three pixels gets the same logits.",
    ),
)

EXERCISES = Exercises(
    "day1.convolution",
    sources=("keras_cv_course.classify.feature_maps", "keras_cv_course.classify.global_pooling"),
    exercises=(sizes, parameters, convolution, pooling, model),
)


@sizes.check
def check_sizes_by_hand(mine):
    """Sizes that can be counted on paper."""
    attempt = "floor((N + 2p - k) / s) + 1, with what `added_pixels` adds in place of 2p"
    for arguments, windows in (
        ((7, 3), 5), ((7, 3, 2), 3), ((8, 3, 2), 3), ((7, 1), 7), ((5, 5), 1), ((7, 3, 1, 1), 7),
        ((224, 7, 2, 3), 112), ((8, 3, 2, "same"), 4), ((7, 4, 3, "same"), 3), ((6, 2, 5), 1),
    ):  # fmt: skip
        equal_to(mine.feature_map_size(*arguments), windows, f"windows for {arguments}", attempt)


@sizes.check
def check_sizes_by_counting(mine, rng):
    """The number of places where a window fits, counted one by one."""
    for _ in range(30):
        kernel, stride, padding = int(rng.integers(1, 6)), int(rng.integers(1, 5)), int(rng.integers(0, 3))
        size = int(rng.integers(kernel, 20))
        places = sum(start + kernel <= size + 2 * padding for start in range(0, size + 2 * padding, stride))
        case = f"size {size}, kernel {kernel}, stride {stride}, padding {padding}"
        received = mine.feature_map_size(size, kernel, stride, padding)
        equal_to(received, places, f"windows for {case}", "draw the windows on squared paper and count them")


@sizes.check
def check_kernels_that_do_not_fit_are_refused(mine):
    """A kernel larger than the padded image is refused."""
    attempt = "compare the kernel with the padded size and raise InputError"
    refuses(mine.feature_map_size, 3, 5, what="a kernel of 5 on 3 pixels", attempt=attempt)
    equal_to(mine.feature_map_size(3, 5, 1, 1), 1, "windows of 5 on 3 pixels with 1 around", attempt)


@parameters.check
def check_parameters_by_hand(mine):
    """Layers of published networks."""
    attempt = "kernel area times input channels, and one bias, for each output channel"
    for arguments, count in (
        ((3, 3, 64), 1_792), ((5, 1, 6), 156), ((5, 6, 16), 2_416), ((1, 256, 64), 16_448),
        ((11, 3, 64), 23_296), (((3, 5), 2, 4), 124),
    ):  # fmt: skip
        equal_to(mine.convolution_parameters(*arguments), count, f"parameters of {arguments}", attempt)
    without = mine.convolution_parameters(7, 3, 64, bias=False)
    equal_to(without, 9_408, "parameters of (7, 3, 64) without bias", attempt)


@parameters.check
def check_bad_numbers_are_refused(mine):
    """Numbers below 1 are refused."""
    attempt = "raise InputError as the docstring says"
    for arguments in ((0, 3, 8), (3, 0, 8), (3, 3, 0)):
        refuses(mine.convolution_parameters, *arguments, what=f"{arguments}", attempt=attempt)


@convolution.check
def check_windows_by_hand(mine):
    """Windows of a counted image."""
    image = np.arange(12.0).reshape(1, 3, 4, 1)
    windows = shape_is(
        mine.sliding_windows(image, (2, 3)), (1, 2, 2, 2, 3, 1), "windows", "(N, rows, columns, a, b, C)"
    )
    attempt = "window (i, j) starts at row i * stride, column j * stride of the padded image"
    close_to(windows[0, 1, 1, ..., 0], [[5, 6, 7], [9, 10, 11]], 0, "the last window", attempt)
    padded = mine.sliding_windows(image, 2, 2, 1, -1.0)
    close_to(padded[0, 0, 0, ..., 0], [[-1, -1], [-1, 0]], 0, "the first window, padded with -1", attempt)


@convolution.check
def check_identity_kernel(mine, rng):
    """A kernel with 1 in its middle gives the image back; 1 at its right shifts it."""
    images = rng.standard_normal((2, 6, 7, 1))
    attempt = "no turning round: the kernel is laid on the window as it is"
    for column in (1, 2):
        kernel = np.zeros((3, 3, 1, 1))
        kernel[1, column] = 1
        expected = images[:, 1:-1, column : column + 5]
        close_to(
            mine.conv2d(images, kernel), expected, 1e-12, f"image through a 1 in column {column}", attempt
        )


@convolution.check
def check_one_by_one(mine, rng):
    """1x1 kernels mix the channels of each pixel; the bias is added once."""
    images, kernels, bias = rng.random((2, 3, 4, 3)), rng.random((1, 1, 3, 2)), rng.random(2)
    attempt = "a 1x1 convolution is one product of matrices at every pixel, plus the bias"
    close_to(mine.conv2d(images, kernels, bias), images @ kernels[0, 0] + bias, 1e-12, "pixels", attempt)


@convolution.check
def check_against_loops(mine, rng):
    """Random kernels, strides and paddings agree with the sum written out, pixel by pixel."""
    attempt = "with 'same' padding the odd pixel comes after the image; strides go both ways"
    for _ in range(20):
        rows, columns, stride = (int(number) for number in rng.integers(1, 4, 3))
        padding = str(rng.choice(["valid", "same"]))
        images = rng.standard_normal((2, int(rng.integers(4, 9)), int(rng.integers(4, 9)), 2))
        kernels = rng.standard_normal((rows, columns, 2, 3))
        windows = _windows_by_hand(images, (rows, columns), stride, padding, 0.0)
        expected = np.array([
            [
                [[np.sum(window * kernels[..., f]) for f in range(3)] for window in row]
                for row in of_image
            ]
            for of_image in windows
        ])  # fmt: skip
        case = f"feature maps (kernel {rows}x{columns}, stride {stride}, {padding})"
        close_to(mine.conv2d(images, kernels, None, stride, padding), expected, 1e-9, case, attempt)


@convolution.check
def check_shift(mine, rng):
    """Shifting the image shifts the feature map by as much."""
    images, kernels = rng.random((1, 9, 9, 1)), rng.standard_normal((3, 3, 1, 2))
    before = np.asarray(mine.conv2d(images, kernels))
    after = mine.conv2d(np.roll(images, (2, 1), (1, 2)), kernels)
    expect(np.ndim(after) == 4, "four axes", after, "(N, rows, columns, F)")
    close_to(
        np.asarray(after)[:, 2:, 1:], before[:, :-2, :-1], 1e-12, "shifted map", "same weights in every place"
    )


@convolution.check
def check_wrong_shapes_are_refused(mine, rng):
    """Images without four axes, and kernels for other channels, are refused."""
    attempt = "raise InputError as the docstrings say"
    refuses(mine.sliding_windows, rng.random((5, 5, 1)), 3, what="images of shape (5, 5, 1)", attempt=attempt)
    images, kernels = rng.random((1, 5, 5, 3)), rng.random((3, 3, 2, 4))
    refuses(mine.conv2d, images, kernels, what="kernels for 2 channels on images of 3", attempt=attempt)


@convolution.shows
def image_of_edges(mine):
    """The left edges of four digits."""
    from sklearn.datasets import load_digits

    digits = np.kron(load_digits().images[[0, 3, 6, 8], ..., None] / 16, np.ones((1, 3, 3, 1)))
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], "float64")[..., None, None]
    maps = np.asarray(mine.conv2d(digits, kernel, padding="same"), "float64")
    return np.hstack(np.clip(maps[..., 0] / 8 + 0.5, 0, 1))


@pooling.check
def check_pooling_by_hand(mine):
    """Four windows of a counted image, two channels."""
    image = np.stack([np.arange(16.0).reshape(4, 4), -np.arange(16.0).reshape(4, 4)], axis=-1)[None]
    attempt = "one number for each window and channel"
    largest = [[[5, 0], [7, -2]], [[13, -8], [15, -10]]]
    close_to(mine.max_pool2d(image)[0], largest, 0, "largest values", attempt)
    mean = [[[2.5, -2.5], [4.5, -4.5]], [[10.5, -10.5], [12.5, -12.5]]]
    close_to(mine.average_pool2d(image)[0], mean, 1e-12, "means", attempt)


@pooling.check
def check_added_pixels_do_not_count(mine, rng):
    """What the padding adds never wins and is not averaged."""
    images = -1 - rng.random((1, 5, 5, 2))
    attempt = "fill with what cannot win, and with what the mean leaves out"
    largest = mine.max_pool2d(images, 3, 2, "same")
    expect(np.asarray(largest).max() <= -1, "largest values of -1 or less", largest, attempt)
    mean = mine.average_pool2d(images, 2, 2, "same")
    close_to(
        np.asarray(mean)[0, 2, 2], images[0, 4, 4], 1e-12, "mean of the one pixel in the corner", attempt
    )


@pooling.check
def check_pooling_against_loops(mine, rng):
    """Random sizes, strides and paddings agree with each window taken by itself."""
    for _ in range(10):
        size, stride = int(rng.integers(1, 4)), int(rng.integers(1, 4))
        padding = str(rng.choice(["valid", "same"]))
        images = rng.standard_normal((2, 7, 6, 3))
        windows = _windows_by_hand(images, (size, size), stride, padding, np.nan)
        case = f"window {size}, stride {stride}, {padding}"
        for name, ours, pool in (
            ("largest values", mine.max_pool2d, np.nanmax),
            ("means", mine.average_pool2d, np.nanmean),
        ):
            expected = [[[pool(window, axis=(0, 1)) for window in row] for row in image] for image in windows]
            close_to(ours(images, size, stride, padding), expected, 1e-9, f"{name} ({case})", "axes (3, 4)")


@model.check
def check_logits_and_weights(mine, rng):
    """Images of any size give one logit a class; building makes all weights."""
    network = mine.GlobalPoolingClassifier(filters=(4, 6), classes=3)
    network.build((None, 8, 8, 2))
    shapes = sorted(weights.shape for weights in network.get_weights())
    expected = sorted([(3, 3, 2, 4), (4,), (3, 3, 4, 6), (6,), (6, 3), (3,)])
    expect(shapes == expected, f"weights of shapes {expected}", shapes, "3x3 kernels, then a dense layer")
    for side in (8, 13):
        shape_is(network(rng.random((2, side, side, 2), dtype="float32")), (2, 3), "logits", "pool globally")


@model.check
def check_endpoints(mine, rng):
    """Every feature map has a name and the size of the image."""
    network = mine.GlobalPoolingClassifier(filters=(4, 6))
    images = rng.random((2, 7, 9, 1), dtype="float32")
    maps = network.endpoints(images)
    attempt = "a dictionary: conv1, conv2 ..., and features, which is the last of them"
    expect(isinstance(maps, dict), "a dictionary", maps, attempt)
    equal_to(sorted(maps), ["conv1", "conv2", "features"], "names", attempt)
    for name, channels in (("conv1", 4), ("conv2", 6), ("features", 6)):
        shape_is(maps[name], (2, 7, 9, channels), name, "'same' padding and stride 1 keep the size")


@model.check
def check_logits_do_not_depend_on_the_place(mine, rng):
    """A patch on black gets the same logits wherever it lies."""
    network = mine.GlobalPoolingClassifier(filters=(4, 6))
    images = np.zeros((2, 16, 16, 1), "float32")
    patch = rng.random((4, 4, 1), dtype="float32")
    images[0, 4:8, 4:8], images[1, 7:11, 6:10] = patch, patch
    first, second = np.asarray(network(images))
    close_to(second, first, 1e-5, "logits of the moved patch", "the largest value of each whole map")
    expect(
        np.ptp(first) > 0, "logits that differ between classes", first, "no activation after the last layer"
    )


@model.check
def check_same_numbers_as_the_reference(mine, reference, rng):
    """With the same weights it gives the numbers that the reference gives."""
    images = rng.standard_normal((2, 8, 9, 2)).astype("float32")
    answers = []
    for module in (mine, reference):
        network = module.GlobalPoolingClassifier(filters=(5, 3), classes=4)
        network.build((None, None, None, 2))
        network.set_weights([_weights_of_shape(weights.shape) for weights in network.get_weights()])
        answers.append(network(images))
    close_to(*answers, 1e-4, "logits", "ReLU after each convolution, maximum over the map, no softmax")


@model.check
def check_bad_arguments_are_refused(mine):
    """No convolution, or numbers below 1, are refused."""
    attempt = "raise InputError as the class docstring says"
    for filters in ((), (0, 4)):
        refuses(mine.GlobalPoolingClassifier, filters=filters, what=f"filters {filters}", attempt=attempt)
    refuses(mine.GlobalPoolingClassifier, classes=0, what="no classes", attempt=attempt)
    equal_to(value(mine.GlobalPoolingClassifier(classes=3).classes), 3, "self.classes", attempt)


def _windows_by_hand(images, kernel, stride, padding, fill):
    """Lists of windows, [image][row][column] -> (rows, columns, channels), cut one by one."""
    around = [(0, 0)]
    for size, side in zip(images.shape[1:3], kernel, strict=True):
        missing = max((-(-size // stride) - 1) * stride + side - size, 0) if padding == "same" else 0
        around.append((missing // 2, missing - missing // 2))
    padded = np.pad(images, [*around, (0, 0)], constant_values=fill)
    rows, columns = kernel
    return [
        [
            [
                image[top : top + rows, left : left + columns]
                for left in range(0, image.shape[1] - columns + 1, stride)
            ]
            for top in range(0, image.shape[0] - rows + 1, stride)
        ]
        for image in padded
    ]


def _weights_of_shape(shape):
    """Weights that depend on their shape alone: no order of layers matters."""
    return np.random.default_rng(shape).normal(0.05, 0.3, shape).astype("float32")
