"""Image classifiers without a neural network: logistic regression, nearest neighbours, random forest, support
vector machine on pixels and on histograms of oriented gradients (HOG).

Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2nd edition, 2009, sections 4.4, 13.3,
15 and 12.3; HOG: Dalal and Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005.
"""

import warnings

import numpy as np

from keras_cv_course.errors import InputError

LARGE = 20_000  # training images beyond which support vector machines, of quadratic cost, are left out
TUNED_ON = 1500  # training images on which settings are compared; the best one is then fitted to all of them


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

    return _fitted(LogisticRegression(C=inverse_penalty, max_iter=100), pixels, images, labels)


def nearest_neighbours(images, labels, count):
    """Majority vote of the nearest training images, weighted by 1 / distance."""
    from sklearn.neighbors import KNeighborsClassifier

    return _fitted(KNeighborsClassifier(count, weights="distance"), pixels, images, labels)


def random_forest(images, labels, features):
    """300 extremely randomised trees (Geurts et al. 2006); each split looks at a share of the pixels."""
    from sklearn.ensemble import ExtraTreesClassifier

    trees = ExtraTreesClassifier(300, max_features=features, n_jobs=-1, random_state=0)
    return _fitted(trees, pixels, images, labels)


def support_vectors(images, labels, width):
    """RBF kernel on the pixels, C = 10, gamma = width / (pixels * their variance)."""
    from sklearn.svm import SVC

    gamma = width / max(pixels(images).shape[1] * float(images.var()), 1e-12)
    return _fitted(SVC(C=10, gamma=gamma), pixels, images, labels)


def support_vectors_of_gradients(images, labels, cell):
    """RBF kernel on histograms of oriented gradients, C = 10."""
    from sklearn.svm import SVC

    return _fitted(SVC(C=10), lambda images: oriented_gradients(images, cell), images, labels)


def _fitted(classifier, features, images, labels):
    """The function images -> predicted labels of a classifier that is fitted to features of images."""
    from threadpoolctl import threadpool_limits

    # On matrices this small, threads of linear algebra wait for each other many times longer than they compute.
    with warnings.catch_warnings(), threadpool_limits(1, "blas"):
        warnings.filterwarnings("ignore", message=".*lbfgs failed to converge", category=UserWarning)
        classifier.fit(features(images), labels)
    return lambda images: classifier.predict(features(images))


# {name: (function (images, labels, setting) -> function images -> labels, its settings, the setting in words)}
METHODS = {
    "logistic regression": (logistic_regression, (0.01, 0.1, 1.0), "C {:g}"),
    "nearest neighbours": (nearest_neighbours, (1, 3, 5), "k {}"),
    "random forest": (random_forest, (0.03, 0.1), "{:g} of the pixels a split"),
    "SVM": (support_vectors, (0.5, 1.0, 2.0), "gamma x{:g}"),
    "HOG + SVM": (support_vectors_of_gradients, (4, 8), "cells of {} pixels"),
}


def tuned_classifiers(train, validation, names=tuple(METHODS)):
    """Classifiers, each with the setting that is the most accurate on the validation images, fitted to all
    training images.

    Args:
        train, validation: parts with `images` (N, H, W, C) in [0, 1] and `labels` (N,). Settings are compared on
            the first `TUNED_ON` training images.
        names: which of `METHODS`. With more than `LARGE` training images the two SVMs are left out.

    Returns:
        {name with its setting: function images (N, H, W, C) -> predicted labels (N,)}.

    Raises:
        InputError: an unknown name.
    """
    unknown = [name for name in names if name not in METHODS]
    if unknown:
        raise InputError(f"unknown classifiers {unknown}; choose from: {', '.join(METHODS)}")
    some, found = train[:TUNED_ON], {}
    for name in names:
        if "SVM" in name and len(train) > LARGE:
            continue
        method, settings, words = METHODS[name]

        def score(setting, method=method):
            predict = method(some.images, some.labels, setting)
            return np.mean(predict(validation.images) == validation.labels)

        best = max(settings, key=score)
        found[f"{name}, {words.format(best)}"] = method(train.images, train.labels, best)
    return found
