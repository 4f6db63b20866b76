"""The exercises of day3.anomaly: from an error in one line to a detector that takes raw heartbeats."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, expect
from keras_cv_course.classroom.remote import value
from keras_cv_course.classroom.shared_checks import all_refused, fixed_weights, keeps

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
detector = Exercise(
    "detector",
    "the whole detector: scale, add noise in training, encode, decode, scale back, compare with the threshold",
    definitions=(
        "AnomalyDetector.__init__",
        "AnomalyDetector.build",
        "AnomalyDetector.adapt",
        "AnomalyDetector.set_threshold",
        "AnomalyDetector.call",
        "AnomalyDetector.compute_loss",
    ),
    points=6,
    hints=(
        "Keep every argument under its own name: `get_config` and `_checked` below, which are given, read "
        "them. With `super().__init__(autocast=False, **kwargs)` Keras leaves the signals' dtype to you.",
        "The decoder goes back through the encoder's sizes with ReLU and ends in `length` numbers, whose "
        "activation depends on the scaling.",
        "`build` refuses another length, builds both halves, adds three float32 weights that are not trained "
        "and sets `self.built`. What may each of them be at first, so that it changes nothing?",
        "`adapt` and `set_threshold` pass their signals through `_checked`, use the functions that you wrote "
        "before, and assign to the weights. They alone change these three.",
        "`call` casts to float32 and scales; the noise goes into the encoder, never into the error: "
        "`keras.random.normal`. The loss is the mean error, each times its sample weight, if any.",
        "What to reach: with all trained weights 0, the reconstruction of any signal is the mean of "
        "the normal ones with standard scaling, and halfway from smallest to largest with min_max.",
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


@detector.check(points=1)
def check_same_numbers_as_the_reference(mine, reference, rng):
    """With the same weights it gives the numbers that the reference gives, for signals in float64, too."""
    normal, signals = 3 + 2 * rng.normal(size=(12, 6)), 3 + 4 * rng.normal(size=(5, 6))
    for name, units in (("standard", (7, 5, 3)), ("min_max", (4,))):
        outputs = []
        for module in (mine, reference):
            network = fixed_weights(module.AnomalyDetector(6, units, name), (None, 6))
            network.adapt(normal)
            network.set_threshold(normal)
            fixed = {key: value(getattr(network, key)) for key in ("offset", "scale", "threshold")}
            outputs.append({**_outputs(network, signals), **fixed})
        attempt = "ReLU after every layer but the last; `call` uses the weights that `adapt` assigned"
        for key, expected in outputs[1].items():
            what = f"{key} with {name} scaling"
            close_to(np.asarray(outputs[0][key]), expected, 1e-4, what, attempt)
        equal_to(str(outputs[0]["error"].dtype), "float32", "dtype of the error", "cast the signals first")


@detector.check(points=1)
def check_without_weights(mine, rng):
    """With all trained weights 0, the middle of the normal signals is the reconstruction."""
    normal = rng.normal(size=(6, 2)).astype("float32")
    middles = {"standard": normal.mean(axis=0), "min_max": np.full(2, (normal.min() + normal.max()) / 2)}
    scales = {"standard": normal.std(axis=0), "min_max": np.ptp(normal)}
    for name, middle in middles.items():
        network = _silent(mine.AnomalyDetector(2, (3, 2), name), normal)
        output = _outputs(network, normal)
        attempt = "scale with what `adapt` found; which activation ends which scaling? Scale back"
        close_to(output["reconstruction"], np.tile(middle, (6, 1)), 1e-5, f"reconstruction, {name}", attempt)
        errors = np.mean(np.abs(normal - middle) / scales[name], axis=1)
        attempt = "the error of the *scaled* signals, with the scale that `adapt` found"
        close_to(output["error"], errors, 1e-5, f"errors with {name} scaling", attempt)


@detector.check(points=1)
def check_the_threshold(mine, rng):
    """Infinite at first; then that of the errors given; what lies above it, not at it, is an anomaly."""
    normal = 5 + rng.normal(size=(20, 6)).astype("float32")
    network = _silent(mine.AnomalyDetector(6, (4, 2), "standard"), normal)
    found = np.sum(_outputs(network, 1e6 * normal)["anomaly"])
    equal_to(int(found), 0, "anomalies before `set_threshold`", "above which number is no number at all?")
    network.set_threshold(normal)
    errors = _outputs(network, normal)["error"].astype("float64")
    attempt = "assign the `anomaly_threshold` of the errors of these signals to `self.threshold`"
    limit = close_to(value(network.threshold), errors.mean() + errors.std(), 1e-4, "threshold", attempt)
    far = _outputs(network, normal.mean(axis=0) + 10 * (normal - normal.mean(axis=0)))
    close_to(far["anomaly"], far["error"] > limit, 0, "anomalies", "an anomaly has the larger error")
    # Equal signals: scaled they are 0, and so are their errors and the threshold.
    network.adapt(normal[:1].repeat(4, axis=0))
    network.set_threshold(normal[:1])
    output = _outputs(network, normal[:1])
    close_to(output["anomaly"], [False], 0, "anomalies at the threshold", "above the threshold, not at it")


@detector.check(points=1)
def check_noise_in_training_alone(mine, rng):
    """The noise goes into the encoder, in training alone; the error is that of the signal without it."""
    level = float(rng.uniform(0.2, 0.6))
    signals = 5 * rng.normal(size=(400, 3)).astype("float32")
    network = mine.AnomalyDetector(3, (3,), "standard", noise=level)
    network.build((None, 3))
    # The identity, plus 9 in each layer: no ReLU is dead. `adapt` gives offset and scale their own numbers.
    kernels = {2: np.eye(3, dtype="float32"), 1: np.full(3, 9, "float32"), 0: np.float32(9)}
    network.set_weights([kernels[weights.ndim] for weights in network.get_weights()])
    network.adapt(signals)
    for training, expected in ((False, 0.0), (True, level)):
        output = network(signals, training=training)
        gap = (output["reconstruction"] - signals) / signals.std(axis=0)
        attempt = "add `noise` times normal draws to the scaled signals, where `training` is true"
        what = f"deviation of the noise, training={training}"
        close_to(np.std(gap), expected, 0.1 * level, what, attempt)
        # Of 1,200 normal draws about 4.6 % are farther out than two deviations; of uniform ones none.
        far = np.mean(np.abs(gap - gap.mean()) > 2 * level)
        close_to(far, 0.046 * training, 0.025, "share of the noise beyond two deviations", attempt)
        attempt = "compare the reconstruction with the scaled signals without noise"
        close_to(output["error"], np.abs(gap).mean(axis=1), 1e-3, "errors", attempt)


@detector.check
def check_learns(mine, rng):
    """The loss is the mean of weighted errors; a step of training moves every trained weight, and no other."""
    network = mine.AnomalyDetector(6, (7, 5, 3), "min_max", noise=0.1)
    keeps(network, length=6, units=[7, 5, 3], scaling="min_max", noise=0.1)
    network.build((None, 6))
    # Positive weights and scaled signals in [0, 1]: no ReLU is dead.
    network.set_weights([0.05 + np.abs(weights) / 4 for weights in network.get_weights()])
    signals = (20 + 5 * rng.normal(size=(8, 6))).astype("float32")
    network.adapt(signals)
    output, weights = _outputs(network, signals), rng.uniform(0, 2, 8).astype("float32")
    weights *= 8 / weights.sum()  # whether one divides by their number or by their sum makes no difference
    for named, expected in (({}, output["error"]), ({"sample_weight": weights}, output["error"] * weights)):
        loss = network.compute_loss(x=signals, y_pred=output, **named)
        close_to(loss, expected.mean(), 1e-4, f"loss with {list(named)}", "the mean of `y_pred['error']`")
    before, fixed = value(network.trainable_weights), value(network.non_trainable_weights)
    network.compile("sgd", run_eagerly=True)
    network.train_on_batch(signals)
    for old, new in zip(before, value(network.trainable_weights), strict=True):
        attempt = "does every layer take part in `call`, and the error in the loss?"
        expect(np.any(new != old), f"weights {old.shape} that move", "no change", attempt)
    for old, new in zip(fixed, value(network.non_trainable_weights), strict=True):
        close_to(new, old, 0, "offset, scale or threshold", "only `adapt` and `set_threshold` change them")


@detector.check
def check_bad_arguments_are_refused(mine):
    """Other scalings, sizes below 1, negative noise, other lengths and NaN are refused."""
    network = mine.AnomalyDetector
    cases = {"scaling 'maximum'": dict(scaling="maximum"), "length 0": dict(length=0)}
    cases |= {f"units {units}": dict(units=units) for units in ((), (8, 0))} | {"noise -1": dict(noise=-1.0)}
    all_refused(network, cases, "raise InputError as the class docstring says, in __init__")
    made = network(length=6, units=(4, 2))
    all_refused(made.build, {"signals of 5 samples in place of 6": ((None, 5),)}, "check the shape in build")
    made.build((None, 6))
    signals = {"no signals": (np.zeros((0, 6)),), "signals that are NaN": (np.full((2, 6), np.nan),)}
    for method in (made.adapt, made.set_threshold):
        all_refused(method, signals, "`_checked` is given: let the signals pass through it first")


def _scaling_is(mine, signals, name, offset, scale):
    """Offset and scale are these, as float32."""
    received = mine.fit_scaling(signals, name)
    attempt = "the docstring says what the two are; a scale of 0 becomes 1"
    expect(isinstance(received, (list, tuple)) and len(received) == 2, "offset and scale", received, attempt)
    for what, numbers, expected in zip(("offset", "scale"), received, (offset, scale), strict=True):
        tolerance = 1e-5 * (1 + np.abs(expected).max())
        close_to(numbers, expected, tolerance, f"{what} with {name} scaling", attempt)
        equal_to(str(numbers.dtype), "float32", f"dtype of the {what}", "cast both at the end")


def _outputs(network, signals):
    """What the detector returns: a dictionary of arrays."""
    output, names = network(signals), {"reconstruction", "error", "anomaly"}
    attempt = "`call` returns three things by name: the class docstring lists them"
    expect(
        isinstance(output, dict) and names <= set(output), f"a dictionary of {sorted(names)}", output, attempt
    )
    return output


def _silent(network, normal):
    """A built network whose trained weights are 0, adapted to the normal signals."""
    network.build((None, normal.shape[1]))
    # The threshold stays: the one weight without an axis.
    network.set_weights([weights if weights.ndim == 0 else 0 * weights for weights in network.get_weights()])
    network.adapt(normal)
    return network
