"""Image classifiers without a neural network: logistic regression, nearest neighbours, random forest, support
vector machine on pixels and on histograms of oriented gradients (HOG).

Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2nd edition, 2009, sections 4.4, 13.3,
15 and 12.3; HOG: Dalal and Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005.
"""

import warnings

import numpy as np
from threadpoolctl import threadpool_limits

from keras_cv_course.errors import InputError

TUNED_ON = 3000  # training images on which settings are compared; the best one is then fitted to all of them


def pixels(images):
    """(N, H, W, C) images -> (N, H * W * C) features: the pixels themselves."""
    return images.reshape(len(images), -1)


def oriented_gradients(images, cell):
    """(N, H, W, C) images -> (N, features): histograms of 9 orientations in cells of `cell` x `cell` pixels.

    Blocks of 2 x 2 cells are normalised together. Images are padded with zeros to whole cells, two at least.
    """
    from skimage.feature import hog

    missing = [(0, max(2, -(-side // cell)) * cell - side) for side in images.shape[1:3]]
    padded = np.pad(images, ((0, 0), *missing, (0, 0)))
    options = dict(pixels_per_cell=(cell, cell), cells_per_block=(2, 2), channel_axis=-1)
    return np.array([hog(image, **options) for image in padded], "float32")


def logistic_regression(images, labels, inverse_penalty):
    """A linear map from the pixels to logits."""
    from sklearn.linear_model import LogisticRegression

    return _fitted(LogisticRegression(C=inverse_penalty, max_iter=100), images, labels)


def nearest_neighbours(images, labels, count):
    """Majority vote of the nearest training images, weighted by 1 / distance."""
    from sklearn.neighbors import KNeighborsClassifier

    return _fitted(KNeighborsClassifier(min(count, len(images)), weights="distance"), images, labels)


def random_forest(images, labels, features):
    """300 extremely randomised trees (Geurts et al. 2006); each split looks at a share of the pixels."""
    from sklearn.ensemble import ExtraTreesClassifier

    trees = ExtraTreesClassifier(300, max_features=features, n_jobs=-1, random_state=0)
    return _fitted(trees, images, labels)


def support_vectors(images, labels, setting):
    """RBF kernel on principal components of the pixels; the setting is (components, width)."""
    return _kernel_machine(images, labels, pixels, *setting)


def support_vectors_of_gradients(images, labels, setting):
    """RBF kernel on principal components of histograms of oriented gradients: (cell, components, width)."""
    cell, *setting = setting
    return _kernel_machine(images, labels, lambda images: oriented_gradients(images, cell), *setting)


def _kernel_machine(images, labels, features, components, width):
    """An SVM with C = 10 and gamma = width / (components * their mean variance)."""
    from sklearn.decomposition import PCA
    from sklearn.svm import SVC

    rows = features(images)
    projection = PCA(min(components, *rows.shape), random_state=0)
    with threadpool_limits(1, "blas"):
        rows = projection.fit_transform(rows)
        gamma = width / max(rows.shape[1] * float(rows.var()), 1e-12)
        machine = SVC(C=10, gamma=gamma).fit(rows, labels)
    return lambda images: machine.predict(projection.transform(features(images)))


def _fitted(classifier, images, labels):
    """The function images -> predicted labels of a classifier that is fitted to the pixels of images."""
    with warnings.catch_warnings(), threadpool_limits(1, "blas"):
        warnings.filterwarnings("ignore", message=".*lbfgs failed to converge", category=UserWarning)
        classifier.fit(pixels(images), labels)
    return lambda images: classifier.predict(pixels(images))


# {name: (function (images, labels, setting) -> function images -> labels, its settings, the setting in words)}
METHODS = {
    "logistic regression": (logistic_regression, (0.01, 0.1, 1.0), "C {:g}"),
    "nearest neighbours": (nearest_neighbours, (1, 3, 5), "k {}"),
    "random forest": (random_forest, (0.03, 0.1), "{:g} of the pixels a split"),
    "SVM": (support_vectors, ((40, 1), (40, 3), (80, 1)), "{} components, width {}"),
    "HOG + SVM": (
        support_vectors_of_gradients,
        ((4, 80, 1), (8, 80, 1), (8, 160, 1)),
        "cells of {} pixels, {} components, width {}",
    ),
}


def tuned_classifiers(train, validation, names=tuple(METHODS)):
    """Classifiers, each with the setting that is the most accurate on the validation images, fitted to all
    training images.

    Args:
        train, validation: parts with `images` (N, H, W, C) in [0, 1] and `labels` (N,). Settings are compared on
            the first `TUNED_ON` training images.
        names: which of `METHODS`.

    Returns:
        {name with its setting: function images (N, H, W, C) -> predictions (N, classes): 1 for the predicted class,
        0 for the others}.

    Raises:
        InputError: an unknown name, or all training images are of one class.
    """
    unknown = [name for name in names if name not in METHODS]
    if unknown:
        raise InputError(f"unknown classifiers {unknown}; choose from: {', '.join(METHODS)}")
    if len(np.unique(train.labels[:TUNED_ON])) < 2:
        raise InputError(f"a classifier needs images of two classes or more, got {len(train.images)} of one")
    some, found, classes = train[:TUNED_ON], {}, np.eye(int(train.labels.max()) + 1)
    for name in names:
        method, settings, words = METHODS[name]

        def score(setting, method=method):
            predict = method(some.images, some.labels, setting)
            return np.mean(predict(validation.images) == validation.labels)

        best = max(settings, key=score)
        predict = method(train.images, train.labels, best)
        found[f"{name}, {words.format(*np.atleast_1d(best))}"] = lambda images, predict=predict: classes[
            predict(images)
        ]
    return found
