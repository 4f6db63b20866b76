"""The exercises of day3.autoencode: from a ratio in one line to a whole convolutional autoencoder."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, shape_is, within
from keras_cv_course.classroom.shared_checks import (
    all_refused,
    every_weight_learns,
    fixed_weights,
    keeps,
    weights_are,
)
from sprints.day3.exercises.latent_space import compression, line

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
        "reads them, and lists come back from a file. Refuse what the docstring says.",
        "Two keras.Sequential. What turns an image into a row of numbers first, and a row into an image "
        "last? If each begins with keras.Input, they are built at once.",
        "Three activations: of the hidden layers, of the code, of the pixels. Which layer gets which?",
        "`build` gets the shape of a batch; its first number is the batch's.",
        "What to reach, with hidden layers of 256 and 128: 28x28x1 is laid out as 784 numbers; then "
        "256, 128, 64, the code; then 128, 256, 784, folded into 28x28x1 again.",
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


@dense.check
def check_dense_shapes_and_weights(mine, rng):
    """Images of any size become codes and images again; the decoder mirrors the encoder's sizes."""
    for shape, hidden in (((3, 5, 2), (7, 4)), ((8, 6, 1), ())):
        network = mine.DenseAutoencoder(shape, 3, hidden)
        _goes_through_a_code(network, shape, rng)
        pixels = shape[0] * shape[1] * shape[2]
        sizes = (pixels, *hidden, 3, *hidden[::-1], pixels)
        attempt = "pixels, hidden, code, hidden in reverse, pixels; every layer has a bias"
        weights_are(network, [*zip(sizes, sizes[1:]), *((size,) for size in sizes[1:])], attempt)


@dense.check(points=2)
def check_dense_same_numbers_as_the_reference(mine, reference, rng):
    """With the same weights it gives the codes and the pixels that the reference gives."""
    attempt = (
        "which of the three activations belongs to hidden layers, which to the code, which to the pixels?"
    )
    for named in (
        dict(hidden=(6, 4)),
        dict(code_activation="relu", output_activation=None),
        dict(hidden=(6,), activation="tanh", code_activation="tanh", output_activation="tanh"),
    ):
        _same_halves(mine, reference, "DenseAutoencoder", ((7, 5, 2), 3), named, rng, attempt)


@dense.check
def check_dense_learns(mine, rng):
    """One step of training moves every weight; every argument is kept under its own name."""
    named = dict(hidden=[6, 4], activation="tanh", code_activation="tanh", output_activation="sigmoid")
    _learns(mine.DenseAutoencoder, named, rng)


@dense.check
def check_dense_refusals(mine):
    """What makes no network is refused, and so are images of another shape."""
    _refuses(mine.DenseAutoencoder, {"hidden (16, 0)": dict(hidden=(16, 0))})


@convolutional.check
def check_convolutional_shapes_and_weights(mine, rng):
    """Images of any size, odd ones too, come back in their shape; the decoder mirrors the filters."""
    attempt = "sides halve, rounded up; 3x3 kernels; each stage of the decoder undoes one of the encoder"
    for shape, filters, smallest in (((7, 9, 2), (4, 6), 6), ((7, 9, 1), (4, 6, 5), 2), ((1, 5, 1), (3,), 3)):
        network = mine.ConvolutionalAutoencoder(shape, 3, filters)
        _goes_through_a_code(network, shape, rng)
        # A transposed kernel names its outputs first, so that both halves have the same kernels.
        stages = [(3, 3, *pair) for pair in zip((shape[-1], *filters), filters)]
        flat = smallest * filters[-1]
        biases = [*filters, 3, flat, *filters[:-1], shape[-1]]
        weights_are(network, [*stages, *stages, (flat, 3), (3, flat), *((size,) for size in biases)], attempt)


@convolutional.check(points=3)
def check_convolutional_same_numbers_as_the_reference(mine, reference, rng):
    """With the same weights it gives the codes and the pixels that the reference gives."""
    attempt = "'same' padding; the activation everywhere but at the code and the pixels; crop below and right"
    for shape, filters, activation in (((7, 9, 2), (4, 6), "relu"), ((5, 10, 1), (3, 4, 5), "tanh")):
        named = dict(filters=filters, activation=activation)
        _same_halves(mine, reference, "ConvolutionalAutoencoder", (shape, 3), named, rng, attempt)


@convolutional.check
def check_convolutional_learns(mine, rng):
    """One step of training moves every weight; every argument is kept under its own name."""
    _learns(mine.ConvolutionalAutoencoder, dict(filters=[6, 4], activation="tanh"), rng)


@convolutional.check
def check_convolutional_refusals(mine):
    """What makes no network is refused, and so are images of another shape."""
    cases = {f"filters {filters}": dict(filters=filters) for filters in ((), (8, 0))}
    _refuses(mine.ConvolutionalAutoencoder, cases)


def _goes_through_a_code(network, shape, rng):
    """Codes of 3 numbers, images of the same shape, pixels in [0, 1] whatever the weights are."""
    images = rng.random((2, *shape), dtype="float32")
    what = f"of images {shape}"
    network(images)
    network.set_weights([10 * weights for weights in network.get_weights()])
    shape_is(network.encode(images), (2, 3), f"codes {what}", "a code is a row of `latent` numbers")
    pixels = shape_is(network(images), images.shape, f"reconstruction {what}", "it ends in image_shape")
    within(pixels, 0, 1, "pixels", "which activation ends in [0, 1]?")


def _same_halves(mine, reference, name, arguments, named, rng, attempt):
    """With the same weights: the reference's codes from `encode`, its images from `decode` and from the call."""
    images = rng.random((2, *arguments[0]), dtype="float32")
    ours, theirs = (
        fixed_weights(getattr(module, name)(*arguments, **named), (None, *arguments[0]))
        for module in (mine, reference)
    )
    # Codes on both sides of 0.
    for network in (ours, theirs):
        network.set_weights([weights - 0.2 for weights in network.get_weights()])
    codes = np.asarray(theirs.encode(images))
    close_to(ours.encode(images), codes, 1e-4, f"codes with {named}", attempt)
    close_to(ours.decode(codes), theirs.decode(codes), 1e-4, f"decoded codes with {named}", attempt)
    close_to(ours(images), theirs(images), 1e-4, f"pixels with {named}", "decode what `encode` gives")


def _learns(make, named, rng):
    """The arguments are kept, and one step of training moves every weight."""
    network = make([5, 6, 1], 3, **named)
    keeps(network, image_shape=[5, 6, 1], latent=3, **named)
    network.build((None, 5, 6, 1))
    images = rng.random((8, 5, 6, 1), dtype="float32")
    # Towards black all errors have one sign: no gradient is a sum that happens to vanish.
    every_weight_learns(network, images, 0 * images)


def _refuses(make, cases):
    """Bad arguments, and images of other sides or channels, even of as many pixels."""
    cases |= {"an image without channels": dict(image_shape=(28, 28))}
    cases |= {"an image without rows": dict(image_shape=(0, 28, 1)), "latent 0": dict(latent=0)}
    all_refused(make, cases, "raise InputError as the docstring says, in __init__")
    shapes = {"8x8x1 in place of 28x28x1": ((None, 8, 8, 1),), "28x28x3": ((None, 28, 28, 3),)}
    all_refused(make().build, shapes, "raise InputError in build")
    other = make(image_shape=(6, 4, 1), latent=2)
    all_refused(other.build, {"4x6x1 in place of 6x4x1": ((None, 4, 6, 1),)}, "raise InputError in build")
