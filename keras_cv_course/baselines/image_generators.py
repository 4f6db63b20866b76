"""Generators without a network: Gaussians, a mixture of them, and density estimates around the training images.

Tipping and Bishop, "Probabilistic Principal Component Analysis", JRSS B 1999 (Gaussians on principal components);
Ledoit and Wolf, "A Well-Conditioned Estimator for Large-Dimensional Covariance Matrices", 2004 (covariances from
few images); Parzen, "On Estimation of a Probability Density Function and Mode", 1962 (kernel density); Vincent and
Bengio, "Manifold Parzen Windows", NeurIPS 2002.

Each function takes training images (N, H, W, C) in [0, 1], a count and a `numpy.random.Generator`, and returns
(count, H, W, C) float32 in [0, 1].
"""

from functools import partial

import numpy as np
from sklearn.cluster import MiniBatchKMeans
from sklearn.covariance import ledoit_wolf

SHARE = 0.98  # of the training images' variance that the principal components hold, unless said otherwise
SHARES = (0.9, 0.95, 0.99)
COMPONENTS = (20, 60, 200)
BANDWIDTHS = (0.05, 0.1, 0.15, 0.2)  # of pixels in [0, 1]
NEIGHBOURS = (10, 20, 40, 80, 160)


def gaussian(training, count, rng, share=0.95):
    """Images with the mean and, but for the smallest principal components, the covariance of the training images.

    Args:
        share: of the training images' variance that the components must hold.
    """
    codes, decode = _codes(training, share)
    return _images(decode(codes.std(axis=0) * rng.standard_normal((count, codes.shape[1]))), training)


def class_gaussians(training, count, rng, labels):
    """One Gaussian for each class, drawn as often as the class occurs.

    Args:
        labels: (N,) classes of the training images.
    """
    return _mixture(training, count, rng, np.unique(labels, return_inverse=True)[1])


def gaussian_mixture(training, count, rng, components):
    """A mixture of Gaussians whose components are the clusters of k-means.

    Args:
        components: clusters.
    """
    seed = int(rng.integers(2**31))
    clusters = MiniBatchKMeans(components, n_init=1, batch_size=2048, random_state=seed)
    return _mixture(training, count, rng, clusters.fit_predict(_codes(training)[0]))


def kernel_density(training, count, rng, bandwidth):
    """Training images plus Gaussian noise.

    Args:
        bandwidth: standard deviation of the noise, of pixels in [0, 1].
    """
    flat = np.asarray(training).reshape(len(training), -1)
    chosen = flat[rng.integers(len(flat), size=count)]
    return _images(chosen + bandwidth * rng.standard_normal(chosen.shape), training)


def manifold_parzen(training, count, rng, neighbours):
    """Training images plus Gaussian noise along the directions to their nearest training images.

    The noise around an image has the covariance of the differences to its neighbours: much in the directions in
    which images vary there, none across.

    Args:
        neighbours: nearest training images that define the directions.
    """
    codes, decode = _codes(training)
    chosen = codes[rng.integers(len(codes), size=count)]
    distances = np.sum(codes**2, axis=1) - 2 * chosen @ codes.T
    # The nearest of all is the image itself: its difference is 0.
    nearest = np.argpartition(distances, neighbours, axis=1)[:, : neighbours + 1]
    steps = codes[nearest] - chosen[:, None]
    noise = rng.standard_normal((count, 1, neighbours + 1)) / np.sqrt(neighbours)
    return _images(decode(chosen + (noise @ steps)[:, 0]), training)


def cheats(training):
    """Images that pass for good ones by some measures: {name: images} from training images (N, H, W, C)."""
    return {
        "blank images": np.zeros_like(training),
        "training images": training,
        "training images, moved": np.roll(training, 1, axis=2),
    }


def tuned_generators(train, count, rng, distance, copies):
    """Images of five generators, each with the setting that suits the validation images best.

    Args:
        train: a `Part` with `images` and, for one Gaussian a class, `labels`.
        count: images of each.
        rng: a `numpy.random.Generator`.
        distance: function (images) -> number: how far they are from the validation images.
        copies: function (images) -> whether they are copies of the training images. A setting that copies is only
            taken where all do.

    Returns:
        {name with its setting: (count, H, W, C) images}.
    """
    most = len(train) - 1
    families = {
        "Gaussian, {:.0%} of the variance": [(share, partial(gaussian, share=share)) for share in SHARES],
        "{} Gaussians": [
            (number, partial(gaussian_mixture, components=number)) for number in COMPONENTS if number <= most
        ],
        "kernel density, bandwidth {}": [
            (width, partial(kernel_density, bandwidth=width)) for width in BANDWIDTHS
        ],
        "manifold Parzen, {} neighbours": [
            (number, partial(manifold_parzen, neighbours=number)) for number in NEIGHBOURS if number <= most
        ],
    }
    tuned = {}
    for name, settings in families.items():
        drawn = [(setting, make(train.images, count, rng)) for setting, make in settings]
        ranked = sorted(drawn, key=lambda pair: distance(pair[1]))
        setting, images = next((pair for pair in ranked if not copies(pair[1])), ranked[0])
        tuned[name.format(setting)] = images
    tuned["one Gaussian a class"] = class_gaussians(train.images, count, rng, train.labels)
    return tuned


def _mixture(training, count, rng, clusters):
    """Images of one Gaussian a cluster (N,), in the space of the principal components."""
    codes, decode = _codes(training)
    drawn = []
    for cluster, number in zip(*np.unique(rng.choice(clusters, count), return_counts=True), strict=True):
        own = codes[clusters == cluster]
        # A cluster of one or two images has no covariance: a hundredth of that of all.
        covariance = ledoit_wolf(own)[0] if len(own) > 2 else np.diag(np.var(codes, axis=0)) / 100
        root = np.linalg.cholesky(covariance + 1e-9 * np.eye(len(covariance)))
        drawn.append(own.mean(axis=0) + rng.standard_normal((number, len(root))) @ root.T)
    return _images(decode(rng.permutation(np.concatenate(drawn))), training)


def _codes(training, share=SHARE):
    """(N, D) coordinates along the principal components that hold this share of the variance, and their inverse."""
    flat = np.asarray(training, "float64").reshape(len(training), -1)
    mean = flat.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(flat, rowvar=False))
    dimensions = 1 + np.searchsorted(np.cumsum(variances[::-1]) / variances.sum(), share)
    basis = directions[:, ::-1][:, :dimensions]
    return (flat - mean) @ basis, lambda codes: mean + codes @ basis.T


def _images(flat, training):
    return np.clip(flat, 0, 1).astype("float32").reshape(-1, *np.shape(training)[1:])
