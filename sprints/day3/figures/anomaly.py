"""Errors of normal and of abnormal signals around the threshold, with the two ways to be wrong shaded."""

import numpy as np
from matplotlib.figure import Figure

from keras_cv_course.plot.style import BLUE, ORANGE


def error_histogram(errors, labels, threshold, title):
    """Draw how the threshold cuts the two classes.

    Args:
        errors: (N,) reconstruction errors, not negative.
        labels: (N,) 1 = normal, 0 = abnormal.
        threshold: signals with a larger error are called anomalous.
        title: what the picture shows, in words.

    Returns:
        A matplotlib `Figure`. The last bin also holds all larger errors.
    """
    errors, labels = np.asarray(errors), np.asarray(labels)
    # A few huge errors must not squeeze the threshold's surroundings; bins end exactly at the threshold.
    end = max(2.5 * threshold, min(np.quantile(errors, 0.98), 6 * threshold))
    width = threshold / 16
    bins = width * np.arange(np.ceil(end / width) + 1)
    figure = Figure(figsize=(8, 5.6), layout="constrained")
    figure.suptitle(title)
    upper, lower = figure.subplots(2, 1, sharex=True)
    rows = (
        (upper, 1, BLUE, "normal", "false alarms (type I error)", errors > threshold),
        (lower, 0, ORANGE, "abnormal", "missed anomalies (type II error)", errors <= threshold),
    )
    for axis, label, colour, name, mistake, wrong in rows:
        chosen = labels == label
        total, bad = int(chosen.sum()), int((chosen & wrong).sum())
        values = np.minimum(errors, bins[-1] - width / 2)
        right = dict(facecolor=colour, alpha=0.45, edgecolor="white", linewidth=0.4)
        words = f"{name}, judged right: {total - bad} of {total}"
        axis.hist(values[chosen & ~wrong], bins, label=words, **right)
        hatched = dict(facecolor=colour, hatch="////", edgecolor="black", linewidth=0.4)
        axis.hist(values[chosen & wrong], bins, label=f"{mistake}: {bad} of {total}", **hatched)
        axis.axvline(threshold, color="black", linestyle="--", linewidth=1.5)
        axis.set_ylabel(f"{name} signals a bin")
        axis.margins(y=0.35)  # room for the legend
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend(frameon=False, loc="upper right")
    upper.annotate(
        f"threshold {threshold:.3g}", (threshold, 0.5), xycoords=("data", "axes fraction"), xytext=(6, 0),
        textcoords="offset points",
    )  # fmt: skip
    upper.annotate(
        "called normal ←", (threshold, 1.01), xycoords=("data", "axes fraction"), ha="right", xytext=(-4, 0),
        textcoords="offset points",
    )  # fmt: skip
    upper.annotate(
        "→ called anomalous", (threshold, 1.01), xycoords=("data", "axes fraction"), xytext=(4, 0),
        textcoords="offset points",
    )  # fmt: skip
    lower.set_xlabel("reconstruction error: mean absolute error of the scaled signal (last bin: and more)")
    lower.set_xlim(0, bins[-1])
    return figure
