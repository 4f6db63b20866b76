"""Nearest neighbours in a feature space: what a network takes for alike.

J. Donahue et al., "DeCAF: A Deep Convolutional Activation Feature for Generic Visual Recognition", ICML 2014, section
3; A. Krizhevsky, I. Sutskever, G. Hinton, NIPS 2012, section 6.1 (neighbours by the last layer's activations).
"""

import numpy as np

from keras_cv_course.errors import InputError


def unit_rows(rows):
    """Rows (N, D) divided by their lengths; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1.0)


def nearest(queries, gallery, count=5, cosine=True):
    """The nearest gallery rows of every query.

    Args:
        queries: (M, D) finite numbers.
        gallery: (N, D).
        count: neighbours of each, at most N.
        cosine: rows are compared by the angle between them, so their lengths do not matter; else by the Euclidean
            distance.

    Returns:
        (M, count) indices into the gallery, the nearest first; of equally near ones the first in the gallery.

    Raises:
        InputError: other shapes, numbers that are not finite, or a count out of range.
    """
    queries, gallery = (np.asarray(rows, "float64") for rows in (queries, gallery))
    if (
        queries.ndim != 2
        or gallery.ndim != 2
        or queries.shape[1] != gallery.shape[1]
        or not 1 <= count <= len(gallery)
    ):
        raise InputError(
            "expected queries (M, D), a gallery (N, D) and a count from 1 to N; received "
            f"{queries.shape}, {gallery.shape} and {count}"
        )
    if not (np.isfinite(queries).all() and np.isfinite(gallery).all()):
        raise InputError("features must be finite numbers; received NaN or infinity")
    if cosine:
        queries, gallery = unit_rows(queries), unit_rows(gallery)
    # |q - g|^2 without |q|^2, which is the same for the whole row.
    distances = (gallery**2).sum(axis=1) - 2 * queries @ gallery.T
    return np.argsort(distances, axis=1, kind="stable")[:, :count]


def same_class_share(neighbours, query_labels, gallery_labels):
    """The share of all neighbours that are of their query's class.

    Args:
        neighbours: (M, k) indices into the gallery.
        query_labels: (M,) integers.
        gallery_labels: (N,) integers.

    Returns:
        A number from 0 to 1. Neighbours by chance reach the classes' share of the gallery.
    """
    found = np.asarray(gallery_labels)[np.asarray(neighbours)]
    return float(np.mean(found == np.asarray(query_labels)[:, None]))
