"""A confusion table: what is true against what was said."""

import numpy as np
from matplotlib.figure import Figure


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
