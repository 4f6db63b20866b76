"""Where the peaks of a detector's heat maps lie, measured from the objects' true centres."""

import numpy as np


def peak_distances(is_peak, centres, true_centres, labels, stride):
    """The nearest peak of its class to each object, among the cell of its centre and the eight around it.

    Args:
        is_peak: (N, h, w, C) bool.
        centres: (N, h, w, 2) where each cell says that its object's centre lies, x and y in pixels.
        true_centres: (N, K, 2) x and y in pixels.
        labels: (N, K) classes, -1 for a row of padding.
        stride: pixels from one cell to the next.

    Returns:
        same_cell (N, K), 1 where the peak lies in the centre's own cell and 0 where beside it; distance (N, K), of the
        place that the peak's cell gives from the true centre, in pixels. Both are NaN where there is no such peak.
    """
    same, distance = np.full(labels.shape, np.nan), np.full(labels.shape, np.nan)
    last = np.array(is_peak.shape[1:3]) - 1
    for at in np.argwhere(labels >= 0):
        image, label, true = at[0], labels[tuple(at)], true_centres[tuple(at)]
        row, column = np.minimum(true[::-1] // stride, last).astype(int)
        near = np.argwhere(is_peak[image, max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2, label])
        if not len(near):
            continue
        places = near + [max(row - 1, 0), max(column - 1, 0)]
        far = np.linalg.norm(centres[image, places[:, 0], places[:, 1]] - true, axis=-1)
        best = int(np.argmin(far))
        same[tuple(at)], distance[tuple(at)] = np.all(places[best] == (row, column)), far[best]
    return same, distance
