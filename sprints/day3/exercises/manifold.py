"""The exercises of day3.manifold: from distances to the autoencoder that is paid to unfold the sheet."""

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

distances = Exercise(
    "distances",
    "distances between all pairs of points, by keras.ops, with a slope everywhere",
    definitions=("distances",),
    points=2,
    hints=(
        "Entry (i, j) of N x N tells how far point i is from point j. What lies on the diagonal?",
        "Write |a - b|^2 out: three terms. Two need one number a point, once down the rows and once along "
        "the columns; the third needs the scalar products of all pairs: one product of two matrices.",
        "Rounding makes some squares slightly negative, and the root has no slope at 0: what can be done to "
        "the squares before the root, so that neither happens?",
        "What to reach: three corners of a triangle with sides 3, 4 and 5 give a 3x3 table, the same "
        "above its diagonal as below, and 0.001 on it.",
    ),
)
correlation = Exercise(
    "correlation",
    "the multiple correlation R: how well the codes tell a true coordinate",
    definitions=("coordinate_correlation",),
    points=2,
    hints=(
        "How much of the coordinate's variation is left when the best linear reading has said what it can?",
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
    "the strain between neighbours, minus the reward for spreading out",
    definitions=("unfolding_penalty",),
    points=3,
    hints=(
        "Two tables of distances are all it needs: one of the points, one of the codes.",
        "Whether a pair is near is decided in space, not in the code. As numbers 0 and 1, the answer to that "
        "can be multiplied into a sum over all pairs.",
        "The strain is one sum over another, of the near pairs; the spread is one mean over another, of all "
        "pairs. Spread 1 costs nothing, more is a gain: which sign?",
        "What to reach: three points in a row, 1 apart, radius 1.5, pull 0.5. As a straight line: 0. "
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
        "Keep every argument under its own name: `get_config` below, which is given, reads them. Then refuse "
        "the ones out of range.",
        "Two `keras.Sequential` of dense layers. A code and a rebuilt point may be any number: which "
        "activation do the two last layers have, then? `build` gets the shape of a batch: refuse points of "
        "another size, build both halves, each for its own input, and set `self.built`.",
        "The loss asks how far the rebuilt points are from `x`: there is no `y`. A `keras.metrics.Mean` "
        "called mse, made in `__init__`, is told each batch's mean squared error; Keras finds and shows it. "
        "The penalty compares `x` with the codes; where `unfold` is 0 it need not be computed.",
        "What to reach: 3 numbers become 64, 64, 64, then 2; from there 64, 64, 64, and 3 again. "
        "While it learns, the log shows loss and mse: equal with unfold 0, else apart by the penalty.",
    ),
)

EXERCISES = Exercises(
    "day3.manifold",
    sources=("keras_cv_course.metrics.coordinate_correlation", "keras_cv_course.reconstruct.manifold"),
    exercises=(distances, correlation, penalty, model),
)


@distances.check
def check_a_triangle_by_hand(mine, rng):
    """A triangle with sides 3, 4 and 5, anywhere in the plane."""
    corners = (np.array([[0, 0], [3, 0], [0, 4]]) + rng.integers(-3, 4, 2)).astype("float32")
    expected = np.array([[0, 3, 4], [3, 0, 5], [4, 5, 0]])
    attempt = "|a|^2 + |b|^2 - 2 a.b is the square of a distance; a point's |a|^2 sums over its numbers"
    # The diagonal may be 0.001: the docstring says what it counts as.
    close_to(mine.distances(corners), expected, 2e-3, "distances between the corners", attempt)


@distances.check
def check_any_number_of_points(mine, rng):
    """One row and one column a point, whatever the number of points and of their coordinates."""
    for count, dimensions in ((5, 3), (12, 2), (4, 7)):
        points = rng.uniform(-1, 1, (count, dimensions)).astype("float32")
        slow = [[np.linalg.norm(one - other) for other in points] for one in points]
        received = close_to(
            mine.distances(points), slow, 5e-3, f"distances of {count} points in {dimensions} dimensions",
            "compare entry (0, 1) with the length of points[0] - points[1]",
        )  # fmt: skip
        close_to(received, received.T, 2e-3, "distances, there and back", "as far from a to b as from b to a")


@distances.check
def check_turned_and_shifted(mine, rng):
    """Points that are turned and shifted together stay as far apart as they were."""
    points = rng.uniform(-1, 1, (10, 3))
    turn, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    moved = points @ turn + rng.uniform(-0.5, 0.5, 3)
    received, again = (mine.distances(array.astype("float32")) for array in (points, moved))
    shape_is(received, (10, 10), "distances", "one row and one column a point")
    close_to(
        again, received, 5e-3, "distances after a turn and a shift", "only differences of points may count"
    )


@distances.check
def check_equal_points(mine, rng):
    """Points that meet are 0.001 apart, as every point is from itself."""
    # Whole numbers have exact squares: no rounding hides what stands at 0.
    points = rng.integers(-4, 5, (4, 3)).astype("float32")
    points[1] = points[0]
    received = shape_is(mine.distances(points), (4, 4), "distances of 4 points", "one row and column a point")
    attempt = "the docstring names the least distance; keep its square under the root"
    close_to(received[:1, 1], [1e-3], 1e-5, "distance of two equal points", attempt)
    close_to(np.diag(received), np.full(4, 1e-3), 1e-5, "distances of points to themselves", attempt)


@distances.check
def check_slope_where_points_meet(mine):
    """Where points meet, the slope is a number, so that a network can learn through it."""
    # As many points as numbers, so that the table of distances has the shape that the layer announces.
    points = np.array([[1, 2, 0, 1], [1, 2, 0, 1], [0, 3, 1, 2], [4, 0, 2, 0]], "float32")
    shape_is(mine.distances(points), (4, 4), "distances of 4 points", "one row and one column a point")
    layer = mine.keras.layers.Dense(4, activation=mine.distances, use_bias=False)
    network = mine.keras.Sequential([layer])
    network.build((4, 4))
    # The layer changes nothing, so that the whole numbers come to the distances as they are.
    before = np.eye(4, dtype="float32")
    network.set_weights([before])
    network.compile(optimizer="sgd", loss="mse", run_eagerly=True)
    network.train_on_batch(points, np.zeros((4, 4), "float32"))
    (after,) = network.get_weights()
    attempt = "the root is infinitely steep at 0: keep what is under it above 0, before the root is taken"
    expect(np.isfinite(after).all(), "finite weights after a step of training", "NaN or infinity", attempt)
    expect(np.any(after != before), "a step that moves weights", "no change", "calculate with keras.ops only")


@correlation.check
def check_a_flat_sheet_scores_one(mine, rng):
    """A flat code scores 1, however it is turned, mirrored, stretched or shifted."""
    flat = rng.uniform(0, 1, (60, 2)) * [9, 2]
    angle = rng.uniform(0.3, 1.2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    codes = {
        "the sheet itself": flat,
        "the sheet, turned": flat @ turn,
        "the sheet, mirrored": flat * [-1, 1],
        "the sheet, stretched and shifted": flat * [0.1, 30] + [5, -70],
    }
    attempt = "centre each column of the codes on its own mean; solve for all columns at once; R is a root"
    for what, code in codes.items():
        for coordinate in flat.T:
            close_to(mine.coordinate_correlation(code, coordinate), 1.0, 1e-6, f"R of {what}", attempt)


@correlation.check
def check_one_number_is_the_plain_correlation(mine, rng):
    """With a code of one number it is the size of the ordinary correlation."""
    along = rng.uniform(0, 9, 80)
    codes = along + 3 * rng.standard_normal(80)
    expected = abs(np.corrcoef(codes, along)[0, 1])
    attempt = "R is the root of the share that is explained, never negative"
    for sign in (1, -1):
        received = mine.coordinate_correlation(sign * codes[:, None], along)
        close_to(received, expected, 1e-6, "R of a code of one number", attempt)


@correlation.check
def check_several_numbers(mine, rng):
    """With several numbers it equals the formula from the correlations of all pairs."""
    along = rng.uniform(0, 9, 80)
    for numbers in (2, 4):
        codes = along[:, None] + 6 * rng.standard_normal((80, numbers)) + 10
        table = np.corrcoef(codes.T, along)
        between, with_along = table[:-1, :-1], table[:-1, -1]
        expected = np.sqrt(with_along @ np.linalg.solve(between, with_along))
        close_to(
            mine.coordinate_correlation(codes, along), expected, 1e-6, f"R of a code of {numbers} numbers",
            "one least-squares problem with all columns; the root of the share explained",
        )  # fmt: skip


@correlation.check
def check_a_fold_scores_zero(mine, rng):
    """A sheet folded in the middle scores 0."""
    middle = float(rng.integers(10, 90))
    along = np.linspace(0, 2 * middle, 101)
    attempt = "centre codes and coordinate both; 1 minus the share that is left"
    close_to(
        mine.coordinate_correlation(np.abs(along - middle)[:, None], along), 0.0, 1e-5,
        "R of a sheet folded in its middle", attempt,
    )  # fmt: skip


@correlation.check
def check_senseless_input_is_refused(mine, rng):
    """Other lengths, too few points and a coordinate without variation are refused."""
    codes, along = rng.standard_normal((20, 2)), rng.uniform(0, 9, 20)
    attempt = "raise InputError as the docstring says"
    refuse = mine.coordinate_correlation
    refuses(refuse, codes, along[1:], what="20 codes and 19 coordinates", attempt=attempt)
    refuses(refuse, codes[:3], along[:3], what="3 points of 2 numbers, which fit any line", attempt=attempt)
    refuses(refuse, codes, np.full(20, 3.0), what="a coordinate that is 3 everywhere", attempt=attempt)


@penalty.check
def check_turned_costs_nothing(mine, rng):
    """Codes that are the points, turned and shifted, cost nothing."""
    for count in (12, 30):
        points = rng.uniform(-1, 1, (count, 3))
        turn, _ = np.linalg.qr(rng.standard_normal((3, 3)))
        received = mine.unfolding_penalty(_narrow(points), _narrow(points @ turn + 0.3), 1.0, 0.5)
        attempt = "no distance has changed: strain 0, spread 1; return one number"
        close_to(received, 0.0, 2e-3, "penalty", attempt)


@penalty.check
def check_three_points_by_hand(mine, rng):
    """Three points in a row: as a straight line, folded, and three times as long."""
    row, pull = np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0]], "float32"), float(rng.uniform(0.3, 1.0))
    cases = {
        "a straight line": ([0, 1, 2], 0.0, "no distance has changed"),
        "a line folded in its middle": (
            [0, 1, 0],
            -pull * np.log(1 / 2),
            "the ends are no neighbours in space, so there is no strain; the mean distance is halved",
        ),
        "a line three times as long": (
            [0, 3, 6],
            4 - pull * np.log(3),
            "each step of 1 has become 3: strain (3 - 1)^2 over 1^2; gain pull log 3",
        ),
    }
    for what, (places, expected, attempt) in cases.items():
        codes = np.stack([places, np.zeros(3)], axis=1).astype("float32")
        received = mine.unfolding_penalty(row, codes, 1.5, pull)
        close_to(received, expected, 5e-3, f"penalty of {what}, pull {pull:.3f}", attempt)


@penalty.check
def check_a_stretch(mine, rng):
    """A stretch by 1 + s costs s squared and gains pull log(1 + s), in every unit."""
    points, stretch = rng.uniform(-1, 1, (20, 2)), float(rng.uniform(0.3, 0.8))
    for unit in (1.0, 3.0):
        for pull in (0.0, 0.5, 2.0):
            # All pairs are near: none is farther apart than the diagonal of the square.
            received = mine.unfolding_penalty(
                _narrow(unit * points), _narrow(unit * (1 + stretch) * points), 3.0 * unit, pull
            )
            close_to(
                received, stretch**2 - pull * np.log(1 + stretch), 5e-3,
                f"penalty of a stretch by {1 + stretch:.3f}, pull {pull:g}, lengths times {unit:g}",
                "squares of neighbours' changes over squares of their distances; pull times the logarithm",
            )  # fmt: skip


@penalty.check
def check_pair_by_pair(mine, rng):
    """It equals the equation, summed pair by pair."""
    points, codes = rng.uniform(-1, 1, (25, 3)), rng.uniform(-1, 1, (25, 2))
    radius = _radius_in_a_gap(points)
    for pull in (0.0, 0.5, 2.0):
        expected = _slow_penalty(points, codes, radius, pull)
        close_to(
            mine.unfolding_penalty(_narrow(points), _narrow(codes), radius, pull), expected, 1e-2,
            f"penalty of random codes, radius {radius:.3f}, pull {pull:g}",
            "near pairs by the points' distances; the two means over all pairs, then their ratio",
        )  # fmt: skip


@model.check
def check_shapes(mine, rng):
    """Points of any number become codes, and points of their own shape again."""
    for dimensions, latent, hidden, count in ((3, 2, (8, 6), 5), (5, 3, (7,), 9)):
        network = mine.ManifoldAutoencoder(dimensions=dimensions, latent=latent, hidden=hidden)
        points = _narrow(rng.standard_normal((count, dimensions)))
        answer = network(points)
        attempt = "the docstring of the class, under Call, shows the dictionary that comes out"
        expect(
            isinstance(answer, dict) and sorted(answer) == ["code", "reconstruction"],
            "a dictionary with `code` and `reconstruction`", answer, attempt,
        )  # fmt: skip
        codes = shape_is(answer["code"], (count, latent), "codes", attempt)
        again = shape_is(answer["reconstruction"], points.shape, "rebuilt points", attempt)
        attempt = "`call` encodes the points, then decodes the codes"
        close_to(network.encode(points), codes, 1e-5, "what `encode` gives", attempt)
        close_to(network.decode(codes), again, 1e-5, "what `decode` gives for the codes", attempt)


@model.check
def check_weights(mine):
    """Building it makes the weights of both halves, the decoder's mirroring the encoder's."""
    network = mine.ManifoldAutoencoder(dimensions=3, latent=2, hidden=(6, 4))
    network.build((None, 3))
    shapes = sorted(weights.shape for weights in network.get_weights())
    kernels = ((3, 6), (6, 4), (4, 2), (2, 4), (4, 6), (6, 3))
    expected = sorted([*kernels, *(kernel[1:] for kernel in kernels)])
    expect(
        shapes == expected, f"weights of shapes {expected}", shapes,
        "hidden layers, then the code; the decoder goes through them from the last to the first; build both",
    )  # fmt: skip


@model.check
def check_same_numbers_as_the_reference(mine, reference, rng):
    """With the same weights it gives the numbers that the reference gives."""
    # Far out, so that a squashed code or point shows.
    points = _narrow(3 * rng.standard_normal((7, 4)))
    for activation in ("tanh", "softplus"):
        answers = []
        for module in (mine, reference):
            network = module.ManifoldAutoencoder(4, 3, hidden=(6, 5), activation=activation)
            network.build((None, 4))
            network.set_weights([_weights_of_shape(weights.shape) for weights in network.get_weights()])
            answers.append(network(points))
        attempt = (
            f"`activation`, here {activation}, in the hidden layers; none in the two that end the halves"
        )
        for name in ("code", "reconstruction"):
            close_to(*(answer[name] for answer in answers), 1e-4, name, attempt)


@model.check
def check_loss_by_hand(mine, rng):
    """Three points in a row, a folded code, an error of 0.1: the loss by hand."""
    row = np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0]], "float32")
    folded = np.array([[0, 0], [1, 0], [0, 0]], "float32")
    pull = float(rng.uniform(0.8, 1.5))
    for unfold in (0.0, 1.0, 3.0):
        network = mine.ManifoldAutoencoder(hidden=(4,), unfold=unfold, radius=1.5, pull=pull)
        network.build((None, 3))
        network.compile(optimizer="sgd", run_eagerly=True)
        received = network.compute_loss(x=row, y_pred={"code": folded, "reconstruction": row + 0.1})
        close_to(
            received, 0.01 + unfold * pull * np.log(2), 1e-2,
            f"loss with an error of 0.1, a folded code, unfold {unfold:g} and pull {pull:.3f}",
            "mean squared error of `x`, plus `unfold` times the penalty of `x` and the codes",
        )  # fmt: skip


@model.check
def check_loss_and_metric(mine, rng):
    """In a batch, `loss` is error plus weighted penalty, and `mse` is the error alone."""
    points = rng.uniform(-1, 1, (20, 3))
    radius = _radius_in_a_gap(points)
    for unfold in (0.0, 2.0):
        network = mine.ManifoldAutoencoder(hidden=(6,), unfold=unfold, radius=radius, pull=0.2)
        network.build((None, 3))
        network.set_weights([_weights_of_shape(weights.shape) for weights in network.get_weights()])
        network.compile(optimizer="sgd", run_eagerly=True)
        answer = network(_narrow(points))
        error = np.mean((points - answer["reconstruction"]) ** 2)
        logs = network.test_on_batch(_narrow(points), return_dict=True)
        expect(
            "mse" in logs, "a metric `mse` beside the loss", sorted(logs), "a Mean of that name, kept in self"
        )
        attempt = "tell the metric the mean squared error of every batch, without the penalty"
        close_to(logs["mse"], error, 1e-4, "mse", attempt)
        # With weights of this size the penalty is of the order of 1, the distances are good to 0.001.
        expected = error + unfold * _slow_penalty(points, answer["code"], radius, 0.2)
        attempt = "error plus `unfold` times the penalty, with this model's own radius and pull"
        close_to(
            logs["loss"], expected, 2e-2, f"loss with unfold {unfold:g} and radius {radius:.3f}", attempt
        )


@model.check
def check_learns(mine, rng):
    """One step of training moves every weight; the configuration is kept."""
    arguments = dict(
        dimensions=4, latent=3, hidden=[6, 5], activation="softplus", unfold=2.0, radius=1.5, pull=0.1
    )
    network = mine.ManifoldAutoencoder(**arguments)
    config = network.get_config()
    for name, given in arguments.items():
        equal_to(config.get(name), given, f"{name} in get_config", f"keep {name} under its own name in self")
    network.build((None, 4))
    before = network.get_weights()
    network.compile(optimizer="sgd", run_eagerly=True)
    network.train_on_batch(_narrow(rng.standard_normal((16, 4))))
    for old, new in zip(before, network.get_weights()):
        moved = shape_is(new, old.shape, "weights", "weights keep their shape") != old
        expect(
            moved.any() and np.isfinite(new).all(),
            f"weights {old.shape} that move, and stay finite",
            "no change" if not moved.any() else "NaN or infinity",
            "does every layer take part in the loss, through keras.ops?",
        )


@model.check
def check_bad_arguments_are_refused(mine):
    """Arguments out of their range and points of another size are refused."""
    attempt = "raise InputError as the class docstring says: the arguments in __init__, the shape in build"
    network = mine.ManifoldAutoencoder
    for wrong in (
        dict(dimensions=0),
        dict(latent=0),
        dict(hidden=(8, 0)),
        dict(unfold=-1.0),
        dict(radius=0.0),
        dict(pull=-0.1),
    ):
        refuses(
            network, **wrong, what=", ".join(f"{name}={bad}" for name, bad in wrong.items()), attempt=attempt
        )
    refuses(network().build, (None, 4), what="points of 4 numbers in place of 3", attempt=attempt)


def _narrow(array):
    """In the dtype that keras.ops calculates in."""
    return np.asarray(array, "float32")


def _radius_in_a_gap(points):
    """A radius that no pair's distance comes near, so that rounding makes no neighbours."""
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1)
    middle = np.sort(apart[np.triu_indices(len(points), 1)])
    middle = middle[len(middle) // 4 : len(middle) // 2]
    widest = np.argmax(np.diff(middle))
    return float(middle[widest : widest + 2].mean())


def _slow_penalty(points, codes, radius, pull):
    """The docstring's equation, pair by pair."""
    strain = length = between_codes = between_points = 0.0
    for i in range(len(points)):
        for j in range(i):
            in_space, in_code = np.linalg.norm(points[i] - points[j]), np.linalg.norm(codes[i] - codes[j])
            between_points, between_codes = between_points + in_space, between_codes + in_code
            if in_space < radius:
                strain, length = strain + (in_code - in_space) ** 2, length + in_space**2
    return strain / length - pull * np.log(between_codes / between_points)


def _weights_of_shape(shape):
    """Weights that depend on their shape alone: no order of layers matters."""
    return np.random.default_rng(shape).normal(0.05, 0.5, shape).astype("float32")
