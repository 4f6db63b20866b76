"""What a scaling does to signals: what the network sees, and where its error then comes from."""

import numpy as np
from matplotlib.figure import Figure

from keras_cv_course.plot.style import BLUE, ORANGE


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
