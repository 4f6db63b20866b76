"""Figures of day3.anomaly."""

import numpy as np
from matplotlib.figure import Figure

from keras_cv_course.plot.style import BLUE, GREEN, GREY, ORANGE, RED


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


def confusion(counts, truths, verdicts, title, notes=None):
    """Draw counts as a table; a cell's shade is its share of its row.

    Args:
        counts: (R, C) integers, row = truth, column = verdict.
        truths: the names of the rows.
        verdicts: the names of the columns.
        title: what the picture shows, in words.
        notes: (R, C) texts below the numbers, or None.

    Returns:
        A matplotlib `Figure`.
    """
    counts = np.asarray(counts)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    rows, columns = counts.shape
    figure = Figure(figsize=(1.6 + 1.9 * columns, 1.4 + 1.2 * rows), layout="constrained")
    axis = figure.subplots()
    image = axis.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), count in np.ndenumerate(counts):
        text = f"{count:,}\n{shares[row, column]:.1%}"
        if notes is not None:
            text += f"\n{notes[row][column]}"
        colour = "white" if shares[row, column] > 0.55 else "black"
        axis.text(column, row, text, ha="center", va="center", color=colour, linespacing=1.4)
    axis.set(title=title, xlabel="verdict", ylabel="truth")
    axis.set_xticks(range(columns), verdicts)
    axis.set_yticks(range(rows), truths)
    axis.tick_params(length=0)
    figure.colorbar(image, ax=axis, label="share of the row")
    return figure


STYLES = ((BLUE, "-", "o"), (ORANGE, "--", "s"), (GREEN, "-.", "^"))


def roc(detectors, title):
    """Draw what every threshold would reach, and mark the threshold that is in use.

    Args:
        detectors: {name: dict(false_alarm_rate=(T,), found=(T,), area=float, point=(false alarms, found))};
            at most three. `point` is where the detector works.
        title: what the picture shows, in words.

    Returns:
        A matplotlib `Figure`.
    """
    figure = Figure(figsize=(6.4, 5.4), layout="constrained")
    axis = figure.subplots()
    for (name, detector), (colour, line, marker) in zip(detectors.items(), STYLES, strict=False):
        axis.plot(
            detector["false_alarm_rate"], detector["found"], line, color=colour, linewidth=2,
            label=f"{name}: area {detector['area']:.3f}",
        )  # fmt: skip
        alarms, found = detector["point"]
        axis.plot(
            alarms, found, marker, color=colour, markersize=10, markeredgecolor="black", zorder=3,
            label=f"   its threshold: {alarms:.1%} false alarms, {found:.1%} found",
        )  # fmt: skip
    axis.plot([0, 1], [0, 1], ":", color=GREY, label="guessing: area 0.5")
    axis.set(
        title=title,
        xlabel="false alarms: share of normal signals called anomalous (type I error)",
        ylabel="found: share of abnormal signals called anomalous\n(1 − type II error)",
        xlim=(-0.01, 1.01),
        ylim=(-0.01, 1.01),
    )
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, loc="lower right")
    return figure


def scalings(detectors, labels, title):
    """Draw the scaled signals, and the share of the error that each sample position contributes.

    Args:
        detectors: {name of the scaling: dict(scaled=(N, length) signals as the network sees them,
            gaps=(N, length) absolute errors of the scaled signals)}.
        labels: (N,) 1 = normal, 0 = abnormal.
        title: what the picture shows, in words.

    Returns:
        A matplotlib `Figure`, one row a scaling.
    """
    labels = np.asarray(labels)
    figure = Figure(figsize=(10, 2.9 * len(detectors) + 0.6), layout="constrained")
    figure.suptitle(title)
    grid = figure.subplots(len(detectors), 2, squeeze=False, sharex=True)
    for (seen, error), (name, detector) in zip(grid, detectors.items(), strict=True):
        for label, colour, hatch, words in ((0, ORANGE, "///", "abnormal"), (1, BLUE, None, "normal")):
            chosen = labels == label
            low, high = np.quantile(detector["scaled"][chosen], (0.05, 0.95), axis=0)
            time = np.arange(len(low))
            style = dict(color=colour, label=words)
            seen.fill_between(time, low, high, alpha=0.45, hatch=hatch, linewidth=0, **style)
            mean = detector["gaps"][chosen].mean(axis=0)
            error.plot(time, mean, "-" if label == 1 else "--", linewidth=2, **style)
        seen.set(title=f"{name} scaling: what the network sees (nine beats of ten)", ylabel="scaled signal")
        error.set(title=f"{name} scaling: where the error comes from", ylabel="mean absolute error")
        error.set_ylim(bottom=0)
        for axis in (seen, error):
            axis.spines[["top", "right"]].set_visible(False)
    handles, words = grid[0, 1].get_legend_handles_labels()
    bands = grid[0, 0].get_legend_handles_labels()[0]
    both = list(zip(handles, bands, strict=True))
    figure.legend(both, words, loc="outside lower center", ncols=2, frameon=False)
    for axis in grid[-1]:
        axis.set_xlabel("sample")
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
        title: what the picture shows, in words.
        kinds: (N,) what each signal is, in a word; None if that is not known.
        columns: signals a row.

    Returns:
        A matplotlib `Figure`.
    """
    errors, labels = np.asarray(errors), np.asarray(labels)
    order = np.argsort(errors)
    rows = (
        ("abnormal, repeated best", order[labels[order] == 0], ("missed", "found")),
        ("normal, repeated worst", order[::-1][labels[order[::-1]] == 1], ("passed", "false alarm")),
    )
    figure = Figure(figsize=(2.9 * columns, 5.4), layout="constrained")
    figure.suptitle(f"{title}\n(threshold {threshold:.3g})")
    grid = figure.subplots(2, columns, squeeze=False, sharex=True)
    time = np.arange(np.shape(signals)[1])
    for axes, (name, chosen, verdicts) in zip(grid, rows, strict=True):
        axes[0].set_ylabel(name)
        for axis in axes[len(chosen) :]:
            axis.axis("off")
        for axis, i in zip(axes, chosen, strict=False):
            gap = dict(color=ORANGE, alpha=0.5, linewidth=0, label="gap")
            axis.fill_between(time, signals[i], reconstruction[i], **gap)
            axis.plot(time, signals[i], color=BLUE, linewidth=1.3, label="signal")
            axis.plot(time, reconstruction[i], "--", color=RED, linewidth=1.1, label="reconstruction")
            kind = "" if kinds is None else f"{kinds[i]}, "
            axis.set_title(f"{kind}{verdicts[int(errors[i] > threshold)]}\nerror {errors[i]:.3g}", fontsize=9)
            axis.spines[["top", "right"]].set_visible(False)
    handles, words = next(axis for axis in grid.flat if axis.lines).get_legend_handles_labels()
    figure.legend(handles, words, loc="outside lower center", ncols=3, frameon=False)
    for axis in grid[-1]:
        axis.set_xlabel("sample")
    return figure
