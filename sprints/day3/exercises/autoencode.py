"""The exercises of day3.autoencode: from a ratio in one line to a whole convolutional autoencoder."""

import numpy as np

from keras_cv_course.classroom import (
    Exercise,
    Exercises,
    close_to,
    equal_to,
    expect,
    refuses,
    shape_is,
    within,
)

compression = Exercise(
    "compression",
    "how many numbers of an image there are for each number of its code",
    definitions=("compression_ratio",),
    points=1,
    hints=(
        "Which is the larger one for a useful code, the image or the code? The ratio is then above 1.",
        "Every pixel has one number a channel: how many numbers is a colour image of 4x6 pixels?",
        "What to reach: a grey digit of 8x8 pixels over a code of 8 squares: one row of it a square.",
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
dense = Exercise(
    "dense",
    "dense layers from an image to its code, and the same sizes back; images of another shape are refused",
    definitions=(
        "DenseAutoencoder.__init__",
        "DenseAutoencoder.build",
        "DenseAutoencoder.encode",
        "DenseAutoencoder.decode",
        "DenseAutoencoder.call",
    ),
    points=5,
    hints=(
        "Keep every argument under its own name, shapes and sizes as tuples: `get_config`, which is given, "
        "reads them, and lists come back from a file. Refuse what makes no network.",
        "Two keras.Sequential. What turns an image into a row of numbers first, and a row into an image "
        "last? If each begins with keras.Input, they are built at once.",
        "Three activations: of the hidden layers, of the code, of the pixels. Which layer gets which?",
        "`build` gets the shape of a batch; its first number is the batch's. Raise InputError when the "
        "rest is another image.",
        "What to reach, with hidden layers of 256 and 128: 28x28x1 is laid out as 784 numbers; then "
        "256, 128, 64, the waist; then 128, 256, 784, folded into 28x28x1 again.",
    ),
)
convolutional = Exercise(
    "convolutional",
    "3x3 convolutions of stride 2, a linear code, and back; crop what is too much below and right",
    definitions=(
        "ConvolutionalAutoencoder.__init__",
        "ConvolutionalAutoencoder.build",
        "ConvolutionalAutoencoder.encode",
        "ConvolutionalAutoencoder.decode",
        "ConvolutionalAutoencoder.call",
    ),
    points=7,
    hints=(
        "Only `__init__` differs from the dense model: how do the encoder and the decoder end and begin?",
        "With 'same' padding and stride 2 a side of 7 becomes 4, then 2: rounded up. The decoder starts from "
        "that smallest size and the last of `filters`: one dense layer, with the activation, makes it.",
        "As many transposed convolutions as convolutions, each to the channels that its twin came from; the "
        "last one makes the pixels. A side of 7 comes back as 8: how many rows are too much?",
        "keras.layers.Cropping2D takes ((above, below), (left, right)).",
        "What to reach: 28x28x1 becomes 14x14x32, 7x7x64, 64 numbers, 7x7x64, 14x14x32, 28x28x1; an "
        "image of 7x9 becomes 4x5, 2x3, the code, 2x3, 4x6, 8x12, and, less a row and three columns, 7x9.",
    ),
)

EXERCISES = Exercises(
    "day3.autoencode",
    sources=(
        "keras_cv_course.reconstruct.latent_space",
        "keras_cv_course.reconstruct.dense_autoencoder",
        "keras_cv_course.reconstruct.convolutional_autoencoder",
    ),
    exercises=(compression, line, dense, convolutional),
)


@compression.check
def check_a_digit_in_eight_numbers(mine):
    """A grey digit of 8x8 pixels in a code of 8 numbers: 8."""
    attempt = "numbers in the image over numbers in the code"
    close_to(mine.compression_ratio((8, 8, 1), 8), 8.0, 1e-9, "ratio of 8x8x1 and 8", attempt)


@compression.check
def check_channels_count_and_ratios_are_not_rounded(mine, rng):
    """All channels count; the ratio may lie between two whole numbers, or below 1."""
    attempt = "height times width times channels; divide without rounding"
    close_to(mine.compression_ratio((4, 6, 3), 16), 4.5, 1e-9, "ratio of 4x6x3 and 16", attempt)
    close_to(mine.compression_ratio((2, 2, 1), 8), 0.5, 1e-9, "ratio of 2x2x1 and 8", attempt)
    height, width, latent = map(int, rng.integers(5, 40, 3))
    what = f"ratio of {height}x{width}x3 and {latent}"
    expected = 3 * height * width / latent
    close_to(mine.compression_ratio((height, width, 3), latent), expected, 1e-6, what, attempt)


@compression.check
def check_a_code_of_nothing_is_refused(mine):
    """A code of no number holds no image."""
    attempt = "raise InputError before you divide"
    for latent in (0, -1):
        refuses(mine.compression_ratio, (8, 8, 1), latent, what=f"latent {latent}", attempt=attempt)


@line.shows
def image_of_interpolation(mine):
    """A cross-fade between two digits."""
    from sklearn.datasets import load_digits

    start, end = np.kron(load_digits().images[[0, 1]] / 16, np.ones((1, 3, 3)))
    return np.hstack(mine.interpolate(start, end, 7))


@line.check
def check_a_line_has_the_asked_points(mine, rng):
    """A line between codes or between images has as many points as were asked for."""
    attempt = "the points come first, then the axes of one of them; `steps` counts both ends"
    for shape, steps in (((4,), 2), ((3,), 7), ((5, 3, 2), 4)):
        start, end = rng.random((2, *shape), dtype="float32")
        shape_is(mine.interpolate(start, end, steps), (steps, *shape), f"line of {steps} points", attempt)


@line.check
def check_a_line_starts_and_ends_at_its_ends(mine, rng):
    """The first point is `start`, the last one `end`."""
    start, end = rng.normal(0, 1, (2, 6)).astype("float32")
    points = shape_is(mine.interpolate(start, end, 5), (5, 6), "line", "one point a step")
    close_to(points[0], start, 1e-6, "first point", "at t = 0 there is only `start`")
    close_to(points[-1], end, 1e-6, "last point", "at t = 1 there is only `end`; is 1 among your t?")


@line.check
def check_steps_are_equal(mine, rng):
    """Every step is as long as the others."""
    start, end = rng.normal(0, 1, (2, 3, 4, 2)).astype("float32")
    points = shape_is(mine.interpolate(start, end, 6), (6, 3, 4, 2), "line", "one point a step")
    expected = np.broadcast_to((end.astype("float64") - start) / 5, (5, 3, 4, 2))
    close_to(np.diff(points, axis=0), expected, 1e-5, "steps", "t grows by the same amount from 0 to 1")


@line.check
def check_a_line_has_the_dtype_of_its_start(mine, rng):
    """Networks want float32: a line has the dtype of its ends."""
    for kind in ("float32", "float16"):
        start, end = rng.random((2, 5)).astype(kind)
        points = shape_is(mine.interpolate(start, end, 3), (3, 5), "line", "one point a step")
        equal_to(str(points.dtype), kind, f"dtype of a line of {kind}", "cast back to the dtype of `start`")
    ends = np.array([0, 100], "uint8")
    attempt = "a cast cuts the fraction off: round first where the dtype holds integers"
    points = shape_is(mine.interpolate(ends, ends[::-1], 4), (4, 2), "line", "one point a step")
    close_to(points[:, 1], [100, 67, 33, 0], 0, "pixels from 100 to 0", attempt)


@line.check
def check_what_makes_no_line_is_refused(mine):
    """Two shapes, or fewer than two points, make no line."""
    attempt = "raise InputError; NumPy would broadcast the shapes"
    for other in ((1,), (4, 3), (4,)):
        what = f"shapes (3,) and {other}"
        refuses(mine.interpolate, np.zeros(3), np.ones(other), 5, what=what, attempt=attempt)
    for steps in (1, 0):
        attempt = "a line has two ends: how many steps at least?"
        refuses(mine.interpolate, np.zeros(3), np.ones(3), steps, what=f"{steps} steps", attempt=attempt)


@dense.check
def check_dense_shapes_and_range(mine, rng):
    """Images of any size become codes and images of their size again, in [0, 1]."""
    for shape, hidden in (((8, 6, 1), ()), ((7, 9, 2), (6, 5))):
        _goes_through_a_code(mine.DenseAutoencoder(shape, 3, hidden), shape, rng)


@dense.check
def check_dense_weights(mine):
    """The decoder's layers have the encoder's sizes, in reverse; 784-64-784 has 101,200 weights."""
    network = mine.DenseAutoencoder(image_shape=(3, 5, 2), latent=3, hidden=(7, 4))
    sizes = (30, 7, 4, 3, 4, 7, 30)
    attempt = "pixels, hidden, code, hidden in reverse, pixels; every layer has a bias"
    _has_weights(network, (3, 5, 2), [*zip(sizes, sizes[1:]), *((size,) for size in sizes[1:])], attempt)
    network = mine.DenseAutoencoder()
    network(np.zeros((1, 28, 28, 1), "float32"))
    count = sum(weights.size for weights in network.get_weights())
    equal_to(count, 784 * 64 + 64 + 64 * 784 + 784, "weights of 784-64-784", attempt)


@dense.check
def check_dense_without_weights_grey(mine, rng):
    """With all weights 0 the code is 0 and every pixel is the sigmoid of 0."""
    _is_grey_without_weights(mine.DenseAutoencoder((5, 4, 1), 3, (6,)), (5, 4, 1), rng)


@dense.check
def check_dense_code_is_linear(mine, rng):
    """Without hidden layers a mixture of images has the same mixture of codes."""
    network = mine.DenseAutoencoder((6, 5, 1), 8)
    first, second = rng.random((2, 4, 6, 5, 1), dtype="float32")
    _give_weights(network, first)
    # 3 - 2 = 1: the biases come out once on either side.
    mixed = 3 * np.asarray(network.encode(first)) - 2 * np.asarray(network.encode(second))
    shape_is(mixed, (4, 8), "codes", "one row an image, one column a number of the code")
    attempt = "code_activation None leaves the code linear: it may fall below 0"
    close_to(network.encode(3 * first - 2 * second), mixed, 1e-3, "codes of 3 a - 2 b", attempt)


@dense.check
def check_dense_call_is_decode_of_encode(mine, rng):
    """The model draws what its own decoder draws from its own code."""
    _is_its_two_halves(mine.DenseAutoencoder((5, 7, 1), 4, (6,)), (5, 7, 1), rng)


@dense.check
def check_dense_same_numbers_as_the_reference(mine, reference, rng):
    """With the same weights it gives the codes and the pixels that the reference gives."""
    images = rng.random((2, 7, 5, 2), dtype="float32")
    attempt = (
        "which of the three activations belongs to hidden layers, which to the code, which to the pixels?"
    )
    for named in (
        dict(hidden=(6, 4)),
        dict(code_activation="relu", output_activation=None),
        dict(hidden=(6,), activation="tanh", code_activation="tanh", output_activation="tanh"),
    ):
        codes, pixels = [], []
        for module in (mine, reference):
            network = module.DenseAutoencoder((7, 5, 2), 3, **named)
            _give_weights(network, images)
            codes.append(network.encode(images))
            pixels.append(network(images))
        close_to(*codes, 1e-4, f"codes with {named}", attempt)
        close_to(*pixels, 1e-4, f"pixels with {named}", attempt)


@dense.check
def check_dense_learns(mine, rng):
    """One step of training moves every weight."""
    _moves_every_weight(mine.DenseAutoencoder((5, 6, 1), 3, (6, 4)), (5, 6, 1), rng)


@dense.check
def check_dense_keeps_its_arguments(mine):
    """Every argument is kept under its own name."""
    arguments = dict(image_shape=[7, 9, 2], latent=5, hidden=[6, 4], activation="tanh")
    arguments.update(code_activation="relu", output_activation="tanh")
    _keeps(mine.DenseAutoencoder(**arguments), arguments)


@dense.check
def check_dense_refusals(mine):
    """What makes no network is refused, and so are images of another shape."""
    attempt = "raise InputError: for the arguments in __init__, for the batch's shape in build"
    network = mine.DenseAutoencoder
    refuses(network, image_shape=(28, 28), what="an image without channels", attempt=attempt)
    refuses(network, image_shape=(0, 28, 1), what="an image without rows", attempt=attempt)
    refuses(network, latent=0, what="latent 0", attempt=attempt)
    refuses(network, hidden=(16, 0), what="hidden (16, 0)", attempt=attempt)
    _refuses_other_images(network, attempt)


@convolutional.check
def check_convolutional_shapes_and_range(mine, rng):
    """Images of any size, odd ones too, come back in their shape, in [0, 1]."""
    for shape, filters in (
        ((8, 12, 1), (4, 3)),
        ((7, 9, 2), (4, 3)),
        ((1, 5, 1), (3,)),
        ((9, 7, 1), (2, 3, 4)),
    ):
        _goes_through_a_code(mine.ConvolutionalAutoencoder(shape, 3, filters), shape, rng)


@convolutional.check
def check_convolutional_weights(mine):
    """The stages have the asked filters, the decoder's in reverse, around two dense layers."""
    attempt = "sides halve, rounded up; 3x3 kernels; each stage of the decoder undoes one of the encoder"
    # 7x9 becomes 4x5 and 2x3, and with three stages 1x2. A transposed kernel names its outputs first.
    network = mine.ConvolutionalAutoencoder((7, 9, 2), 5, (4, 6))
    kernels = [(3, 3, 2, 4), (3, 3, 4, 6), (36, 5), (5, 36), (3, 3, 4, 6), (3, 3, 2, 4)]
    _has_weights(network, (7, 9, 2), [*kernels, (4,), (6,), (5,), (36,), (4,), (2,)], attempt)
    network = mine.ConvolutionalAutoencoder((7, 9, 1), 3, (4, 6, 5))
    kernels = [(3, 3, 1, 4), (3, 3, 4, 6), (3, 3, 6, 5), (10, 3)]
    kernels += [(3, 10), (3, 3, 6, 5), (3, 3, 4, 6), (3, 3, 1, 4)]
    biases = [(4,), (6,), (5,), (3,), (10,), (6,), (4,), (1,)]
    _has_weights(network, (7, 9, 1), [*kernels, *biases], attempt)


@convolutional.check
def check_convolutional_without_weights_grey(mine, rng):
    """With all weights 0 the code is 0 and every pixel is the sigmoid of 0."""
    _is_grey_without_weights(mine.ConvolutionalAutoencoder((7, 9, 1), 3, (4, 3)), (7, 9, 1), rng)


@convolutional.check
def check_convolutional_code_is_linear(mine, rng):
    """The code has no activation: its numbers may be negative."""
    network, images = mine.ConvolutionalAutoencoder((7, 9, 1), 3, (4, 3)), rng.random((2, 7, 9, 1), "float32")
    network(images)
    # Kernels above 0 make features above 0; dense layers below 0 make codes below 0 of them.
    signs = {4: 0.1, 2: -0.1, 1: 0.0}
    weights = [np.full_like(weights, signs.get(weights.ndim, 0.0)) for weights in network.get_weights()]
    network.set_weights(weights)
    codes = shape_is(
        network.encode(images), (2, 3), "codes", "one row an image, a column a number of the code"
    )
    lowest = f"codes of at least {codes.min():.4g}"
    expect(
        (codes < 0).all(), "codes below 0", lowest, "`activation` is for all layers but the code and pixels"
    )


@convolutional.check
def check_convolutional_call_is_decode_of_encode(mine, rng):
    """The model draws what its own decoder draws from its own code."""
    _is_its_two_halves(mine.ConvolutionalAutoencoder((7, 9, 1), 4, (4, 3)), (7, 9, 1), rng)


@convolutional.check
def check_convolutional_same_numbers_as_the_reference(mine, reference, rng):
    """With the same weights it gives the codes and the pixels that the reference gives."""
    attempt = "'same' padding; the activation everywhere but at the code and the pixels; crop below and right"
    for shape, filters, activation in (((7, 9, 2), (4, 6), "relu"), ((5, 10, 1), (3, 4, 5), "tanh")):
        images = rng.random((2, *shape), dtype="float32")
        codes, pixels = [], []
        for module in (mine, reference):
            network = module.ConvolutionalAutoencoder(shape, 3, filters, activation)
            _give_weights(network, images)
            codes.append(network.encode(images))
            pixels.append(network(images))
        close_to(*codes, 1e-4, f"codes with {activation}", attempt)
        close_to(*pixels, 1e-4, f"pixels with {activation}", attempt)


@convolutional.check
def check_convolutional_learns(mine, rng):
    """One step of training moves every weight."""
    _moves_every_weight(mine.ConvolutionalAutoencoder((7, 9, 1), 3, (4, 3)), (7, 9, 1), rng)


@convolutional.check
def check_convolutional_keeps_its_arguments(mine):
    """Every argument is kept under its own name."""
    arguments = dict(image_shape=[7, 9, 2], latent=5, filters=[6, 4], activation="tanh")
    _keeps(mine.ConvolutionalAutoencoder(**arguments), arguments)


@convolutional.check
def check_convolutional_refusals(mine):
    """What makes no network is refused, and so are images of another shape."""
    attempt = "raise InputError: for the arguments in __init__, for the batch's shape in build"
    network = mine.ConvolutionalAutoencoder
    refuses(network, image_shape=(28, 28), what="an image without channels", attempt=attempt)
    refuses(network, image_shape=(0, 28, 1), what="an image without rows", attempt=attempt)
    refuses(network, latent=0, what="latent 0", attempt=attempt)
    for filters in ((), (8, 0)):
        refuses(network, filters=filters, what=f"filters {filters}", attempt=attempt)
    _refuses_other_images(network, attempt)


# Networks are built by calling them: a shape that is sent to `build` comes as a list, never as Keras' tuple.


def _goes_through_a_code(network, shape, rng):
    """Codes of 3 numbers, images of the same shape, pixels in [0, 1] whatever the weights are."""
    images = rng.random((2, *shape), dtype="float32")
    what = f"of images {shape}"
    shape_is(network(images), images.shape, f"images drawn again {what}", "the decoder ends in image_shape")
    codes = shape_is(network.encode(images), (2, 3), f"codes {what}", "a code is a row of `latent` numbers")
    shape_is(network.decode(codes), images.shape, f"images decoded {what}", "the decoder ends in image_shape")
    network.set_weights([10 * weights for weights in network.get_weights()])
    within(network(images), 0, 1, "pixels", "which activation ends in [0, 1]?")


def _has_weights(network, shape, expected, attempt):
    """The weights have these shapes, in any order."""
    network(np.zeros((1, *shape), "float32"))
    shapes = sorted(weights.shape for weights in network.get_weights())
    expect(shapes == sorted(expected), f"weights of shapes {sorted(expected)}", shapes, attempt)


def _is_grey_without_weights(network, shape, rng):
    """All weights 0: a code of zeros and pixels of 0.5."""
    images = rng.random((2, *shape), dtype="float32")
    network(images)
    network.set_weights([0 * weights for weights in network.get_weights()])
    close_to(network.encode(images), np.zeros((2, 3)), 0, "codes without weights", "return the code alone")
    grey = np.full(images.shape, 0.5)
    attempt = "end in a sigmoid; nothing of the image goes past the code"
    close_to(network(images), grey, 1e-6, "pixels without weights", attempt)


def _is_its_two_halves(network, shape, rng):
    """The call is `decode` after `encode`."""
    images = rng.random((2, *shape), dtype="float32")
    drawn = network(images)
    attempt = "`call` has nothing to do but to use the other two"
    close_to(network.decode(network.encode(images)), drawn, 1e-5, "decode(encode(images))", attempt)


def _moves_every_weight(network, shape, rng):
    """One step of gradient descent changes every array of weights."""
    images = rng.random((8, *shape), dtype="float32")
    network(images)
    # Small numbers above 0: no ReLU is dead and no sigmoid flat, whatever the first weights were. Towards
    # black all errors have one sign: no gradient is a sum that happens to vanish.
    before = [rng.uniform(0.02, 0.1, weights.shape).astype("float32") for weights in network.get_weights()]
    network.set_weights(before)
    network.compile(optimizer="sgd", loss="mse", run_eagerly=True)
    network.train_on_batch(images, 0 * images)
    attempt = "does every layer take part in `encode` or `decode`, and both of them in `call`?"
    expect(len(before) > 0, "weights that move", "no weights", attempt)
    for old, new in zip(before, network.get_weights()):
        moved = shape_is(new, old.shape, "weights", "weights keep their shape") != old
        expect(moved.any(), f"weights {old.shape} that move", "no change", attempt)


def _keeps(network, arguments):
    """`get_config` gives the arguments back."""
    config = network.get_config()
    for name, argument in arguments.items():
        equal_to(config.get(name), argument, f"{name} in get_config", f"keep the argument as self.{name}")


def _refuses_other_images(network, attempt):
    """Images of other sides or channels than image_shape, even of as many pixels, are refused."""
    refuses(network().build, (None, 8, 8, 1), what="8x8x1 in place of 28x28x1", attempt=attempt)
    refuses(network().build, (None, 28, 28, 3), what="28x28x3 in place of 28x28x1", attempt=attempt)
    other = network(image_shape=(6, 4, 1), latent=2)
    refuses(other.build, (None, 4, 6, 1), what="4x6x1 in place of 6x4x1", attempt=attempt)


def _give_weights(network, images):
    """Weights that depend on their shape alone: no order of layers matters."""
    network(images)
    network.set_weights([_weights_of_shape(weights.shape) for weights in network.get_weights()])


def _weights_of_shape(shape):
    return np.random.default_rng(shape).normal(0.05, 0.3, shape).astype("float32")
