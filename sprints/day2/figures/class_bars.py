"""One number a class, of two or three ways to get it, as bars beside each other."""

import numpy as np
from matplotlib.figure import Figure

from keras_cv_course.plot.style import BLUE, GREEN, ORANGE


def class_bars(classes, values, title, label):
    """Draw bars, the class with the first way's largest number on top.

    Args:
        classes: the names of the classes.
        values: {way: (classes,) numbers of 0 or more}, at most three; NaN leaves its bar out.
        title: what the figure shows, in words.
        label: what the numbers are.

    Returns:
        A matplotlib `Figure`.
    """
    first = np.nan_to_num(np.asarray(next(iter(values.values())), float), nan=-1)
    order = np.argsort(first, kind="stable")
    thick = 0.8 / len(values)
    figure = Figure(figsize=(8, 1.4 + 0.36 * len(classes)), layout="constrained")
    figure.suptitle(title, fontsize=12)
    axis = figure.subplots()
    for number, ((way, numbers), colour) in enumerate(
        zip(values.items(), (BLUE, ORANGE, GREEN), strict=False)
    ):
        numbers = np.asarray(numbers, float)[order]
        places = np.arange(len(classes)) + thick * ((len(values) - 1) / 2 - number)
        axis.barh(places, np.nan_to_num(numbers), thick, color=colour, label=way)
        for place, value in zip(places, numbers, strict=True):
            words = "not there" if np.isnan(value) else f"{value:.2f}"
            axis.text(np.nan_to_num(value) + 0.01, place, words, va="center", fontsize=8)
    axis.set_yticks(np.arange(len(classes)), [classes[place] for place in order])
    axis.set(xlabel=label, xlim=(0, 1.08 * max(1, *(np.nanmax(some) for some in values.values()))))
    axis.spines[["top", "right"]].set_visible(False)
    if len(values) > 1:
        axis.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(values), frameon=False, fontsize=9)
    return figure
