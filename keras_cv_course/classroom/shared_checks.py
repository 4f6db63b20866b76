"""What checks of many classes ask alike: shapes, parity on fixed weights, weights that learn, refusals.

Each is one call in a check; it raises `Wrong` as the functions of `expectations` do.
"""

import numpy as np

from keras_cv_course.classroom.expectations import close_to, equal_to, expect, refuses, shape_is
from keras_cv_course.classroom.remote import value


def fixed_weights(layer, input_shape=None):
    """The layer with weights that depend on their shapes alone, so that no order of layers matters.

    Vectors are positive: biases leave no ReLU dead, and running variances are variances.

    Args:
        layer: a layer or model in a worker.
        input_shape: build it for this shape first; None where it is built.
    """
    if input_shape is not None:
        layer.build(input_shape)
    weights = []
    for weight in layer.get_weights():
        shape = np.shape(weight)
        low = 0.05 if len(shape) < 2 else -0.3
        drawn = np.random.default_rng(shape).uniform(low, 0.5, shape)
        weights.append(drawn.astype(np.asarray(weight).dtype))
    layer.set_weights(weights)
    return layer


def same_numbers(mine, reference, make, inputs, tolerance, what, attempt, training=False):
    """A layer or model gives the numbers that the reference gives with the same weights.

    Args:
        mine, reference: the two modules.
        make: function of a module that gives the layer, not built yet.
        inputs: (N, ...) array.
        tolerance: largest difference.
        what: what is compared, in words.
        attempt: what to try.
        training: also compare the outputs in training.
    """
    ours, theirs = (fixed_weights(make(module), (None, *inputs.shape[1:])) for module in (mine, reference))
    close_to(ours(inputs), theirs(inputs), tolerance, what, attempt)
    if training:
        outputs = (layer(inputs, training=True) for layer in (ours, theirs))
        close_to(*outputs, 10 * tolerance, f"{what} in training", "is `training` passed on?")


def weights_are(layer, shapes, attempt):
    """A built layer has weights of these shapes, in any order, and no others."""
    received = sorted(np.shape(weight) for weight in layer.get_weights())
    expected = sorted(tuple(shape) for shape in shapes)
    expect(received == expected, f"weights of shapes {expected}", received, attempt)


def maps_are(maps, shapes, attempt):
    """`endpoints` gives a dictionary of these feature maps, {name: shape}, and no others."""
    expect(isinstance(maps, dict), "a dictionary of feature maps", maps, attempt)
    equal_to(sorted(maps), sorted(shapes), "names of the feature maps", attempt)
    for name, shape in shapes.items():
        shape_is(maps[name], shape, name, attempt)


def every_weight_learns(model, inputs, targets, loss="mse"):
    """One step of gradient descent moves every weight of a built model."""
    # Positive biases, so that no ReLU is dead whatever the first weights are.
    before = [weight if np.ndim(weight) > 1 else weight + 0.3 for weight in model.get_weights()]
    model.set_weights(before)
    model.compile(optimizer="sgd", loss=loss, run_eagerly=True)
    model.train_on_batch(inputs, targets)
    for old, new in zip(before, model.get_weights(), strict=True):
        moved = shape_is(new, old.shape, "weights", "weights keep their shape") != old
        attempt = "does every layer take part in `call`?"
        expect(moved.any(), f"weights {old.shape} that move", "no change", attempt)


def keeps(layer, attempt="keep every argument under its own name", **arguments):
    """The layer has each constructor argument under its own name."""
    for name, expected in arguments.items():
        equal_to(value(getattr(layer, name)), expected, f"self.{name}", attempt)


def all_refused(function, cases, attempt="raise InputError as the docstring says", kind="ValueError"):
    """Calling the function with any of these arguments raises an error.

    Args:
        function: what is called.
        cases: {the case in words: its positional arguments as a tuple, or its named ones as a dictionary}.
        attempt: what to try.
        kind: name of the error's class or of one of its bases.
    """
    for words, arguments in cases.items():
        named = arguments if isinstance(arguments, dict) else {}
        positional = () if named else arguments
        refuses(function, *positional, what=words, attempt=attempt, kind=kind, **named)
