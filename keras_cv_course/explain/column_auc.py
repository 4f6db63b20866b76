"""How well each of many features, on its own, tells one class from the rest: the area under the ROC curve.

It is the probability that an example of the class has a larger value than one of the rest (Hanley and McNeil, "The
Meaning and Use of the Area under a Receiver Operating Characteristic Curve", Radiology 143, 1982), which is
Mann and Whitney's statistic of the ranks.
"""

import numpy as np
from scipy.stats import rankdata

from keras_cv_course.errors import InputError


def column_auc(features, labels):
    """The area under the ROC curve of every column.

    Args:
        features: (N, F) finite numbers.
        labels: (N,) 1 for the class, 0 for the rest; both occur.

    Returns:
        (F,) from 0 to 1: 1 where all of the class are above all of the rest, 0.5 for chance; ties count half.

    Raises:
        InputError: other shapes or labels, numbers that are not finite.
    """
    features, labels = np.asarray(features), np.asarray(labels)
    if features.ndim != 2 or labels.shape != features.shape[:1] or set(np.unique(labels)) != {0, 1}:
        raise InputError(
            f"expected features (N, F) and N labels of 0 and 1, both there; received {features.shape} and "
            f"{labels.shape} with {np.unique(labels)[:5]}"
        )
    if not np.isfinite(features).all():
        raise InputError("features must be finite numbers; received NaN or infinity")
    ones = int(np.sum(labels == 1))
    zeros = len(labels) - ones
    ranks = rankdata(features, axis=0)[labels == 1].sum(axis=0)
    return (ranks - ones * (ones + 1) / 2) / (ones * zeros)
