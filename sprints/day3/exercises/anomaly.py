"""The exercises of day3.anomaly: from an error in one line to a detector that takes raw heartbeats."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, expect
from keras_cv_course.classroom.shared_checks import all_refused
from sprints.day3.exercises.anomaly_detector import detector

error = Exercise(
    "error",
    "how far a reconstruction is from its signal: one mean absolute error a signal",
    definitions=("reconstruction_error",),
    points=1,
    hints=(
        "Too high and too low are equally wrong: what makes both positive before anything is averaged?",
        "Which axis counts the signals, and which the samples of one? Use Keras' `ops`: no gradient passes "
        "through NumPy.",
        "What to reach: two signals, one 2 too high in half of its samples, one 1 too low in all: "
        "both have error 1.",
    ),
)
scaling = Exercise(
    "scaling",
    "offset and scale of signals: one for all samples (min_max), or one for each (standard)",
    definitions=("fit_scaling",),
    points=3,
    hints=(
        "Put the smallest value into `(signals - offset) / scale`: which offset makes it 0? And the largest?",
        "Compute in float64. Both results have one number a sample, also where all are equal: "
        "`np.broadcast_to`. What if the deviation is 0 for some samples only?",
        "What to reach: signals (1, 3) and (5, 2) become (0, 0.5) and (1, 0.25) with min_max, "
        "(-1, 1) and (1, -1) with standard.",
    ),
)
threshold = Exercise(
    "threshold",
    "mean + standard deviation of the errors of normal signals; no errors at all are refused",
    definitions=("anomaly_threshold",),
    points=2,
    hints=(
        "How large is a usual error, and how far do usual errors lie from it? Add the two, as a float.",
        "The mean of no errors is NaN, and no error is above NaN: raise InputError before.",
        "What to reach: errors 1 and 3 give 3; equal errors give just that error; none is refused.",
    ),
)

EXERCISES = Exercises(
    "day3.anomaly",
    sources=("keras_cv_course.reconstruct.anomaly",),
    exercises=(error, scaling, threshold, detector),
)


@error.check
def check_errors(mine, rng):
    """Too high and too low count alike; there is one error a signal."""
    for count, length in ((3, 4), (5, 2)):
        signals, others = rng.normal(size=(2, count, length)).astype("float32")
        attempt = "of each difference the absolute value, then the mean over the samples, the last axis"
        expected = [
            np.mean([abs(a - b) for a, b in zip(*pair, strict=True)]) for pair in zip(signals, others)
        ]
        close_to(mine.reconstruction_error(signals, others), expected, 1e-5, "errors", attempt)


@error.check
def check_a_network_learns_from_it(mine, rng):
    """As a loss it moves the weights of a network."""
    signals = rng.normal(size=(6, 4)).astype("float32")
    network = mine.keras.Sequential([mine.keras.layers.Dense(4)])
    network.build((None, 4))
    network.compile("sgd", loss=mine.reconstruction_error, run_eagerly=True)
    kernel = rng.normal(size=(4, 4)).astype("float32")
    network.set_weights([kernel, np.zeros(4, "float32")])
    network.train_on_batch(signals, signals)
    # By hand: the gradient of mean |x W - x| is x^T sign(x W - x) over the number of samples.
    step = signals.T @ np.sign(signals @ kernel - signals) / signals.size
    attempt = "compute with Keras' `ops`, which remember how to go back; NumPy does not"
    close_to(
        network.get_weights()[0], kernel - 0.01 * step, 1e-5, "weights after a step of training", attempt
    )


@scaling.check(points=1)
def check_scalings(mine, rng):
    """Min-max has one offset and scale for all samples, standard one for each; both are float32."""
    for count, length in ((8, 5), (5, 8)):
        signals = rng.uniform(1, 300) * (rng.normal(size=(count, length)) - 4)
        low, high = min(signals.flat), max(signals.flat)
        _scaling_is(mine, signals, "min_max", np.full(length, low), np.full(length, high - low))
        columns = signals.T.tolist()
        means = np.array([sum(column) / count for column in columns])
        deviations = [
            (sum((number - mean) ** 2 for number in column) / count) ** 0.5
            for column, mean in zip(columns, means, strict=True)
        ]
        _scaling_is(mine, signals, "standard", means, deviations)


@scaling.check
def check_nothing_is_divided_by_zero(mine, rng):
    """Where all values are equal the scale is 1, and nowhere else; other names are refused."""
    usual, low = float(rng.integers(2, 9)), float(rng.integers(0, 9))
    for name in ("min_max", "standard"):
        _scaling_is(mine, np.full((3, 2), usual), name, [usual, usual], [1, 1])
    _scaling_is(mine, np.array([[usual, low], [usual, low + 6]]), "standard", [usual, low + 3], [1, 3])
    all_refused(mine.fit_scaling, {"scaling 'maximum'": (np.eye(3), "maximum")})


@threshold.check
def check_thresholds(mine, rng):
    """The mean and one standard deviation, in the errors' unit."""
    for count, unit in ((2, 1.0), (5, 100.0), (40, 0.01)):
        errors = unit * rng.gamma(2.0, 0.1, count)
        expected = errors.mean() + np.sqrt(np.mean((errors - errors.mean()) ** 2))
        attempt = "the mean of the errors plus their standard deviation, divided by N and not by N - 1"
        close_to(
            mine.anomaly_threshold(errors), expected, 1e-6 * unit, f"threshold of {count} errors", attempt
        )
    all_refused(mine.anomaly_threshold, {"no errors": (np.zeros(0),)}, "count them first; raise InputError")


def _scaling_is(mine, signals, name, offset, scale):
    """Offset and scale are these, as float32."""
    received = mine.fit_scaling(signals, name)
    attempt = "the docstring says what the two are; a scale of 0 becomes 1"
    expect(isinstance(received, (list, tuple)) and len(received) == 2, "offset and scale", received, attempt)
    for what, numbers, expected in zip(("offset", "scale"), received, (offset, scale), strict=True):
        tolerance = 1e-5 * (1 + np.abs(expected).max())
        close_to(numbers, expected, tolerance, f"{what} with {name} scaling", attempt)
        equal_to(str(numbers.dtype), "float32", f"dtype of the {what}", "cast both at the end")
