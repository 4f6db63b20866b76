"""The exercises of day1.cnn: from logits to probabilities, loss and accuracy, and two networks."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, expect, shape_is, within
from keras_cv_course.classroom import shared_checks as shared
from keras_cv_course.classroom.shared_checks import all_refused, keeps, maps_are, same_numbers, weights_are

METHODS = ("__init__", "build", "endpoints", "classify", "call")

probabilities = Exercise(
    "softmax",
    "turn each row of logits into probabilities",
    definitions=("softmax",),
    points=1,
    hints=(
        "exp makes every number positive; what makes a row sum to 1?",
        "exp(1000) overflows. What may be subtracted from a whole row without changing the result?",
        "What to reach: logits (0, 0) give (0.5, 0.5), and so do (1000, 1000).",
    ),
)
loss = Exercise(
    "loss",
    "the mean of -log p(true class), finite for any logits; and the share of correct predictions",
    definitions=("cross_entropy", "accuracy"),
    points=2,
    hints=(
        "log(exp(a) / sum) = a - log(sum): no probability has to be computed.",
        "The logit of each row's own class: index rows and labels together. `checked` validates both.",
        "log(sum exp(z)) = m + log(sum exp(z - m)) for any m. Which m keeps exp small?",
        "What to reach: ten equal logits cost log(10) = 2.303; a mistake by 5,000 costs 5,000.",
    ),
)
lenet = Exercise(
    "lenet5",
    "LeNet-5: convolution, pooling, convolution, pooling, convolution, dense layer, logits",
    definitions=tuple(f"LeNet5.{name}" for name in METHODS),
    points=4,
    hints=(
        "Keep every argument under its own name: `get_config` below, which is given, reads them.",
        "5x5 kernels without padding, 2x2 poolings: 32 becomes 28, 14, 10, 5 and 1. `padding` zeros go around first.",
        "What to reach: 61,706 parameters at 32x32x1.",
    ),
)
classifier = Exercise(
    "classifier",
    "stages of convolutions, batch normalisation, ReLU and pooling; then dense layers with dropout",
    definitions=tuple(f"ConvolutionalClassifier.{name}" for name in METHODS),
    points=5,
    hints=(
        "Keep every argument under its own name, filters and units as tuples: `get_config` reads them.",
        "Lists of layers: `depth` convolutions and as many normalisations a stage. With batch normalisation the "
        "convolution needs no bias.",
        "Dropout and batch normalisation work otherwise in training: pass `training=training` to both.",
        "What to reach: 8x8 images and two stages give maps of 8x8, 4x4, 4x4, 2x2, and logits.",
    ),
)

EXERCISES = Exercises(
    "day1.cnn",
    sources=(
        "keras_cv_course.metrics.labels_and_logits",
        "keras_cv_course.metrics.cross_entropy",
        "keras_cv_course.metrics.accuracy",
        "keras_cv_course.classify.lenet",
        "keras_cv_course.classify.convolutional_classifier",
    ),
    exercises=(probabilities, loss, lenet, classifier),
)


@probabilities.check
def check_rows_sum_to_one(mine, rng):
    """Every row consists of probabilities that sum to 1, in the ratio of exp of the logits."""
    logits = rng.normal(0, 2, (6, 4))
    rows = within(mine.softmax(logits), 0, 1, "probabilities", "divide by the row's sum")
    close_to(rows.sum(axis=1), np.ones(6), 1e-6, "sums of the rows", "sum over the classes, axis 1")
    ratios = np.exp(logits[:, 0] - logits[:, 1])
    received, what = rows[:, 0] / rows[:, 1], "p of class 0 over p of class 1"
    close_to(received, ratios, 1e-4 * ratios.max(), what, "exp of the logits")


@probabilities.check
def check_large_logits(mine):
    """Large logits do not overflow, and no row depends on another."""
    logits = np.array([[1000.0, 1000.0], [-1000.0, -1000.0], [0.0, 800.0]])
    attempt = "subtract each row's own largest logit first"
    close_to(mine.softmax(logits), [[0.5, 0.5], [0.5, 0.5], [0, 1]], 1e-9, "probabilities", attempt)


@loss.check
def check_loss_by_hand(mine, rng):
    """Equal logits, and logits of known probabilities."""
    attempt = "the mean over rows of log(sum of exp) minus the true class's logit"
    close_to(mine.cross_entropy(np.array([3]), np.zeros((1, 10))), np.log(10), 1e-9, "equal logits", attempt)
    odds, labels = rng.uniform(0.1, 1, (5, 3)), rng.integers(0, 3, 5)
    expected = -np.mean(np.log(odds[np.arange(5), labels] / odds.sum(axis=1)))
    close_to(mine.cross_entropy(labels, np.log(odds)), expected, 1e-9, "the loss of five rows", attempt)


@loss.check
def check_loss_stays_finite(mine):
    """A mistake by 5,000 costs 5,000."""
    attempt = "do not go through the probabilities: log(0) is on the way"
    close_to(mine.cross_entropy(np.array([1]), np.array([[5000.0, 0.0]])), 5000.0, 1e-6, "loss", attempt)


@loss.check(points=1)
def check_accuracy(mine, rng):
    """The share of rows whose largest logit is the true class's."""
    logits = rng.normal(0, 1, (50, 3))
    labels = np.where(np.arange(50) < rng.integers(20, 40), logits.argmax(axis=1), logits.argmin(axis=1))
    expected = np.mean(logits.argmax(axis=1) == labels)
    attempt = "the largest logit of a row is the prediction; the mean of correct ones"
    close_to(mine.accuracy(labels, logits), expected, 1e-9, "accuracy", attempt)


@loss.check
def check_wrong_labels_are_refused(mine):
    """Labels that are no class, and other lengths, are refused."""
    cases = {f"labels {labels}": (np.array(labels), np.zeros((1, 2))) for labels in ([2], [-1], [0, 1])}
    for function in (mine.cross_entropy, mine.accuracy):
        all_refused(function, cases, "`checked`, which is given, refuses them: pass labels and logits to it")


@lenet.check
def check_published_parameters(mine):
    """61,706 parameters at 32x32x1."""
    network = mine.LeNet5()
    network.build((None, 32, 32, 1))
    count = sum(weights.size for weights in network.get_weights())
    equal_to(int(count), 61_706, "parameters", "156 + 2,416 + 48,120 + 10,164 + 850")


@lenet.check
def check_lenet_maps(mine, rng):
    """32 pixels become 28, 14, 10, 5 and 1; a padding of 2 serves 28."""
    network = mine.LeNet5(filters=(2, 3, 4), padding=2)
    maps = network.endpoints(rng.random((2, 28, 28, 1), dtype="float32"))
    sides = {"c1": (28, 2), "s2": (14, 2), "c3": (10, 3), "s4": (5, 3), "c5": (1, 4), "features": (1, 4)}
    shapes = {name: (2, side, side, channels) for name, (side, channels) in sides.items()}
    maps_are(maps, shapes, "5x5 kernels without padding, 2x2 pooling, the zeros around the image first")


@lenet.check(points=1)
def check_lenet_numbers(mine, reference, rng):
    """With the same weights it gives the numbers that the reference gives, with either pooling."""
    images = rng.random((2, 30, 30, 2), dtype="float32")
    for pooling, activation in (("average", "tanh"), ("max", "relu")):

        def make(module, pooling=pooling, activation=activation):
            return module.LeNet5((3, 4, 5), 6, activation, pooling, padding=1, classes=7)

        attempt = "the activation after every layer but pooling and the last"
        same_numbers(mine, reference, make, images, 1e-4, f"logits ({pooling} pooling)", attempt)


@lenet.check
def check_lenet_refuses(mine):
    """Images of another size, unknown pooling and numbers out of range are refused."""
    keeps(mine.LeNet5(units=9), units=9)
    attempt = "raise InputError as the class docstring says: arguments in __init__, the size in build"
    sizes = {f"{side}x{side} pixels": ((None, side, side, 1),) for side in (28, 36)}
    all_refused(mine.LeNet5().build, sizes, attempt)
    cases = {'pooling="median"': dict(pooling="median"), "filters (0, 4, 4)": dict(filters=(0, 4, 4))}
    all_refused(mine.LeNet5, cases, attempt)


@classifier.check
def check_classifier_maps(mine, rng):
    """Each stage keeps the size, then halves it; there is one logit a class."""
    network = mine.ConvolutionalClassifier(filters=(3, 5), units=(6,), classes=4)
    images = rng.random((2, 9, 8, 2), dtype="float32")
    shape_is(network(images), (2, 4), "logits", "flatten, dense layers, one logit a class")
    maps = network.endpoints(images)
    shapes = {"conv1": (9, 8, 3), "pool1": (4, 4, 3), "conv2": (4, 4, 5), "pool2": (2, 2, 5)}
    shapes["features"] = shapes["pool2"]
    attempt = "conv1, pool1, conv2, pool2, and features, which is the last; 'same' padding, 2x2 pooling"
    maps_are(maps, {name: (2, *shape) for name, shape in shapes.items()}, attempt)
    expect(np.asarray(maps["conv2"]).min() >= 0, "no negative number after ReLU", maps["conv2"], "ReLU")


@classifier.check
def check_classifier_weights(mine):
    """Batch normalisation replaces the convolutions' biases; each stage has `depth` convolutions."""
    attempt = "kernels, four vectors of the normalisation or one bias each, two dense layers"
    for depth, kernels in ((1, [(3, 3, 2, 3)]), (2, [(3, 3, 2, 3), (3, 3, 3, 3)])):
        for norm in (True, False):
            options = dict(filters=(3,), depth=depth, units=(6,), batch_norm=norm, classes=4)
            network = mine.ConvolutionalClassifier(**options)
            network.build((None, 8, 8, 2))
            vectors = [(3,)] * depth * (4 if norm else 1)
            weights_are(network, [*kernels, *vectors, (48, 6), (6,), (6, 4), (4,)], attempt)


@classifier.check(points=2)
def check_classifier_numbers(mine, reference, rng):
    """With the same weights it gives the numbers that the reference gives."""
    images = rng.random((3, 8, 8, 2), dtype="float32")

    def make(module):
        return module.ConvolutionalClassifier(filters=(3, 5), depth=2, kernel_size=5, units=(6,), classes=4)

    attempt = "convolution, normalisation, ReLU, as often as `depth` says, then pooling; no softmax"
    same_numbers(mine, reference, make, images, 1e-3, "logits", attempt)


@classifier.check
def check_training_differs_from_inference(mine, rng):
    """Dropout and batch normalisation act in training only; every weight learns."""
    images = rng.random((16, 8, 8, 1), dtype="float32")
    network = mine.ConvolutionalClassifier(filters=(8,), units=(), dropout=0.5, batch_norm=False)
    first, again = (np.asarray(network(images)) for _ in range(2))
    close_to(again, first, 1e-6, "logits, computed twice", "dropout gets training=training")
    once, twice = (np.asarray(network(images, training=True)) for _ in range(2))
    expect(np.abs(once - twice).max() > 1e-4, "dropout in training", "the same twice", "Dropout before dense")
    network = mine.ConvolutionalClassifier(filters=(8,), units=(6,), dropout=0.0, classes=4)
    running, batch = np.asarray(network(images)), np.asarray(network(images, training=True))
    attempt = "batch normalisation gets training=training, too"
    expect(np.abs(running - batch).max() > 1e-4, "statistics of the batch in training", "the same", attempt)
    shared.every_weight_learns(shared.fixed_weights(network), images, rng.random((16, 4), dtype="float32"))


@classifier.check
def check_classifier_refuses(mine):
    """Images too small, no stage, shares of dropout and numbers out of range are refused."""
    keeps(mine.ConvolutionalClassifier(dropout=0.2, depth=3), dropout=0.2, depth=3)
    attempt = "raise InputError as the class docstring says"
    all_refused(mine.ConvolutionalClassifier().build, {"3x8 pixels": ((None, 3, 8, 1),)}, attempt)
    cases = {"dropout 1": dict(dropout=1.0), "no stage": dict(filters=()), "depth 0": dict(depth=0)}
    all_refused(mine.ConvolutionalClassifier, cases, attempt)
