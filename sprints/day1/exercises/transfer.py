"""The exercises of day1.transfer: a backbone, freezing it, the classifier around it, and fine-tuning."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, expect, shape_is
from keras_cv_course.classroom.remote import value
from keras_cv_course.classroom.shared_checks import all_refused, fixed_weights
from sprints.day1.exercises import small_classifiers

backbone = Exercise(
    "backbone",
    "stages of convolution, batch normalisation and ReLU, with a pooling between two stages",
    definitions=("plain_backbone",),
    points=2,
    hints=(
        "Collect the layers in a list, which keras.Sequential takes. The first one is an Input.",
        "A Keras layer takes its name as an argument. Where stands the pooling of stage 2: before or behind? A "
        "convolution that batch normalisation follows needs no bias.",
        "What to reach: three stages make maps of 24x24, 12x12 and 6x6 from an image of 24x24.",
    ),
)
freezing = Exercise(
    "freezing",
    "freeze or thaw a network and every layer in it, whatever it was before",
    definitions=("set_trainable",),
    points=1,
    hints=(
        "Assigning `trainable` to a model hands it on to every layer in it: one line would do, but ...",
        "... Keras ignores the assignment of a value that is already there, also where layers inside have "
        "another one. Which value is certainly not there a moment later?",
        "What to reach: a frozen model with a thawed layer in it has no trainable weight afterwards.",
    ),
)
classifier = Exercise(
    "classifier",
    "features in inference mode, a head on them, and a top that can be thawed",
    definitions=("TransferClassifier.features", "TransferClassifier.call", "TransferClassifier.thaw"),
    points=4,
    hints=(
        "`features`: the backbone is asked with training=False, always. Maps are averaged over height and "
        "width; features that are flat already stay.",
        "`call` is one line: the head on the features. Who must know whether this is training?",
        "`thaw`: from a name to a number of layers at the end; refuse what there is not; note it in "
        "self.thawed. Then `set_trainable`, first the whole backbone, then what stays frozen.",
        "A classifier with `endpoints` has dense layers behind its features: these stay frozen.",
        "What to reach: one training step moves the head and the top, and not one number below; the "
        "moving mean and variance of no layer move, ever.",
    ),
)
tuning = Exercise(
    "tuning",
    "thaw the top, then let `fit` know of it",
    definitions=("fine_tuning",),
    points=1,
    hints=(
        "`thaw` says which layers train from now on, and gives back their names.",
        "`fit` looks at what trains when the model is compiled, and not again.",
        "What to reach: after a fit of the head and a fit of the whole, the top has moved, too.",
    ),
)
cache = Exercise(
    "cache",
    "the features of many images, batch by batch, and a checksum of what they were made from",
    definitions=("fingerprint", "_features"),
    points=2,
    hints=(
        "`_features`: classifier.features of one batch after another, as one array. The last may be smaller.",
        "`fingerprint`: hashlib.blake2b; `update` takes arrays whose numbers lie one behind the other in "
        "memory: np.ascontiguousarray. Shape and dtype go in first. What else than the images decides the features?",
        "What to reach: one changed weight, or two images that changed places, change the checksum.",
    ),
)

EXERCISES = Exercises(
    "day1.transfer",
    sources=(
        "keras_cv_course.classify.plain_backbone",
        "keras_cv_course.training.freezing",
        "keras_cv_course.training.transfer",
    ),
    exercises=(backbone, freezing, classifier, tuning, cache),
)


@backbone.check
def check_maps_and_names(mine, rng):
    """Each stage but the last is halved, for images of any size; every layer has its name."""
    network = mine.plain_backbone((2, 3, 4), channels=1)
    attempt = "'same' padding, and a 2x2 pooling between two stages only"
    for height, width in ((8, 12), (16, 16)):  # one size after the other through the same network
        features = network(rng.random((2, height, width, 1), dtype="float32"))
        shape_is(features, (2, height // 4, width // 4, 4), "features", attempt)
    expect(np.asarray(features).min() >= 0, "no negative number after ReLU", features, "ReLU comes last")
    for name in ("conv1", "norm1", "relu1", "pool1", "conv2", "norm3", "relu3"):
        equal_to(value(network.get_layer(name).name), name, "a layer's name", "name=f'conv{stage}'")


@backbone.check(points=1)
def check_backbone_numbers(mine, reference, rng):
    """With the same weights it gives the numbers that the reference gives."""
    images = rng.standard_normal((2, 8, 8, 3)).astype("float32")
    answers = [fixed_weights(module.plain_backbone((4, 5)))(images) for module in (mine, reference)]
    close_to(*answers, 1e-4, "features", "convolution without bias, batch normalisation, ReLU")


@backbone.check
def check_backbone_refuses(mine):
    """No stage, and numbers below 1, are refused."""
    all_refused(mine.plain_backbone, {f"{case}": case for case in (((), 3), ((4, 0), 3), ((4,), 0))})


@freezing.check
def check_whatever_it_was_before(mine, rng):
    """From thawed, frozen or half frozen, all weights end up as they should."""
    attempt = "first the opposite value, then the wanted one"
    for before in (True, False):
        for trainable in (True, False):
            stages = int(rng.integers(1, 9))
            expected = 3 * stages * trainable  # a kernel, a scale and an offset each
            # Made frozen, a model calls itself so, while the layers in it are not: so it comes from a file.
            network = mine.keras.Sequential([mine.plain_backbone((2,) * stages)], trainable=before)
            mine.set_trainable(network, trainable)
            trains = value(mine.keras.Sequential([network]).trainable_weights)
            what = f"arrays of weights that train, set to {trainable}, made with {before}"
            equal_to(len(trains), expected, what, attempt)


@classifier.check(points=1)
def check_features_are_means(mine, rng):
    """Features are the mean over the map, in inference mode; flat ones stay as they are."""
    images = rng.random((3, 8, 8, 3), dtype="float32") + 2
    network = fixed_weights(mine.plain_backbone((4, 6)))
    maps = np.asarray(network(images, training=False))
    model = small_classifiers.built(mine.TransferClassifier(network, 5))
    attempt = "self.backbone(images, training=False), then the mean over axes 1 and 2"
    close_to(model.features(images), maps.mean(axis=(1, 2)), 1e-5, "features", attempt)
    model, expected = small_classifiers.linear(mine, images, rng)
    close_to(model.features(images), expected, 1e-4, "flat features", "a mean needs maps: 4 axes")


@classifier.check
def check_backbone_always_infers(mine, rng):
    """In training, too, batch normalisation keeps its statistics and uses them; only the head drops out."""
    images = 5 * rng.random((6, 8, 8, 3), dtype="float32")
    model = small_classifiers.built(
        mine.TransferClassifier(fixed_weights(mine.plain_backbone((4, 6))), 5, dropout=0.0)
    )
    model.thaw(2)
    attempt = "training=False for the backbone, whatever `training` is"
    close_to(model(images, training=True), model(images), 1e-5, "logits in training", attempt)
    model = small_classifiers.built(
        mine.TransferClassifier(fixed_weights(mine.plain_backbone((4, 6))), 5, dropout=0.5)
    )
    close_to(model(images), model(images), 1e-6, "logits, asked twice", "the head gets training=training")
    once, twice = (np.asarray(model(images, training=True)) for _ in range(2))
    expect(np.abs(once - twice).max() > 1e-6, "dropout in training", "the same twice", "training=training")


@classifier.check
def check_one_step_moves_the_top_only(mine, rng):
    """A training step moves the head and the thawed layers, and nothing below; no statistics move."""
    for first, expected in small_classifiers.MOVES.items():
        model = small_classifiers.built(mine.TransferClassifier(mine.plain_backbone((3, 4)), 2, dropout=0.0))
        names = model.thaw(first)
        expect(isinstance(names, list), "the names of the layers that train, a list", names, "return them")
        model.compile("sgd", "mse")
        moved = small_classifiers.moved_in_backbone(model, rng)
        attempt = "first thaw the whole backbone, then freeze every layer below the top"
        equal_to(sorted(moved), expected, f"moved weights of the backbone after thaw({first!r})", attempt)


@classifier.check
def check_names_and_refusals(mine):
    """The names of what trains come back; layers that are not there are refused."""
    model = small_classifiers.built(mine.TransferClassifier(mine.plain_backbone((3, 4)), 2))
    attempt = "the last layers of self.backbone.layers, in their order"
    equal_to(model.thaw("conv2"), ["conv2", "norm2", "relu2"], "thaw('conv2')", attempt)
    equal_to(model.thaw(2), ["norm2", "relu2"], "thaw(2)", attempt)
    equal_to(value(model.thawed), 2, "self.thawed", "keep the number of layers: `get_config` reads it")
    equal_to(model.thaw(0), [], "thaw(0)", attempt)
    cases = {f"thaw({first!r})": (first,) for first in ("conv9", 8, -1)}
    all_refused(model.thaw, cases, "raise InputError: there is no such layer")


@tuning.check
def check_the_top_moves_after_a_frozen_fit(mine, rng):
    """The head trains first; then, thawed and compiled anew, the top moves, too."""
    for _ in range(2):
        stages = int(rng.integers(2, 5))
        first = int(rng.integers(2, stages + 1))
        backbone = mine.plain_backbone((3,) * stages)
        model = small_classifiers.built(mine.TransferClassifier(backbone, 2, dropout=0.0))
        model.compile("sgd", "mse")
        equal_to(
            sorted(small_classifiers.moved_in_backbone(model, rng)),
            [],
            "moved while frozen",
            "given: see exercise 3",
        )
        names = mine.fine_tuning(model, f"conv{first}", "sgd", "mse")
        top = range(first, stages + 1)
        expected = [f"{kind}{stage}" for stage in top for kind in ("conv", "norm", "relu", "pool")][:-1]
        equal_to(names, expected, "the names that it gives back", "those that `thaw` returns")
        expected = [5 * (stage - 1) + place for stage in top for place in range(3)]
        moved = sorted(small_classifiers.moved_in_backbone(model, rng))
        equal_to(moved, expected, "moved weights of the backbone", "thaw, then compile")


@cache.check(points=1)
def check_features_batch_by_batch(mine, rng):
    """Seven images in batches of three have the features that they have together."""
    images = rng.random((7, 8, 8, 3), dtype="float32")
    model, expected = small_classifiers.linear(mine, images, rng)
    attempt = "slices of batch_size images, the last one shorter; np.concatenate"
    for size in (3, 7, 64):
        features = mine.cached_features(model, images, batch_size=size)
        close_to(features, expected, 1e-4, f"features in batches of {size}", attempt)


@cache.check
def check_checksum(mine, rng):
    """The same images and weights have one checksum; anything else has another."""
    images = rng.random((4, 8, 8, 3), dtype="float32")
    network = fixed_weights(mine.plain_backbone((2,)))
    first = mine.fingerprint(network, images)
    expect(isinstance(first, str), "a text", first, "hexdigest()")
    equal_to(mine.fingerprint(network, images.copy()), first, "the checksum, asked twice", "no chance in it")
    weights = network.get_weights()
    others = {
        "images in another order": images[::-1],
        "the same numbers in another shape": images.reshape(4, 4, 16, 3),
        "one other pixel": np.where(np.arange(images.size).reshape(images.shape) == 100, 0, images),
    }
    for what, other in others.items():
        received = mine.fingerprint(network, np.asarray(other, "float32"))
        expect(received != first, f"another checksum for {what}", received, "all of it goes in")
    for place in (0, len(weights) - 1):
        changed = [weight + (index == place) for index, weight in enumerate(weights)]
        network.set_weights([np.asarray(weight, "float32") for weight in changed])
        received = mine.fingerprint(network, images)
        expect(received != first, f"another checksum for other weights ({place})", received, "get_weights()")
