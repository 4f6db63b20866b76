"""Figures of day3.anomaly."""

import textwrap

import numpy as np
from matplotlib.figure import Figure

from keras_cv_course.metrics.anomaly_rates import anomaly_rates, anomaly_roc
from keras_cv_course.plot.style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY

STYLES = (
    (BLUE, "-", "o"),
    (SKY, "--", "s"),
    (GREEN, "-.", "^"),
    (PURPLE, ":", "D"),
    (RED, "-", "v"),
    (GREY, "--", "P"),
)


def error_histogram(errors, labels, threshold, title):
    """Draw how the threshold cuts the two classes.

    Args:
        errors: (N,) reconstruction errors, not negative.
        labels: (N,) 1 = normal, 0 = abnormal.
        threshold: signals with a larger error are called anomalous.
        title: what the figure shows, in words.

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
    rows = (
        (1, BLUE, "normal", "false alarms (type I errors)", errors > threshold),
        (0, ORANGE, "abnormal", "missed anomalies (type II errors)", errors <= threshold),
    )
    grid = figure.subplots(2, 1, sharex=True)
    for axis, (label, colour, name, mistake, wrong) in zip(grid, rows, strict=True):
        chosen = labels == label
        total, mistakes = int(chosen.sum()), int((chosen & wrong).sum())
        values = np.minimum(errors, bins[-1] - width / 2)
        right = dict(facecolor=colour, alpha=0.45, edgecolor="white", linewidth=0.4)
        words = f"{name}, predicted right: {total - mistakes} of {total}"
        axis.hist(values[chosen & ~wrong], bins, label=words, **right)
        hatched = dict(facecolor=colour, hatch="////", edgecolor="black", linewidth=0.4)
        axis.hist(values[chosen & wrong], bins, label=f"{mistake}: {mistakes} of {total}", **hatched)
        axis.axvline(threshold, color="black", linestyle="--", linewidth=1.5)
        axis.set_ylabel(f"{name} beats a bin")
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=9)
    grid[0].annotate(
        f"threshold {threshold:.3g}", (threshold, 0.95), xycoords=("data", "axes fraction"), xytext=(6, 0),
        textcoords="offset points", va="top",
    )  # fmt: skip
    grid[1].set_xlabel("reconstruction error: mean absolute error of the scaled beat (last bin: and more)")
    grid[1].set_xlim(0, bins[-1])
    return figure


def roc(labels, scores, title):
    """Draw the ROC curve of each method, and mark the threshold that is in use.

    Args:
        labels: (N,) 1 = normal, 0 = abnormal.
        scores: {method: ((N,) scores, larger = more anomalous; threshold)}, at most six.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`. Both axes show the half that matters.
    """
    figure = Figure(figsize=(9, 4.6), layout="constrained")
    axis = figure.subplots()
    for (name, (score, threshold)), (colour, line, marker) in zip(scores.items(), STYLES, strict=False):
        alarms, detected, area = anomaly_roc(labels, score)
        rates = anomaly_rates(labels, score > threshold)
        words = f"{textwrap.fill(name, 34)}\narea {area:.3f}, accuracy {rates['accuracy']:.3f}"
        axis.plot(alarms, detected, line, color=colour, linewidth=1.8, label=words)
        axis.plot(
            rates["false_alarm_rate"], 1 - rates["miss_rate"], marker, color=colour, markersize=9,
            markeredgecolor="black", zorder=3,
        )  # fmt: skip
    axis.set(title=title, xlim=(-0.01, 0.5), ylim=(0.5, 1.01))
    axis.set_xlabel("false alarm rate: normal beats called anomalous")
    axis.set_ylabel("detection rate: abnormal beats called so")
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, loc="center left", bbox_to_anchor=(1.02, 0.5), fontsize=9, labelspacing=1)
    return figure


def areas_by_kind(errors, labels, kinds, title):
    """Draw how well each detector ranks one kind of abnormal beat above the normal ones.

    Args:
        errors: {detector: (N,) errors}, at most six.
        labels: (N,) 1 = normal, 0 = abnormal.
        kinds: (N,) the kind of each beat.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`: the area under the ROC curve, one bar a kind and detector.
    """
    labels, kinds = np.asarray(labels), np.asarray(kinds)
    names = np.unique(kinds[labels == 0])
    figure = Figure(figsize=(8, 0.9 + 0.5 * len(names)), layout="constrained")
    axis = figure.subplots()
    height = 0.8 / len(errors)
    for row, ((detector, values), (colour, *_)) in enumerate(zip(errors.items(), STYLES, strict=False)):
        chosen = [(labels == 1) | (kinds == name) for name in names]
        areas = [anomaly_roc(labels[rows], values[rows])[2] for rows in chosen]
        places = np.arange(len(names)) + height * (row - (len(errors) - 1) / 2)
        axis.barh(places, areas, height, color=colour, label=detector)
        for place, area in zip(places, areas, strict=True):
            axis.text(max(area, 0.5) + 0.005, place, f"{area:.3f}", va="center", fontsize=9)
    axis.set_yticks(range(len(names)), names)
    axis.invert_yaxis()
    axis.set(title=title, xlim=(0.5, 1.05), xlabel="area under the ROC curve (0.5: guessing)")
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def error_profile(gaps, labels, title):
    """Draw, for each scaling, where along the beat the errors are.

    Args:
        gaps: {scaling: (N, length) absolute errors of the scaled beats}.
        labels: (N,) 1 = normal, 0 = abnormal.
        title: what the figure shows, in words.

    Returns:
        A matplotlib `Figure`: one panel a scaling, the mean error of both classes at each sample.
    """
    labels = np.asarray(labels)
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    figure.suptitle(title)
    grid = figure.subplots(1, len(gaps), squeeze=False)[0]
    for axis, (name, gap) in zip(grid, gaps.items(), strict=True):
        for label, words, colour, line in ((0, "abnormal", ORANGE, "--"), (1, "normal", BLUE, "-")):
            axis.plot(gap[labels == label].mean(axis=0), line, color=colour, label=words)
        axis.set(title=f"{name} scaling", xlabel="sample", ylim=(0, None))
        axis.spines[["top", "right"]].set_visible(False)
    grid[0].set_ylabel("mean absolute error,\nscaled beats")
    handles, words = grid[0].get_legend_handles_labels()
    figure.legend(handles, words, loc="outside lower center", ncols=2, frameon=False)
    return figure


def worst_signals(signals, reconstruction, errors, labels, threshold, title, kinds=None, columns=4):
    """Draw the abnormal signals with the lowest errors, and the normal ones with the highest.

    These are the missed anomalies and the false alarms, and where there are none the closest calls.

    Args:
        signals: (N, length).
        reconstruction: (N, length), in the same unit.
        errors: (N,) reconstruction errors.
        labels: (N,) 1 = normal, 0 = abnormal.
        threshold: signals with a larger error are called anomalous.
        title: what the figure shows, in words.
        kinds: (N,) what each signal is, in a word; None if that is not known.
        columns: signals a row.

    Returns:
        A matplotlib `Figure`.
    """
    errors, labels = np.asarray(errors), np.asarray(labels)
    order = np.argsort(errors)
    rows = (
        ("abnormal,\nsmallest errors", order[labels[order] == 0], ("missed", "detected")),
        ("normal,\nlargest errors", order[::-1][labels[order[::-1]] == 1], ("passed", "false alarm")),
    )
    figure = Figure(figsize=(2.4 * columns, 5.4), layout="constrained")
    figure.suptitle(f"{title} (threshold {threshold:.3g})")
    grid = figure.subplots(2, columns, squeeze=False, sharex=True)
    time = np.arange(np.shape(signals)[1])
    for axes, (name, chosen, outcomes) in zip(grid, rows, strict=True):
        axes[0].set_ylabel(name)
        for axis in axes[len(chosen) :]:
            axis.axis("off")
        for axis, i in zip(axes, chosen, strict=False):
            gap = dict(color=ORANGE, alpha=0.5, linewidth=0, label="difference")
            axis.fill_between(time, signals[i], reconstruction[i], **gap)
            axis.plot(time, signals[i], color=BLUE, linewidth=1.3, label="beat")
            axis.plot(time, reconstruction[i], "--", color=RED, linewidth=1.1, label="reconstruction")
            kind = "" if kinds is None else f"{kinds[i]}\n"
            axis.set_title(
                f"{kind}{outcomes[int(errors[i] > threshold)]}, error {errors[i]:.3g}", fontsize=10
            )
            axis.spines[["top", "right"]].set_visible(False)
    handles, words = next(axis for axis in grid.flat if axis.lines).get_legend_handles_labels()
    figure.legend(handles, words, loc="outside lower center", ncols=3, frameon=False)
    for axis in grid[-1]:
        axis.set_xlabel("sample")
    return figure
