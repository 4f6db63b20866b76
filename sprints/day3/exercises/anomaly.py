"""The exercises of day3.anomaly: from an error in one line to a detector that judges raw heartbeats."""

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
from keras_cv_course.classroom.remote import StudentError, value

error = Exercise(
    "error",
    "how far a reconstruction is from its signal: one mean absolute error a signal",
    definitions=("reconstruction_error",),
    points=1,
    hints=(
        "Too high and too low are equally wrong: what makes both positive before anything is averaged?",
        "Which axis counts the signals, and which the samples of one? Average over the samples. Use Keras' "
        "`ops`: the detector learns from this number, and no gradient passes through NumPy.",
        "What to reach: two signals, one 2 too high in half of its samples, one 1 too low in all: "
        "both have error 1.",
    ),
)
scaling = Exercise(
    "scaling",
    "offset and scale of signals: one for all samples (min_max), or one for each (standard)",
    definitions=("scaling_of",),
    points=3,
    hints=(
        "Put the smallest value into `(signals - offset) / scale`: which offset makes it 0? And the largest?",
        "Both answers have one number a sample, also where all of them are equal: `np.broadcast_to`. The "
        "deviation is NumPy's own, divided by the number of signals. What if it is 0 for some samples only?",
        "Compute in float64, return float32, and refuse any other scaling.",
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
        "How large is a usual error, and how far do usual errors lie from it? Add the two.",
        "One standard deviation, NumPy's own: divided by the number of errors. Then a plain float.",
        "The mean of no errors is NaN, and no error is above NaN: raise InputError before.",
        "What to reach: errors 1 and 3 give 3; equal errors give just that error; none is refused.",
    ),
)
detector = Exercise(
    "detector",
    "the whole detector: scale, squeeze, repeat, scale back, compare with the threshold",
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
        "them. Refuse what the docstring says.",
        "The encoder's dense layers have a ReLU each; the decoder goes back through the same sizes with "
        "ReLU and ends in `length` numbers, whose activation depends on the scaling.",
        "`build` refuses another length, builds both halves, adds three float32 weights that are not trained "
        "and sets `self.built`. The lesson reads them as `offset` and `scale`, a number a sample each, and "
        "`threshold`, of shape (): what may each of them be at first, so that it changes nothing?",
        "`adapt` and `set_threshold` pass their signals through `_checked`, use the functions that you wrote "
        "before, and assign to the weights. They alone change these three.",
        "`call` casts to float32 and scales; the error is that of the scaled signals, the reconstruction is "
        "taken back to the signals' unit. The loss is the mean error, each times its sample weight, if any.",
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
def check_errors_by_hand(mine):
    """Too high and too low count alike, sample by sample."""
    signals = np.array([[1.0, 2.0, 5.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    reconstruction = np.array([[2.0, 0.0, 5.0, 5.0], [0.0, 2.0, -2.0, 0.0]])
    close_to(
        mine.reconstruction_error(signals, reconstruction), [2.0, 1.0], 1e-6, "errors",
        "of each difference the absolute value, then the mean over the samples",
    )  # fmt: skip


@error.check
def check_one_error_a_signal(mine, rng):
    """There is one error a signal, however many signals and samples there are."""
    for count, length in ((3, 5), (7, 2)):
        signals = rng.normal(size=(count, length)).astype("float32")
        off = rng.uniform(0.5, 2, (count, 1)).astype("float32")
        # The same distance everywhere in a signal, now above and now below.
        side = rng.choice([-1, 1], (count, length)).astype("float32")
        errors = mine.reconstruction_error(signals, signals + off * side)
        attempt = "average over the samples of a signal, which are the last axis, and over nothing else"
        shape_is(errors, (count,), f"errors of {count} signals of {length} samples", attempt)
        close_to(errors, off[:, 0], 1e-5, "errors", attempt)


@error.check
def check_a_network_learns_from_it(mine, rng):
    """A network can learn from this error: as a loss, it moves the weights."""
    signals = rng.normal(size=(6, 4)).astype("float32")
    network = mine.keras.Sequential([mine.keras.layers.Dense(4)])
    network.build((None, 4))
    network.compile("sgd", loss=mine.reconstruction_error, run_eagerly=True)
    before = network.get_weights()
    attempt = "compute with Keras' `ops`, which remember how to go back; NumPy does not"
    try:
        network.train_on_batch(signals, signals)
    except StudentError as failure:
        if failure.blank:
            raise
        expect(False, "a loss to learn from", f"{failure.kinds[0]}: {failure}", attempt)
    moved = [bool(np.any(old != new)) for old, new in zip(before, network.get_weights())]
    expect(all(moved), "weights that move in a step of training", "no change", attempt)


@scaling.check
def check_min_max_by_hand(mine):
    """Min-max: the smallest value of all signals becomes 0, the largest 1."""
    offset, scale = _scaling_of(mine, np.array([[-1.0, 1.0, 0.5], [3.0, 0.0, 2.0]]), "min_max")
    close_to(offset, [-1, -1, -1], 1e-6, "offset", "which value has to become 0? One for all samples")
    close_to(scale, [4, 4, 4], 1e-6, "scale", "how far is it from the smallest value of all to the largest?")


@scaling.check
def check_standard_by_hand(mine):
    """Standard: every sample gets its own mean and deviation."""
    offset, scale = _scaling_of(mine, np.array([[1.0, 3.0, 0.0], [5.0, 2.0, -1.0]]), "standard")
    close_to(offset, [3, 2.5, -0.5], 1e-6, "offset", "the mean of each sample, over the signals")
    attempt = "the standard deviation of each sample, over the signals and divided by their number"
    close_to(scale, [2, 0.5, 0.5], 1e-6, "scale", attempt)


@scaling.check
def check_scaled_signals(mine, rng):
    """Scaled signals lie in [0, 1], or have mean 0 and deviation 1 everywhere, in any unit."""
    for count, length, unit in ((8, 5, 1.0), (5, 8, 300.0)):
        signals = unit * (rng.normal(size=(count, length)) - 4)
        offset, scale = _scaling_of(mine, signals, "min_max")
        scaled = (signals - offset) / scale
        attempt = "solve (signals - offset) / scale for what is wanted"
        close_to(scaled.min(), 0, 1e-5, "smallest scaled value", attempt)
        close_to(scaled.max(), 1, 1e-5, "largest scaled value", attempt)
        offset, scale = _scaling_of(mine, signals, "standard")
        scaled = (signals - offset) / scale
        close_to(scaled.mean(axis=0), np.zeros(length), 1e-4, "means of the scaled samples", attempt)
        close_to(scaled.std(axis=0), np.ones(length), 1e-4, "deviations of the scaled samples", attempt)


@scaling.check
def check_answers_are_float32(mine, rng):
    """Offset and scale are float32, whatever the signals are."""
    for dtype in ("float64", "float32"):
        for name in ("min_max", "standard"):
            for found in _scaling_of(mine, rng.random((4, 3)).astype(dtype), name):
                equal_to(str(found.dtype), "float32", f"dtype with {name} scaling", "cast both at the end")


@scaling.check
def check_nothing_is_divided_by_zero(mine):
    """Where all values are equal the scale is 1, and nowhere else."""
    attempt = "a scale of 0 becomes 1; the others stay as they are"
    for name in ("min_max", "standard"):
        offset, scale = _scaling_of(mine, np.full((3, 2), 7.0), name)
        close_to(offset, [7, 7], 0, f"offset of signals that are 7 everywhere, with {name}", attempt)
        close_to(scale, [1, 1], 0, f"scale of signals that are 7 everywhere, with {name}", attempt)
    _, scale = _scaling_of(mine, np.array([[2.0, 0.0], [2.0, 6.0]]), "standard")
    close_to(scale, [1, 3], 1e-6, "scale where the first sample is always 2", attempt)


@scaling.check
def check_other_scalings_are_refused(mine):
    """A scaling of another name is refused."""
    attempt = "raise InputError for a name that is none of the two"
    refuses(mine.scaling_of, np.eye(3), "maximum", what="scaling 'maximum'", attempt=attempt)


@threshold.check
def check_thresholds_by_hand(mine):
    """The mean and one standard deviation."""
    attempt = "the mean of the errors plus their standard deviation, divided by N and not by N - 1"
    close_to(mine.anomaly_threshold(np.array([1.0, 3.0])), 3.0, 1e-6, "threshold of errors 1 and 3", attempt)
    # Mean 3 and deviation 4, far from the median 1 and the largest 11.
    errors = np.array([1.0, 11.0, 1.0, 1.0, 1.0])
    close_to(mine.anomaly_threshold(errors), 7.0, 1e-6, "threshold of errors 1, 11, 1, 1 and 1", attempt)


@threshold.check
def check_equal_errors_are_the_threshold(mine, rng):
    """Errors that are all equal are the threshold themselves."""
    for count in (1, 6):
        usual = float(rng.uniform(0.1, 2))
        attempt = "the deviation of equal numbers is 0; what is left?"
        close_to(
            mine.anomaly_threshold(np.full(count, usual)), usual, 1e-6, f"threshold of {count} equal", attempt
        )


@threshold.check
def check_the_threshold_has_the_unit_of_the_errors(mine, rng):
    """Errors that are a hundred times as large have a threshold that is, too."""
    errors = rng.gamma(2.0, 0.1, 40)
    attempt = "mean and deviation have the unit of the errors; a variance has its square"
    small, large = (mine.anomaly_threshold(unit * errors) for unit in (1, 100))
    close_to(small, errors.mean() + errors.std(), 1e-6, "threshold of 40 errors", attempt)
    close_to(large, 100 * (errors.mean() + errors.std()), 1e-4, "threshold of the same, times 100", attempt)


@threshold.check
def check_no_errors_are_refused(mine):
    """No errors have no threshold."""
    refuses(
        mine.anomaly_threshold, np.zeros(0), what="no errors", attempt="count them first; raise InputError"
    )


@detector.check
def check_weights(mine):
    """Building makes the mirrored layers' weights, and three that are not trained."""
    for length, units in ((6, (7, 5, 3)), (5, (4,))):
        network = mine.AnomalyDetector(length=length, units=units)
        network.build((None, length))
        sizes = (length, *units, *units[-2::-1], length)
        expected = sorted([*zip(sizes, sizes[1:]), *((size,) for size in sizes[1:])])
        shapes = sorted(weights.shape for weights in value(network.trainable_weights))
        expect(
            shapes == expected, f"trained weights of shapes {expected}", shapes,
            f"build both halves; layers of sizes {'-'.join(map(str, sizes))}; the scaling is not trained",
        )  # fmt: skip
        shapes = sorted(weights.shape for weights in value(network.non_trainable_weights))
        expect(
            shapes == [(), (length,), (length,)],
            f"weights that are not trained, of shapes {[(), (length,), (length,)]}",
            shapes,
            "in `build`, `add_weight` for offset and scale, one number a sample, and for the threshold",
        )


@detector.check
def check_answers(mine, rng):
    """Reconstruction, error and verdict for any number of signals of two lengths."""
    for name, count, length in (("standard", 3, 6), ("min_max", 1, 9)):
        network = mine.AnomalyDetector(length=length, units=(4, 2), scaling=name)
        answer = _judge(network, rng.normal(size=(count, length)).astype("float32"))
        for key, shape in (("reconstruction", (count, length)), ("error", (count,)), ("anomaly", (count,))):
            received = shape_is(answer[key], shape, key, "the class docstring says what `call` returns")
            dtype = "bool" if key == "anomaly" else "float32"
            equal_to(
                str(received.dtype), dtype, f"dtype of {key}", "errors are float32, a verdict is yes or no"
            )


@detector.check
def check_without_weights(mine):
    """With all trained weights 0, the middle of the normal signals is repeated."""
    normal = np.array([[1.0, 3.0], [5.0, 2.0]], "float32")
    signals = np.array([[9.0, 2.5], [1.0, 3.0], [5.0, 2.0]], "float32")
    cases = {
        # Scaled: (3, 0), (-1, 1) and (1, -1); the network says 0.
        "standard": ([[3.0, 2.5]] * 3, [1.5, 1.0, 1.0]),
        # Scaled: (2, 0.375), (0, 0.5) and (1, 0.25); the network says 0.5, the sigmoid of 0.
        "min_max": ([[3.0, 3.0]] * 3, [0.8125, 0.25, 0.375]),
    }
    for name, (reconstruction, errors) in cases.items():
        network = mine.AnomalyDetector(length=2, units=(3, 2), scaling=name)
        _silence(network, 2)
        network.adapt(normal)
        answer = _judge(network, signals)
        attempt = "scale with what `adapt` found; which activation ends which scaling? Scale back"
        close_to(answer["reconstruction"], reconstruction, 1e-5, f"reconstruction with {name}", attempt)
        attempt = "the error of the *scaled* signals, with the scale that `adapt` found"
        close_to(answer["error"], errors, 1e-5, f"errors with {name} scaling", attempt)


@detector.check
def check_at_first_nothing_is_an_anomaly(mine, rng):
    """Until the threshold is set nothing is an anomaly, however far off it is."""
    network = mine.AnomalyDetector(length=5, units=(4, 2), scaling="standard")
    normal = rng.normal(size=(8, 5)).astype("float32")
    network.adapt(normal)
    found = np.sum(_judge(network, 1e6 * normal)["anomaly"])
    equal_to(int(found), 0, "anomalies before `set_threshold`", "above which number is no number at all?")


@detector.check
def check_the_threshold_comes_from_the_errors(mine, rng):
    """The threshold is that of the errors of the signals given; above it lie the anomalies."""
    network = mine.AnomalyDetector(length=6, units=(4, 2), scaling="standard")
    _silence(network, 6)
    normal = 5 + rng.normal(size=(20, 6)).astype("float32")
    network.adapt(normal)
    network.set_threshold(normal)
    errors = _judge(network, normal)["error"].astype("float64")
    attempt = "assign the `anomaly_threshold` of the errors of these signals to `self.threshold`"
    limit = close_to(value(network.threshold), errors.mean() + errors.std(), 1e-4, "threshold", attempt)
    # Ten times as far from the mean: the largest of these errors is surely above, the least one below.
    far = normal.mean(axis=0) + 10 * (normal - normal.mean(axis=0))
    answer = _judge(network, np.concatenate([normal, far]))
    expected = answer["error"] > limit
    wrong = int(np.sum(answer["anomaly"] != expected))
    equal_to(wrong, 0, "verdicts that are not `error above threshold`", "an anomaly has the larger error")


@detector.check
def check_at_the_threshold_is_normal(mine):
    """An error of exactly the threshold is no anomaly."""
    network = mine.AnomalyDetector(length=3, units=(4, 2), scaling="standard")
    _silence(network, 3)
    # Equal signals without a deviation: scaled they are 0, and so are the errors and the threshold.
    normal = np.tile(np.array([[4.0, 2.0, 7.0]], "float32"), (4, 1))
    network.adapt(normal)
    network.set_threshold(normal)
    answer = _judge(network, normal)
    close_to(answer["error"], np.zeros(4), 0, "errors of signals that are repeated", "is the scale 1 here?")
    equal_to(int(np.sum(answer["anomaly"])), 0, "anomalies among them", "above the threshold, not at it")


@detector.check
def check_same_numbers_as_the_reference(mine, reference, rng):
    """With the same weights it gives the numbers that the reference gives."""
    normal, signals = ((3 + 2 * rng.normal(size=(count, 6))).astype("float32") for count in (12, 5))
    for name in ("standard", "min_max"):
        answers = []
        for module in (mine, reference):
            network = module.AnomalyDetector(length=6, units=(7, 5, 3), scaling=name)
            network.build((None, 6))
            network.set_weights([_weights_of_shape(weights.shape) for weights in network.get_weights()])
            # Offset and scale have the shape of the last bias: `adapt` gives them their own numbers again.
            network.adapt(normal)
            network.set_threshold(normal)
            answers.append({**_judge(network, signals), "threshold": value(network.threshold)})
        ours, theirs = answers
        attempt = "ReLU after every layer but the last; `call` uses the weights that `adapt` assigned"
        for key in ("error", "reconstruction", "threshold"):
            close_to(ours[key], theirs[key], 1e-4, f"{key} with {name} scaling", attempt)


@detector.check
def check_loss_is_the_mean_error(mine, rng):
    """The loss is the mean error, weighted if there are sample weights."""
    network = mine.AnomalyDetector(length=5, units=(4, 2), scaling="standard")
    signals = (10 + 3 * rng.normal(size=(4, 5))).astype("float32")
    network.adapt(signals)
    answer = _judge(network, signals)
    errors = answer["error"].astype("float64")
    attempt = '`y_pred` is what `call` returned: take its "error", times the sample weights if there are any'
    close_to(network.compute_loss(x=signals, y_pred=answer), errors.mean(), 1e-4, "loss", attempt)
    # Weights with mean 1: whether one divides by their number or by their sum makes no difference.
    weights = np.zeros(4, "float32")
    weights[np.argsort(errors)] = [0.0, 0.25, 1.0, 2.75]
    loss = network.compute_loss(x=signals, y_pred=answer, sample_weight=weights)
    close_to(loss, np.mean(errors * weights), 1e-4, f"loss with sample weights {weights}", attempt)


@detector.check
def check_learns(mine, rng):
    """One step of training moves every trained weight, and nothing else."""
    network = mine.AnomalyDetector(length=6, units=(7, 5, 3), scaling="min_max")
    network.build((None, 6))
    # Positive weights and scaled signals in [0, 1]: no ReLU is dead.
    network.set_weights([0.05 + np.abs(weights) / 4 for weights in network.get_weights()])
    signals = (20 + 5 * rng.normal(size=(8, 6))).astype("float32")
    network.adapt(signals)
    before, fixed = value(network.trainable_weights), value(network.non_trainable_weights)
    network.compile("sgd", run_eagerly=True)
    network.train_on_batch(signals)
    for old, new in zip(before, value(network.trainable_weights)):
        attempt = "does every layer take part in `call`, and the error in the loss?"
        expect(np.any(new != old), f"weights {old.shape} that move", "no change", attempt)
    for old, new in zip(fixed, value(network.non_trainable_weights)):
        close_to(new, old, 0, "offset, scale or threshold", "only `adapt` and `set_threshold` change them")


@detector.check
def check_the_lesson_finds_its_numbers(mine):
    """Offset, scale and arguments are kept under their names."""
    network = mine.AnomalyDetector(length=2, units=(4, 3), scaling="standard")
    network.adapt(np.array([[1.0, 3.0], [5.0, 2.0]]))
    attempt = "the lesson reads offset and scale: keep the weights as `self.offset` and `self.scale`"
    close_to(value(network.offset), [3, 2.5], 1e-6, "self.offset after `adapt`", attempt)
    close_to(value(network.scale), [2, 0.5], 1e-6, "self.scale after `adapt`", attempt)
    kept = network.get_config()
    for name, expected in (("length", 2), ("units", [4, 3]), ("scaling", "standard")):
        equal_to(kept.get(name), expected, f"{name} in get_config", f"keep the argument as self.{name}")


@detector.check
def check_double_precision_is_taken(mine, rng):
    """Signals in float64, which NumPy makes, are judged in float32."""
    network = mine.AnomalyDetector(length=4, units=(3, 2), scaling="standard")
    signals = rng.normal(size=(5, 4)).astype("float32")
    network.adapt(signals)
    single, double = (_judge(network, signals.astype(dtype)) for dtype in ("float32", "float64"))
    attempt = "cast the signals to float32 before anything else: with `autocast=False` Keras does not"
    equal_to(str(np.asarray(double["error"]).dtype), "float32", "dtype of the error", attempt)
    close_to(double["error"], single["error"], 1e-5, "errors of the same signals in float64", attempt)


@detector.check
def check_bad_arguments_are_refused(mine):
    """Other scalings, sizes below 1 and signals of another length or without number are refused."""
    attempt = "raise InputError as the class docstring says: the arguments in __init__, the length in build"
    network = mine.AnomalyDetector
    refuses(network, scaling="maximum", what="scaling 'maximum'", attempt=attempt)
    refuses(network, length=0, what="length 0", attempt=attempt)
    refuses(network, units=(), what="no units", attempt=attempt)
    refuses(network, units=(8, 0), what="units (8, 0)", attempt=attempt)
    refuses(network(length=6).build, (None, 5), what="signals of 5 samples in place of 6", attempt=attempt)
    attempt = "`_checked` is given: let the signals pass through it first"
    made = network(length=6, units=(4, 2))
    made.build((None, 6))
    for what, signals in (
        ("signals of 5 samples in place of 6", np.zeros((2, 5))),
        ("no signals", np.zeros((0, 6))),
        ("signals that are NaN", np.full((2, 6), np.nan)),
    ):
        refuses(made.adapt, signals, what=f"{what} in `adapt`", attempt=attempt)
        refuses(made.set_threshold, signals, what=f"{what} in `set_threshold`", attempt=attempt)


def _scaling_of(mine, signals, name):
    """Offset and scale, each an array of one number a sample."""
    found = mine.scaling_of(signals, name)
    expect(
        isinstance(found, (list, tuple, np.ndarray)) and len(found) == 2,
        "offset and scale",
        found,
        "return two arrays: the offset, then the scale",
    )
    attempt = "one number a sample in both, also where they are all the same"
    names = (f"offset with {name}", f"scale with {name}")
    return [shape_is(part, signals.shape[1:], what, attempt) for part, what in zip(found, names)]


def _judge(network, signals):
    """What the detector says of signals: a dictionary of arrays."""
    answer = network(signals)
    names = {"reconstruction", "error", "anomaly"}
    expect(
        isinstance(answer, dict) and names <= set(answer),
        f"a dictionary of {sorted(names)}",
        sorted(answer) if isinstance(answer, dict) else answer,
        "`call` returns three things by name: the class docstring lists them",
    )
    return answer


def _silence(network, length):
    """Build a network and set its weights to 0; `adapt` and `set_threshold` give it theirs."""
    network.build((None, length))
    # Not 0 times the weights: the threshold is infinite.
    network.set_weights([np.zeros_like(weights) for weights in network.get_weights()])


def _weights_of_shape(shape):
    """Weights that depend on their shape alone: no order of layers matters."""
    return np.random.default_rng((len(shape), *shape)).normal(0.05, 0.3, shape).astype("float32")
