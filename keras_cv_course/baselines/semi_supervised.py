"""Classifiers without a network for few labels: a support vector machine on distorted copies, and label spreading.

D. Decoste, B. Schölkopf, "Training Invariant Support Vector Machines", Machine Learning 2002, section 3 (virtual
examples). D. Zhou, O. Bousquet, T. Lal, J. Weston, B. Schölkopf, "Learning with Local and Global Consistency", NIPS
2003, section 2: labels spread from each example to its neighbours; scikit-learn's `LabelSpreading`.
"""

import numpy as np

from keras_cv_course.baselines.classifiers import pixels, tuned_classifiers
from keras_cv_course.data.part import Part
from keras_cv_course.metrics.accuracy import accuracy

COMPONENTS = 40  # principal components in which neighbours are looked for
NEIGHBOURS = (3, 7, 15)


def svm_on_copies(train, validation, transform, rng, copies=10):
    """A support vector machine that learns from transformed copies of every training image.

    Args:
        train, validation: parts with `images` (N, H, W, C) in [0, 1] and `labels` (N,).
        transform: a function (batch, rng) -> batch that keeps the labels; see `augment.augmentation`.
        rng: a `numpy.random.Generator`.
        copies: of each training image.

    Returns:
        A function images (N, H, W, C) -> predictions (N, classes): 1 for the predicted class, 0 for the others.
    """
    many = train[np.tile(np.arange(len(train)), copies)]
    many = Part(**transform(dict(images=many.images, labels=many.labels), rng))
    (predict,) = tuned_classifiers(many, validation, ["SVM"]).values()
    return predict


def label_spreading(train, unlabelled, validation):
    """Labels spread over the nearest neighbours of labelled and unlabelled images, in principal components.

    The number of neighbours is the one that is the most accurate on the validation images.

    Args:
        train, validation: parts with `images` (N, H, W, C) and `labels` (N,).
        unlabelled: (M, H, W, C) images.

    Returns:
        A function images (N, H, W, C) -> predictions (N, classes), probabilities.
    """
    from sklearn.decomposition import PCA
    from sklearn.semi_supervised import LabelSpreading

    rows = pixels(np.concatenate([train.images, unlabelled]))
    projection = PCA(min(COMPONENTS, *rows.shape), random_state=0).fit(rows)
    rows, hidden = projection.transform(rows), np.concatenate([train.labels, np.full(len(unlabelled), -1)])

    def fitted(neighbours):
        spreading = LabelSpreading(kernel="knn", n_neighbors=min(neighbours, len(rows)))
        with np.errstate(invalid="ignore"):  # no label reaches some neighbourhoods: 0 / 0
            spreading.fit(rows, hidden)

        def predict(images):
            with np.errstate(invalid="ignore"):
                return np.nan_to_num(spreading.predict_proba(projection.transform(pixels(images))))

        return predict

    return max(
        map(fitted, NEIGHBOURS), key=lambda predict: accuracy(validation.labels, predict(validation.images))
    )
