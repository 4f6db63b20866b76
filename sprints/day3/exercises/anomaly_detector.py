"""The exercise of day3.anomaly on the whole detector."""

import numpy as np

from keras_cv_course.classroom import Exercise, close_to, equal_to, expect
from keras_cv_course.classroom.remote import value
from keras_cv_course.classroom.shared_checks import all_refused, fixed_weights, keeps

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
