"""How well a linear function of a code gives the true coordinate of a point on a manifold."""

import numpy as np

from keras_cv_course.errors import InputError


def coordinate_correlation(codes, coordinate):
    """Correlation between a true coordinate and its best linear prediction from the codes.

    The multiple correlation coefficient R, the square root of the share of variance explained:

        R^2 = 1 - sum (s - (w . z + b))^2 / sum (s - mean s)^2,    w and b by least squares

    1 means that some direction in the code is the coordinate, up to its scale, however the code is turned,
    mirrored or stretched. A code that folds or tears the manifold, or leaves it rolled up, scores low,
    however well the points can be reconstructed from it.

    Args:
        codes: (N, d) codes z; N must exceed d + 1.
        coordinate: (N,) true coordinate s, such as the arc length along a roll.

    Returns:
        A float in [0, 1].

    Raises:
        InputError: the lengths differ, there are too few points, or the coordinate is constant.
    """
    codes, coordinate = np.asarray(codes, "float64"), np.asarray(coordinate, "float64")
    if codes.ndim != 2 or coordinate.shape != codes.shape[:1]:
        raise InputError(
            f"expected codes (N, d) and a coordinate (N,), received {codes.shape} and {coordinate.shape}"
        )
    if len(codes) <= codes.shape[1] + 1:
        raise InputError(
            f"{len(codes)} points with codes of {codes.shape[1]} numbers fit any line; give more points"
        )
    deviation = coordinate - coordinate.mean()
    total = np.sum(deviation**2)
    if np.ptp(coordinate) == 0:
        raise InputError("the coordinate is the same for all points, so nothing can correlate with it")
    centred = codes - codes.mean(axis=0)
    weights, *_ = np.linalg.lstsq(centred, deviation, rcond=None)
    unexplained = np.sum((deviation - centred @ weights) ** 2)
    return float(np.sqrt(max(0.0, 1.0 - unexplained / total)))
