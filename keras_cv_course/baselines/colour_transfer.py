"""Translations between two domains of images without a network and without pairs.

Pitié and Kokaram, "The Linear Monge-Kantorovitch Linear Colour Mapping for Example-Based Colour Transfer", CVMP 2007;
Ferradans, Papadakis, Peyré and Aujol, "Regularized Discrete Optimal Transport", SIAM Journal on Imaging Sciences 2014.
Each function takes training images of both domains (N, H, W, C) and (M, H, W, C), the images of
the first domain to translate (K, H, W, C), all in [0, 1], and returns (K, H, W, C) float32 in [0, 1].
"""

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from skimage.exposure import match_histograms
from sklearn.neighbors import KNeighborsRegressor

from keras_cv_course.metrics.nearest_neighbour import nearest_neighbours


def linear_transfer(first, second, images):
    """The linear map of colours that gives the first domain's pixels the second one's mean and covariance.

    Of all such maps it is the one that moves colours least.
    """
    (mean, covariance), (other_mean, other) = (_moments(domain) for domain in (first, second))
    root, inverse = _power(covariance, 0.5), _power(covariance, -0.5)
    matrix = inverse @ _power(root @ other @ root, 0.5) @ inverse
    return _in_range((_pixels(images) - mean) @ matrix + other_mean, images)


def histogram_transfer(first, second, images):
    """Each channel gets the histogram of the second domain's."""
    matched = match_histograms(_pixels(images)[:, None], _pixels(second)[:, None], channel_axis=-1)
    return _in_range(matched, images)


def optimal_transport(first, second, images, rng, samples=1000, neighbours=20):
    """The map of colours that gives the first domain's pixels the second one's joint distribution of colours.

    Of all such maps it is the one that moves colours least: an assignment of sampled pixels of the first domain to
    as many of the second. Other pixels move by the mean of their nearest neighbours among the samples.

    Args:
        rng: a `numpy.random.Generator`.
        samples: pixels of either domain.
        neighbours: sampled pixels whose movements are averaged.
    """
    ours, theirs = (_sample(domain, samples, rng) for domain in (first, second))
    samples = min(len(ours), len(theirs))
    ours, theirs = ours[:samples], theirs[:samples]
    _, partners = linear_sum_assignment(cdist(ours, theirs, "sqeuclidean"))
    regressor = KNeighborsRegressor(min(neighbours, samples)).fit(ours, theirs[partners] - ours)
    pixels = _pixels(images)
    return _in_range(pixels + regressor.predict(pixels), images)


def nearest_image(first, second, images):
    """The training image of the second domain that is nearest in pixels."""
    return second[nearest_neighbours(images, second)[1]]


def _pixels(images):
    return np.asarray(images, "float64").reshape(-1, np.shape(images)[-1])


def _sample(images, count, rng):
    pixels = _pixels(images)
    return pixels[rng.choice(len(pixels), min(count, len(pixels)), replace=False)]


def _moments(images):
    pixels = _pixels(images)
    return pixels.mean(axis=0), np.cov(pixels, rowvar=False)


def _power(covariance, exponent):
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.clip(values, 1e-12, None) ** exponent) @ vectors.T


def _in_range(pixels, images):
    return np.clip(pixels, 0, 1).reshape(np.shape(images)).astype("float32")
