"""Single features without a network, one of which is chosen because it tells a class best: the rivals of a unit.

Pixels, principal components, histograms of oriented gradients (N. Dalal, B. Triggs, CVPR 2005), Haar-like features
(P. Viola, M. Jones, "Rapid Object Detection using a Boosted Cascade of Simple Features", CVPR 2001, section 2), and the
correlation with the mean example of the class.
"""

import numpy as np
from sklearn.decomposition import PCA

from keras_cv_course.baselines.classifiers import oriented_gradients, pixels
from keras_cv_course.explain.column_auc import column_auc

CELLS = (3, 4, 5, 6, 8)


def best_single_features(train, validation, test):
    """The area under the ROC curve, on the test part, of the feature of each kind that is best on the others.

    Args:
        train, validation, test: parts with grey `images` (N, S, S, 1) in [0, 1] and `labels` (N,) 0 or 1. What has to
            be fitted is fitted to the training part; a feature, and its sign, is chosen by its area on the training
            and validation images together.

    Returns:
        {kind: area on the test images}.
    """
    labels = np.concatenate([train.labels, validation.labels])
    images = [part.images for part in (train, validation, test)]
    components = PCA(min(50, len(train) - 1), random_state=0).fit(pixels(train.images))
    mean_face = normalised(pixels(train.images[train.labels == 1]).mean(axis=0, keepdims=True))
    kinds = {
        "a pixel": pixels,
        "a principal component": lambda images: components.transform(pixels(images)),
        "a cell of HOG": lambda images: np.hstack([oriented_gradients(images, cell) for cell in CELLS]),
        "a Haar-like feature": haar_features,
        "the mean of the class": lambda images: normalised(pixels(images)) @ mean_face.T,
    }
    found = {}
    for kind, features in kinds.items():
        values = [features(some) for some in images]
        seen = column_auc(np.concatenate(values[:2]), labels)
        best = int(np.argmax(np.abs(seen - 0.5)))
        area = float(column_auc(values[2][:, [best]], test.labels)[0])
        found[kind] = area if seen[best] >= 0.5 else 1 - area
    return found


def normalised(rows):
    """Rows of mean 0 and length 1, so that their products are correlations."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def haar_features(images):
    """Differences of the means of two neighbouring rectangles of equal size, at every second place.

    Args:
        images: (N, S, S, 1).

    Returns:
        (N, features).
    """
    size, found = images.shape[1], []
    sums = np.pad(images[..., 0].astype("float64"), ((0, 0), (1, 0), (1, 0))).cumsum(1).cumsum(2)

    def mean(tops, lefts, height, width):
        bottoms, rights = tops + height, lefts + width
        total = (
            sums[:, bottoms, rights] - sums[:, tops, rights] - sums[:, bottoms, lefts] + sums[:, tops, lefts]
        )
        return total / (height * width)

    for height in range(2, size + 1, 2):
        for width in range(2, size + 1, 2):
            for down, right in ((height, 0), (0, width)):
                ends = max(size + 1 - height - down, 0), max(size + 1 - width - right, 0)
                if min(ends) > 0:
                    tops, lefts = np.mgrid[0 : ends[0] : 2, 0 : ends[1] : 2].reshape(2, -1)
                    pair = mean(tops, lefts, height, width), mean(tops + down, lefts + right, height, width)
                    found.append(pair[0] - pair[1])
    return np.hstack(found)
