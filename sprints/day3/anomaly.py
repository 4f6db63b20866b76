"""Anomaly detection: a network that has seen normal heartbeats only cannot repeat the others."""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import at_least, lesson
from keras_cv_course.metrics.anomaly_rates import anomaly_rates, anomaly_roc, counts_of
from keras_cv_course.reconstruct.anomaly import AnomalyDetector
from keras_cv_course.training.schedules import warmup_cosine
from sprints.day3.figures.anomaly import confusion, error_histogram, roc, scalings, worst_signals


@lesson(
    quick=dict(limit=256, epochs=3),
    full=dict(dataset="ecg5000"),
    batch_size=64,
    targets={
        "beats": dict(
            accuracy=at_least(0.85), precision=at_least(0.87), recall=at_least(0.87), roc_auc=at_least(0.91)
        ),
        "ecg5000": dict(accuracy=at_least(0.945), precision=at_least(0.99), recall=at_least(0.90)),
    },
)
def anomaly(
    run,
    dataset: str = "beats",
    scaling: str = "standard",
    epochs: int = 80,
    learning_rate: float = 3e-3,
):
    """Train on normal beats alone, set the threshold on them, and judge beats of both kinds.

    Args:
        dataset: beats is built in and drawn; ecg5000 is real and downloaded once.
        scaling: standard or min_max: which of the two detectors is measured and saved.
        epochs: passes over the normal training beats.
        learning_rate: the highest one; it warms up to it and then falls to zero.
    """
    # %% The data: of the training beats, the detector gets the normal ones alone.
    if scaling not in ("standard", "min_max"):
        raise InputError(f"scaling must be standard or min_max, got {scaling!r}")
    train, validation, test = data.load(dataset, file=run.file, limit=run.limit)
    if "signals" not in train.fields:
        raise InputError(f"this lesson needs signals: dataset beats or ecg5000, got {dataset!r}")
    normal = train.signals[train.labels == 1]

    # %% Two detectors that differ in how they scale the beats; the threshold, too, comes from normal beats.
    detectors, verdicts = {}, {}
    for name in ("min_max", "standard"):
        batches = run.batches(normal)
        detector = AnomalyDetector(length=normal.shape[1], scaling=name)
        detector.adapt(normal)
        rate = warmup_cosine(learning_rate, steps=epochs * len(batches))
        detector.compile(keras.optimizers.Adam(rate), **run.compile_options)
        detector.fit(batches, epochs=epochs, callbacks=run.callbacks(name))
        detector.set_threshold(normal)
        detectors[name], verdicts[name] = detector, detector.predict(test.signals, batch_size=1000, verbose=0)

    # %% Accuracy alone hides the two ways to be wrong: a false alarm (type I) and a missed anomaly (type II).
    chosen, verdict = detectors[scaling], verdicts[scaling]
    curves = {name: anomaly_roc(test.labels, verdicts[name]["error"]) for name in detectors}
    rates = {name: anomaly_rates(test.labels, verdicts[name]["anomaly"]) for name in detectors}
    run.metrics(**rates[scaling], roc_auc=curves[scaling][2])
    tried = chosen.predict(validation.signals, batch_size=1000, verbose=0)["anomaly"]
    run.metrics(validation_accuracy=anomaly_rates(validation.labels, tried)["accuracy"])
    other = "min_max" if scaling == "standard" else "standard"
    run.baseline("accuracy", f"{other} scaling", rates[other]["accuracy"])
    run.baseline("roc_auc", f"{other} scaling", curves[other][2])
    if dataset == "ecg5000":
        for metric, value in (("accuracy", 0.944), ("precision", 0.992), ("recall", 0.90)):
            run.baseline(metric, "TensorFlow tutorial", value)

    # %% Where does the threshold cut, and what would another threshold reach?
    threshold = float(chosen.threshold.numpy())
    title = "Threshold = mean + standard deviation of the errors of normal training beats"
    run.figure("errors", error_histogram(verdict["error"], test.labels, threshold, title), alt=title)
    lines = {
        name: dict(
            false_alarm_rate=curve[0], found=curve[1], area=curve[2],
            point=(rates[name]["false_alarm_rate"], 1 - rates[name]["miss_rate"]),
        )
        for name, curve in curves.items()
    }  # fmt: skip
    run.figure(
        "roc",
        roc(lines, "A curve shows all thresholds; the detector works at one"),
        alt="A curve shows all thresholds; the detector works at one",
    )
    notes = (("right", "false alarm\n(type I error)"), ("missed\n(type II error)", "right"))
    title = f"{rates[scaling]['accuracy']:.1%} of {len(test):,} verdicts are right"
    counts = counts_of(test.labels, verdict["anomaly"])
    run.figure(
        "confusion",
        confusion(counts, ("normal", "abnormal"), ("normal", "anomalous"), title, notes),
        alt=title,
    )

    # %% Look at the worst mistakes, and at what the two scalings make of the same beats.
    kinds = test.fields.get("kinds")
    title = "The worst mistakes: anomalies that are repeated well, normal beats that are not"
    mistakes = (verdict["reconstruction"], verdict["error"], test.labels, threshold, title)
    run.figure("worst", worst_signals(test.signals, *mistakes, kinds=kinds), alt="worst")
    seen = {}
    for name, detector in detectors.items():
        offset, scale = detector.offset.numpy(), detector.scale.numpy()
        gaps = np.abs(test.signals - verdicts[name]["reconstruction"]) / scale
        seen[name] = dict(scaled=(test.signals - offset) / scale, gaps=gaps)
    title = "Min-max keeps the shape: tall waves rule the error. Standard makes all samples count alike."
    run.figure("scalings", scalings(seen, test.labels, title), alt=title)
    run.save(chosen, signature=(None, normal.shape[1]), note="Takes raw beats; the scaling is inside.")


if __name__ == "__main__":
    anomaly.main()
