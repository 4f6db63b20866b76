"""Denoisers that need no network: median filter, non-local means, ridge regression, each with a fair tuning."""

from functools import partial

import numpy as np
from scipy import ndimage
from skimage.restoration import denoise_nl_means
from sklearn.linear_model import Ridge

MEDIAN_SIZES = (3, 5)  # pixels
STRENGTHS = (0.4, 0.6, 0.8, 1.0)  # of non-local means, in multiples of the noise
PATCHES = (3, 5, 7)  # pixels
ALPHAS = (3, 10, 30, 100, 300)  # penalties of ridge regression
MOST_PAIRS = 20_000  # ridge regression learns from at most so many


def tuned_denoisers(noisy_train, clean_train, noisy_validation, clean_validation):
    """Three denoisers, each with the setting that restores the validation images best.

    Args:
        noisy_train, clean_train: (N, H, W, C) pairs; ridge regression learns from them.
        noisy_validation, clean_validation: (M, H, W, C) pairs; the first 60 choose the filters' settings,
            all of them the penalty of ridge regression.

    Returns:
        {name with its setting: function (N, H, W, C) -> (N, H, W, C)}: median, non-local means, ridge.
    """
    few_noisy, few_clean = noisy_validation[:60], clean_validation[:60]
    noise = float(np.std(few_noisy - few_clean))
    size = best_setting(median_filter, MEDIAN_SIZES, few_noisy, few_clean)
    pairs = [(strength, patch) for strength in STRENGTHS for patch in PATCHES]

    def non_local(images, setting):
        strength, patch = setting
        return non_local_means(images, strength, noise, patch)

    setting = best_setting(non_local, pairs, few_noisy, few_clean)
    ridges = [linear_denoiser(noisy_train, clean_train, alpha) for alpha in ALPHAS]
    errors = [np.mean((ridge(noisy_validation) - clean_validation) ** 2) for ridge in ridges]
    best = int(np.argmin(errors))
    return {
        f"median {size}x{size}": partial(median_filter, size=size),
        f"non-local means {setting[1]}x{setting[1]}": partial(non_local, setting=setting),
        f"ridge, alpha {ALPHAS[best]}": ridges[best],
    }


def median_filter(images, size=3):
    """Each pixel becomes the median of its neighbourhood (Tukey 1977).

    Args:
        images: (N, H, W, C) float array.
        size: side of the square neighbourhood, in pixels.

    Returns:
        The filtered images, same shape and dtype.
    """
    return ndimage.median_filter(images, size=(1, size, size, 1))


def non_local_means(images, strength, noise, patch=3):
    """Each pixel becomes the mean of pixels whose surroundings look alike.

    Buades, Coll and Morel, "A non-local algorithm for image denoising", CVPR 2005.

    Args:
        images: (N, H, W, C) float array in [0, 1].
        strength: how unlike patches may be, as a multiple of the noise.
        noise: standard deviation of the noise, which the filter is given.
        patch: side of the patches that are compared, in pixels.

    Returns:
        The filtered images, same shape, float32.
    """
    options = dict(patch_size=patch, patch_distance=5, fast_mode=True, channel_axis=-1)
    filtered = [denoise_nl_means(image, h=strength * noise, sigma=noise, **options) for image in images]
    # scikit-image drops a channel axis of length 1.
    return np.stack(filtered).astype("float32").reshape(images.shape)


def linear_denoiser(noisy, clean, alpha):
    """The best linear map from all noisy pixels to every clean one: ridge regression (Hoerl and Kennard 1970).

    Args:
        noisy, clean: (N, H, W, C) pairs to learn from.
        alpha: penalty of the squared weights.

    Returns:
        Function (N, H, W, C) -> (N, H, W, C) in [0, 1], float32.
    """
    rows = [images[:MOST_PAIRS].reshape(len(images[:MOST_PAIRS]), -1) for images in (noisy, clean)]
    ridge = Ridge(alpha=alpha).fit(*rows)

    def restored(images):
        pixels = ridge.predict(images.reshape(len(images), -1))
        return np.clip(pixels, 0, 1).reshape(images.shape).astype("float32")

    return restored


def best_setting(apply, settings, noisy, clean):
    """The setting of a filter that restores best.

    Args:
        apply: function (noisy images, setting) -> images.
        settings: the settings to try.
        noisy: validation images, corrupted.
        clean: the same images, clean.

    Returns:
        The setting with the smallest mean squared error.
    """
    return min(settings, key=lambda setting: np.mean((apply(noisy, setting) - clean) ** 2))
