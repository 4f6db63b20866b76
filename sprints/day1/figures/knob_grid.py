"""Scores of every pair of two knobs, as a grid of numbers; the best one is framed."""

import textwrap

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from keras_cv_course.plot.style import RED


def knob_grid(scores, title, rows="operations an image", columns="magnitude", best=None):
    """Draw a grid with one cell a pair.

    Args:
        scores: {(row's value, column's value): score} of every pair; higher is better.
        title: what the picture shows, in words.
        rows: what the first knob is.
        columns: what the second knob is.
        best: the pair to frame; None is the one with the highest score.

    Returns:
        A matplotlib `Figure`.
    """
    best = max(scores, key=scores.get) if best is None else best
    down, across = (sorted({pair[place] for pair in scores}) for place in (0, 1))
    table = np.array([[scores[one, other] for other in across] for one in down])
    figure = Figure(figsize=(2.6 + 1.2 * len(across), 1.9 + 0.6 * len(down)), layout="constrained")
    axis = figure.subplots()
    axis.imshow(table, cmap="Blues", aspect="auto", vmin=table.min() - 0.02, vmax=table.max() + 0.05)
    for row, column in np.ndindex(*table.shape):
        axis.text(column, row, f"{table[row, column]:.3f}", ha="center", va="center")
    place = across.index(best[1]) - 0.5, down.index(best[0]) - 0.5
    axis.add_patch(Rectangle(place, 1, 1, fill=False, edgecolor=RED, linewidth=3, clip_on=False))
    axis.set(xticks=range(len(across)), yticks=range(len(down)), xlabel=columns, ylabel=rows)
    axis.set_xticklabels([f"{value:g}" for value in across])
    axis.set_yticklabels([f"{value:g}" for value in down])
    figure.suptitle(textwrap.fill(title, 24 + 12 * len(across)), fontsize=12)
    return figure
