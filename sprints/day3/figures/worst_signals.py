"""The detector's worst mistakes: signal, reconstruction, and the gap between them."""

import numpy as np
from matplotlib.figure import Figure

from keras_cv_course.plot.style import BLUE, ORANGE, RED


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
