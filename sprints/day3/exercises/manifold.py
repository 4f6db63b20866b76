"""The exercises of day3.manifold: from distances to the autoencoder that unfolds a rolled-up sheet."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, expect, shape_is
from keras_cv_course.classroom.shared_checks import (
    all_refused,
    every_weight_learns,
    fixed_weights,
    keeps,
    weights_are,
)
from sprints.day3.exercises.slow_penalty import radius_in_a_gap, slow_penalty

distances = Exercise(
    "distances",
    "distances between all pairs of points, by keras.ops, with a finite gradient everywhere",
    definitions=("pairwise_distances",),
    points=2,
    hints=(
        "Write |a - b|^2 out: three terms. Two need one number a point, once down the rows and once along "
        "the columns; the third needs the scalar products of all pairs: one product of two matrices.",
        "Rounding makes some squares slightly negative, and the root has no finite gradient at 0: what can be "
        "done to the squares before the root, so that neither happens?",
        "What to reach: three corners of a triangle with sides 3, 4 and 5 give a 3x3 table, the same "
        "above its diagonal as below, and 0.001 on it.",
    ),
)
correlation = Exercise(
    "correlation",
    "the multiple correlation R: how well a linear function of the codes gives a true coordinate",
    definitions=("coordinate_correlation",),
    points=2,
    hints=(
        "Take the means away from the coordinate and from each column of the codes; then b is 0, and NumPy "
        "solves the least squares for w, all columns at once.",
        "Two sums of squares: what is left, and what was there. Rounding can carry the explained share just "
        "below 0; R is the root of that share. Which three inputs leave R without a meaning?",
        "What to reach: a flat sheet scores 1 however it lies; one folded in the middle scores 0, for "
        "the codes of both halves are the same.",
    ),
)
penalty = Exercise(
    "penalty",
    "the stress between neighbours, minus the reward for codes that are far apart",
    definitions=("unfolding_penalty",),
    points=3,
    hints=(
        "Two tables of distances are all it needs. Whether a pair is near is decided by the points, not by "
        "the codes; as numbers 0 and 1 that can be multiplied into a sum over all pairs.",
        "The stress is one sum over another, of the near pairs; the stretch is one mean over another, of all "
        "pairs. Stretch 1 costs nothing, more is a gain: which sign?",
        "What to reach: three points in a row, 1 apart, radius 1.5, spread 0.5. As a straight line: 0. "
        "Folded onto itself: 0.35. Three times as long: 4 - 0.55 = 3.45.",
    ),
)
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

EXERCISES = Exercises(
    "day3.manifold",
    sources=("keras_cv_course.metrics.coordinate_correlation", "keras_cv_course.reconstruct.manifold"),
    exercises=(distances, correlation, penalty, model),
)


@distances.check(points=1)
def check_any_number_of_points(mine, rng):
    """One row and one column a point, whatever the number of points and of their coordinates."""
    for count, dimensions in ((5, 3), (12, 2), (4, 7)):
        points = _floats(rng.uniform(-1, 1, (count, dimensions)))
        slow = [[np.linalg.norm(one - other) for other in points] for one in points]
        attempt = "compare entry (0, 1) with the length of points[0] - points[1]"
        close_to(mine.pairwise_distances(points), slow, 5e-3, f"distances of {count} points", attempt)


@distances.check
def check_equal_points(mine, rng):
    """Points that meet are 0.001 apart, as every point is from itself, and the gradient stays finite."""
    # Whole numbers have exact squares: no rounding hides what stands at 0.
    points = rng.integers(-4, 5, (4, 3)).astype("float32")
    points[1] = points[0]
    received = shape_is(mine.pairwise_distances(points), (4, 4), "distances", "one row and column a point")
    attempt = "the docstring names the least distance; keep its square under the root"
    close_to(received[0, 1], 1e-3, 1e-5, "distance of two equal points", attempt)
    close_to(np.diag(received), np.full(4, 1e-3), 1e-5, "distances of points to themselves", attempt)
    # A layer that changes nothing, so that the whole numbers come to the distances as they are.
    points = np.append(points, rng.integers(-4, 5, (4, 1)).astype("float32"), axis=1)
    points[1] = points[0]
    layer = mine.keras.layers.Dense(4, activation=mine.pairwise_distances, use_bias=False)
    network = mine.keras.Sequential([layer])
    network.build((4, 4))
    network.set_weights([np.eye(4, dtype="float32")])
    network.compile(optimizer="sgd", loss="mse", run_eagerly=True)
    network.train_on_batch(points, np.zeros((4, 4), "float32"))
    (after,) = network.get_weights()
    expect(np.isfinite(after).all(), "finite weights after a step of training", "NaN or infinity", attempt)
    expect(np.any(after != np.eye(4)), "a step that moves weights", "no change", "use keras.ops only")


@distances.shows
def image_of_distances(mine):
    """Distances between all points of a rolled-up line: dark bands where the next turn comes close."""
    angle = np.linspace(1.5, 4.5, 150) * np.pi
    points = angle[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    between = np.asarray(mine.pairwise_distances(_floats(points)))
    return between / between.max()


@correlation.check
def check_a_flat_sheet_scores_one(mine, rng):
    """A flat code scores 1, however it is turned, mirrored, stretched or shifted; a folded one scores 0."""
    flat = rng.uniform(0, 1, (60, 2)) * [9, 2]
    turn, _ = np.linalg.qr(rng.standard_normal((2, 2)))
    attempt = "centre each column of the codes on its own mean; solve for all columns at once; R is a root"
    for codes in (flat, flat @ turn, flat * [-1, 1], flat * [0.1, 30] + [5, -70]):
        for coordinate in flat.T:
            close_to(mine.coordinate_correlation(codes, coordinate), 1.0, 1e-6, "R of a flat sheet", attempt)
    middle = float(rng.integers(10, 90))
    along = np.linspace(0, 2 * middle, 101)
    folded = np.abs(along - middle)[:, None]
    close_to(mine.coordinate_correlation(folded, along), 0.0, 1e-5, "R of a sheet folded in half", attempt)


@correlation.check(points=1)
def check_codes_of_several_numbers(mine, rng):
    """It equals the formula from the correlations of all pairs; with one number that is the ordinary one."""
    along = rng.uniform(0, 9, 80)
    for numbers in (1, 2, 4):
        codes = along[:, None] + 6 * rng.standard_normal((80, numbers)) + 10
        table = np.corrcoef(codes.T, along)
        between, with_along = table[:-1, :-1], table[:-1, -1]
        expected = np.sqrt(with_along @ np.linalg.solve(between, with_along))
        received = mine.coordinate_correlation(-codes, along)
        attempt = "one least-squares problem with all columns; the root of the share explained"
        close_to(received, expected, 1e-6, f"R of codes of {numbers} numbers", attempt)


@correlation.check
def check_senseless_input_is_refused(mine, rng):
    """Other lengths, too few points and a coordinate without variation are refused."""
    codes, along = rng.standard_normal((20, 2)), rng.uniform(0, 9, 20)
    cases = {"20 codes and 19 coordinates": (codes, along[1:])}
    cases["3 points with codes of 2 numbers, which fit any line"] = codes[:3], along[:3]
    cases["a coordinate that is 3 everywhere"] = codes, np.full(20, 3.0)
    all_refused(mine.coordinate_correlation, cases)


@penalty.check
def check_pair_by_pair(mine, rng):
    """It equals the equation, summed pair by pair; it is 0 for points that are turned and shifted."""
    points, codes = rng.uniform(-1, 1, (25, 3)), rng.uniform(-1, 1, (25, 2))
    radius = radius_in_a_gap(points)
    turn, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    for spread in (0.0, 0.5, 2.0):
        for unit, others in ((1.0, codes), (3.0, codes), (1.0, points @ turn + 0.3)):
            arrays = _floats(unit * points), _floats(unit * others)
            received = mine.unfolding_penalty(*arrays, unit * radius, spread)
            expected = slow_penalty(points, others, radius, spread)
            attempt = "near pairs by the points' distances; the two means over all pairs, then their ratio"
            close_to(received, expected, 1e-2, f"penalty with spread {spread:g}, lengths x {unit:g}", attempt)


@model.check(points=2)
def check_same_numbers_as_the_reference(mine, reference, rng):
    """With the same weights it gives the numbers that the reference gives; `encode` and `decode` are its halves."""
    # Far out, so that a squashed code or reconstruction shows.
    points = _floats(3 * rng.standard_normal((7, 4)))
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
        output = network(_floats(points))
        error = np.mean((points - output["reconstruction"]) ** 2)
        logs = network.test_on_batch(_floats(points), return_dict=True)
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
    points = _floats(rng.standard_normal((16, 4)))
    every_weight_learns(network, points, None, loss=None)


@model.check
def check_bad_arguments_are_refused(mine):
    """Arguments out of their range and points of another size are refused."""
    network = mine.ManifoldAutoencoder
    wrong = dict(dimensions=0, latent=0, hidden=(8, 0), unfold=-1.0, radius=0.0, spread=-0.1)
    all_refused(network, {f"{name}={bad}": {name: bad} for name, bad in wrong.items()})
    all_refused(network().build, {"points of 4 numbers in place of 3": ((None, 4),)})


def _floats(array):
    """In the dtype that keras.ops calculates in."""
    return np.asarray(array, "float32")
