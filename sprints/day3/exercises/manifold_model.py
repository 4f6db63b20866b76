"""The exercise of day3.manifold on the whole autoencoder."""

import numpy as np

from keras_cv_course.classroom import Exercise, close_to, expect
from keras_cv_course.classroom.shared_checks import (
    all_refused,
    every_weight_learns,
    fixed_weights,
    keeps,
    weights_are,
)
from sprints.day3.exercises.slow_penalty import floats, radius_in_a_gap, slow_penalty

model = Exercise(
    "autoencoder",
    "encoder, mirrored decoder and loss; a metric named `mse` for the error alone",
    definitions=(
        "ManifoldAutoencoder.__init__",
        "ManifoldAutoencoder.build",
        "ManifoldAutoencoder.encode",
        "ManifoldAutoencoder.decode",
        "ManifoldAutoencoder.call",
        "ManifoldAutoencoder.compute_loss",
    ),
    points=6,
    hints=(
        "Keep every argument under its own name: `get_config` below, which is given, reads them.",
        "Two `keras.Sequential` of dense layers; `build` builds each for its own input and sets `self.built`.",
        "The loss asks how far the reconstruction is from `x`: there is no `y`. A `keras.metrics.Mean` called "
        "mse, made in `__init__`, gets each batch's mean squared error; Keras finds and shows it. Where "
        "`unfold` is 0 the penalty need not be computed.",
        "What to reach: 3 numbers become 64, 64, 64, then 2; from there 64, 64, 64, and 3 again. "
        "While it learns, the log shows loss and mse: equal with unfold 0, else apart by the penalty.",
    ),
)


@model.check(points=2)
def check_same_numbers_as_the_reference(mine, reference, rng):
    """With the same weights it gives the numbers that the reference gives; `encode` and `decode` are its halves."""
    # Far out, so that a squashed code or reconstruction shows.
    points = floats(3 * rng.standard_normal((7, 4)))
    for activation in ("tanh", "softplus"):
        ours, theirs = (
            fixed_weights(module.ManifoldAutoencoder(4, 3, (6, 5), activation), (None, 4))
            for module in (mine, reference)
        )
        weights_are(
            ours, [np.shape(weight) for weight in theirs.get_weights()], "mirror the encoder; build both"
        )
        output, expected = ours(points), theirs(points)
        attempt = "`call` returns a dictionary: see the docstring of the class"
        expect(isinstance(output, dict) and set(expected) <= set(output), str(set(expected)), output, attempt)
        attempt = (
            f"`activation`, here {activation}, in the hidden layers; none in the two that end the halves"
        )
        for name in expected:
            close_to(output[name], expected[name], 1e-3, name, attempt)
        close_to(ours.encode(points), expected["code"], 1e-3, "what `encode` gives", attempt)
        codes = np.asarray(expected["code"])
        close_to(ours.decode(codes), expected["reconstruction"], 1e-3, "what `decode` gives", attempt)


@model.check(points=2)
def check_loss_and_metric(mine, rng):
    """In a batch, `loss` is error plus weighted penalty, and `mse` is the error alone."""
    points = rng.uniform(-1, 1, (20, 3))
    radius, spread = radius_in_a_gap(points), float(rng.uniform(0.2, 0.8))
    for unfold in (0.0, 2.0):
        network = mine.ManifoldAutoencoder(hidden=(6,), unfold=unfold, radius=radius, spread=spread)
        fixed_weights(network, (None, 3))
        network.compile(optimizer="sgd", run_eagerly=True)
        output = network(floats(points))
        error = np.mean((points - output["reconstruction"]) ** 2)
        logs = network.test_on_batch(floats(points), return_dict=True)
        expect(
            "mse" in logs, "a metric `mse` beside the loss", sorted(logs), "a Mean of that name, kept in self"
        )
        attempt = "give the metric the mean squared error of every batch, without the penalty"
        close_to(logs["mse"], error, 1e-4, "mse", attempt)
        expected = error + unfold * slow_penalty(points, output["code"], radius, spread)
        attempt = "error plus `unfold` times the penalty, with this model's own radius and spread"
        close_to(logs["loss"], expected, 2e-2, f"loss with unfold {unfold:g}, radius {radius:.3f}", attempt)


@model.check
def check_learns(mine, rng):
    """One step of training moves every weight; the arguments are kept."""
    arguments = dict(dimensions=4, latent=3, hidden=[6, 5], activation="softplus", unfold=2.0, radius=1.5)
    network = mine.ManifoldAutoencoder(**arguments, spread=0.1)
    keeps(network, **arguments, spread=0.1)
    network.build((None, 4))
    points = floats(rng.standard_normal((16, 4)))
    every_weight_learns(network, points, None, loss=None)


@model.check
def check_bad_arguments_are_refused(mine):
    """Arguments out of their range and points of another size are refused."""
    network = mine.ManifoldAutoencoder
    wrong = dict(dimensions=0, latent=0, hidden=(8, 0), unfold=-1.0, radius=0.0, spread=-0.1)
    all_refused(network, {f"{name}={bad}": {name: bad} for name, bad in wrong.items()})
    all_refused(network().build, {"points of 4 numbers in place of 3": ((None, 4),)})
