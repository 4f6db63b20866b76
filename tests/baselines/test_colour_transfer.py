"""Each transfer reaches what it promises; none of them needs pairs."""

import numpy as np
import pytest

from keras_cv_course.baselines.colour_transfer import (
    histogram_transfer,
    linear_transfer,
    nearest_image,
    optimal_transport,
)

rng = np.random.default_rng(0)
first = np.clip(rng.normal(0.4, 0.1, (40, 8, 8, 3)), 0, 1).astype("float32")
mixing = np.float32([[1, 0.3, 0], [0, 0.7, 0.2], [0.1, 0, 0.5]])
second = np.clip(0.15 + first[::-1] @ mixing, 0, 1)


def moments(images):
    pixels = images.reshape(-1, 3)
    return pixels.mean(axis=0), np.cov(pixels.T)


def test_the_linear_map_gives_mean_and_covariance():
    translated = linear_transfer(first, second, first)
    for ours, theirs in zip(moments(translated), moments(second), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=5e-4)


def test_it_moves_colours_least():
    """The map between two Gaussians of one covariance is a shift."""
    shifted = np.clip(first + np.float32([0.1, -0.05, 0.2]), 0, 1)
    np.testing.assert_allclose(linear_transfer(first, shifted, first), shifted, atol=5e-3)


def test_histograms_are_those_of_the_second_domain():
    translated = histogram_transfer(first, second, first)
    for channel in range(3):
        ours, theirs = (np.quantile(images[..., channel], [0.1, 0.5, 0.9]) for images in (translated, second))
        np.testing.assert_allclose(ours, theirs, atol=0.01)


def test_transport_maps_each_cluster_to_its_counterpart():
    """Green stays green and orange becomes grey: the nearest cluster that is left."""
    green, orange, grey = np.float32([[0.1, 0.6, 0.1], [0.9, 0.5, 0.1], [0.6, 0.6, 0.6]])
    where = rng.random((20, 10, 10)) < 0.3
    before = np.where(where[..., None], orange, green) + 0.01 * rng.standard_normal((20, 10, 10, 3))
    after = np.where(where[::-1][..., None], grey, green) + 0.01 * rng.standard_normal((20, 10, 10, 3))
    translated = optimal_transport(before, after, before, np.random.default_rng(0), samples=400)
    assert np.abs(translated[where] - grey).mean() < 0.05 and np.abs(translated[~where] - green).mean() < 0.05


def test_the_nearest_image_is_one_of_the_second_domain():
    found = nearest_image(first, second, second[[3, 1]] + 0.001)
    np.testing.assert_array_equal(found, second[[3, 1]])


@pytest.mark.parametrize("method", [linear_transfer, histogram_transfer, nearest_image])
def test_images_keep_shape_and_range(method):
    translated = method(first, np.clip(3 * second - 1, 0, 1), first[:5])
    assert translated.shape == (5, 8, 8, 3) and translated.dtype == np.float32
    assert translated.min() >= 0 and translated.max() <= 1
