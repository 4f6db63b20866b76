"""The exercises of day3.manifold: from distances to the autoencoder that unfolds a rolled-up sheet."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, expect, shape_is
from keras_cv_course.classroom.shared_checks import (
    all_refused,
)
from sprints.day3.exercises.manifold_model import model
from sprints.day3.exercises.slow_penalty import floats, radius_in_a_gap, slow_penalty

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

EXERCISES = Exercises(
    "day3.manifold",
    sources=("keras_cv_course.metrics.coordinate_correlation", "keras_cv_course.reconstruct.manifold"),
    exercises=(distances, correlation, penalty, model),
)


@distances.check(points=1)
def check_any_number_of_points(mine, rng):
    """One row and one column a point, whatever the number of points and of their coordinates."""
    for count, dimensions in ((5, 3), (12, 2), (4, 7)):
        points = floats(rng.uniform(-1, 1, (count, dimensions)))
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
    between = np.asarray(mine.pairwise_distances(floats(points)))
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
            arrays = floats(unit * points), floats(unit * others)
            received = mine.unfolding_penalty(*arrays, unit * radius, spread)
            expected = slow_penalty(points, others, radius, spread)
            attempt = "near pairs by the points' distances; the two means over all pairs, then their ratio"
            close_to(received, expected, 1e-2, f"penalty with spread {spread:g}, lengths x {unit:g}", attempt)
