"""The exercise of day1.convolution on a network of convolutions and a mean."""

import numpy as np

from keras_cv_course.classroom import Exercise, close_to, shape_is
from keras_cv_course.classroom.shared_checks import all_refused, keeps, maps_are, same_numbers, weights_are

model = Exercise(
    "model",
    "convolutions, the largest value of every feature map, and one dense layer of logits",
    definitions=tuple(
        f"GlobalPoolingClassifier.{name}" for name in ("__init__", "build", "endpoints", "call")
    ),
    points=4,
    hints=(
        "Keep every argument under its own name: `get_config` below, which is given, reads them.",
        "'same' padding, ReLU; then `GlobalMaxPooling2D`; then a dense layer, no activation.",
        "`build` can call the network on `keras.KerasTensor(input_shape)`; it sets `self.built`.",
        "What to reach: an image moved by three pixels gets the same logits.",
    ),
)


@model.check
def check_weights_and_maps(mine, rng):
    """Images of any size give one logit a class; every feature map has the size of the image."""
    network = mine.GlobalPoolingClassifier(filters=(4, 6), classes=3)
    network.build((None, 8, 8, 2))
    shapes = [(3, 3, 2, 4), (4,), (3, 3, 4, 6), (6,), (6, 3), (3,)]
    weights_are(network, shapes, "3x3 kernels, then a dense layer; `build` makes all weights")
    for height, width in ((8, 8), (7, 13)):
        images = rng.random((2, height, width, 2), dtype="float32")
        shape_is(network(images), (2, 3), "logits", "pool globally")
        channels = {"conv1": 4, "conv2": 6, "features": 6}
        maps = {name: (2, height, width, count) for name, count in channels.items()}
        maps_are(network.endpoints(images), maps, "'same' padding and stride 1 keep the size")


@model.check
def check_logits_do_not_depend_on_the_place(mine, rng):
    """A patch on black gets the same logits wherever it lies."""
    network = mine.GlobalPoolingClassifier(filters=(4, 6))
    images = np.zeros((2, 16, 16, 1), "float32")
    patch = rng.random((4, 4, 1), dtype="float32")
    images[0, 4:8, 4:8], images[1, 7:11, 6:10] = patch, patch
    first, second = np.asarray(network(images))
    close_to(second, first, 1e-5, "logits of the shifted patch", "the largest value of each whole map")


@model.check(points=2)
def check_same_numbers_as_the_reference(mine, reference, rng):
    """With the same weights it gives the numbers that the reference gives."""
    images = rng.standard_normal((2, 8, 9, 2)).astype("float32")

    def make(module):
        return module.GlobalPoolingClassifier(filters=(5, 3), classes=4)

    attempt = "ReLU after each convolution, maximum over the map, no softmax"
    same_numbers(mine, reference, make, images, 1e-4, "logits", attempt)


@model.check
def check_bad_arguments_are_refused(mine):
    """No convolution, or numbers below 1, are refused; the others are kept."""
    keeps(mine.GlobalPoolingClassifier(classes=3), classes=3)
    cases = {f"{options}": options for options in (dict(filters=()), dict(filters=(0, 4)), dict(classes=0))}
    all_refused(mine.GlobalPoolingClassifier, cases)
