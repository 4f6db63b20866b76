"""Each generator without a network has the distribution that its name promises."""

import numpy as np
import pytest

from keras_cv_course.baselines.image_generators import (
    class_gaussians,
    gaussian,
    gaussian_mixture,
    kernel_density,
    manifold_parzen,
    tuned_generators,
)
from keras_cv_course.data.part import Part

rng = np.random.default_rng(0)
mixing = 0.02 * rng.standard_normal((3, 12))
smooth = (0.5 + rng.standard_normal((5000, 3)) @ mixing).reshape(-1, 2, 3, 2).astype("float32")
# Two clusters on a line each, far apart.
labels = rng.integers(0, 2, 600)
ends = 0.25 + 0.5 * labels[:, None] + 0.05 * rng.standard_normal((600, 1)) * [1, 1, -1, 0]
clusters = ends.reshape(-1, 2, 2, 1).astype("float32")


def test_a_gaussian_has_the_training_images_mean_and_covariance():
    generated = gaussian(smooth, 5000, rng)
    assert generated.shape == (5000, 2, 3, 2) and generated.dtype == "float32"
    one, other = (np.asarray(some, "float64").reshape(5000, 12) for some in (smooth, generated))
    np.testing.assert_allclose(one.mean(axis=0), other.mean(axis=0), atol=2e-3)
    np.testing.assert_allclose(np.cov(one.T), np.cov(other.T), atol=2e-4)


def test_a_smaller_share_keeps_fewer_directions():
    flat = gaussian(smooth, 300, rng, share=0.3).reshape(300, -1)
    assert np.linalg.matrix_rank(flat - flat.mean(axis=0), tol=1e-3) < 3


def test_images_stay_in_range():
    black_and_white = np.random.default_rng(0).integers(0, 2, (200, 3, 3, 1))
    for generated in (gaussian(black_and_white, 50, rng), kernel_density(black_and_white, 50, rng, 0.5)):
        assert generated.min() >= 0 and generated.max() <= 1 and (generated == 0).any()


@pytest.mark.parametrize(
    "generated",
    [
        class_gaussians(clusters, 400, rng, labels),
        gaussian_mixture(clusters, 400, rng, 2),
        manifold_parzen(clusters, 400, rng, 10),
    ],
    ids=["classes", "mixture", "parzen"],
)
def test_two_clusters_stay_two(generated):
    """One Gaussian would fill the gap between them; and each cluster's own line is kept."""
    flat = generated.reshape(len(generated), -1)
    middle = (flat[:, 3] > 0.35) & (flat[:, 3] < 0.65)
    assert middle.mean() < 0.02 and 0.35 < (flat[:, 3] > 0.5).mean() < 0.65
    assert np.std(gaussian(clusters, 400, rng).reshape(400, -1)[:, 3]) > 0.2
    along, across = flat @ [1, 1, -1, 0], flat @ [1, -1, 0, 0]
    for side in (flat[:, 3] > 0.5, flat[:, 3] < 0.5):
        assert np.std(along[side]) > 0.1 and np.std(across[side]) < 0.05


def test_kernel_density_is_training_images_plus_noise_of_the_bandwidth():
    grey = np.full((50, 8, 8, 1), 0.5, "float32")
    assert np.std(kernel_density(grey, 100, rng, 0.07)) == pytest.approx(0.07, rel=0.05)
    few = clusters[:5]
    copies = kernel_density(few, 40, rng, 0.0)
    assert all(any(np.array_equal(copy, one) for one in few) for copy in copies)


def test_parzen_windows_are_as_wide_as_the_neighbourhood():
    """On a line, the noise's standard deviation is the root mean square distance to the neighbours."""
    line = np.linspace(0.2, 0.8, 301)[:, None] * np.ones((1, 4))
    images = line.reshape(-1, 2, 2, 1)
    generated = manifold_parzen(images, 4000, np.random.default_rng(0), 20).reshape(-1, 4)
    assert np.abs(generated - generated[:, :1]).max() < 1e-6
    # 10 neighbours on either side: steps of 1 to 10 times 0.002, but at the ends.
    variance = np.var(line[:, 0]) + np.mean((0.002 * np.arange(1, 11)) ** 2)
    assert np.var(generated[:, 0]) == pytest.approx(variance, rel=0.06)


def test_the_best_setting_that_does_not_copy_is_taken():
    part, seen = Part(images=clusters, labels=labels), []

    def distance(images):
        seen.append(len(images))
        return float(np.abs(images.reshape(len(images), -1).std() - clusters.std()))

    tuned = tuned_generators(part, 90, np.random.default_rng(0), distance, copies=lambda images: False)
    assert set(seen) == {90} and len(tuned) == 5
    assert all(images.shape == (90, 2, 2, 1) for images in tuned.values())
    assert "kernel density, bandwidth 0.05" in tuned and "one Gaussian a class" in tuned

    def noisy(images):
        return np.abs(images[:, 0, 0] - images[:, 0, 1]).mean() < 0.1

    strict = tuned_generators(part, 90, np.random.default_rng(0), distance, copies=noisy)
    (name,) = (name for name in strict if name.startswith("kernel density"))
    assert float(name.split()[-1]) >= 0.1
