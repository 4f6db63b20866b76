"""What a denoising network has to beat: filters that need no training."""

import numpy as np
from scipy import ndimage
from skimage.restoration import denoise_nl_means


def median_filter(images, size=3):
    """Each pixel becomes the median of its neighbourhood (Tukey 1977).

    Args:
        images: (N, H, W, C) float array.
        size: side of the square neighbourhood, in pixels.

    Returns:
        The filtered images, same shape and dtype.
    """
    return ndimage.median_filter(images, size=(1, size, size, 1))


def non_local_means(images, strength, noise):
    """Each pixel becomes the mean of pixels whose surroundings look alike.

    Buades, Coll and Morel, "A non-local algorithm for image denoising", CVPR 2005.

    Args:
        images: (N, H, W, C) float array in [0, 1].
        strength: how unlike patches may be, as a multiple of the noise.
        noise: standard deviation of the noise, which the filter is told.

    Returns:
        The filtered images, same shape, float32.
    """
    patches = dict(patch_size=3, patch_distance=5, fast_mode=True, channel_axis=-1)
    filtered = [denoise_nl_means(image, h=strength * noise, sigma=noise, **patches) for image in images]
    # scikit-image drops a channel axis of length 1.
    return np.stack(filtered).astype("float32").reshape(images.shape)


def best_setting(apply, settings, noisy, clean):
    """The setting of a filter that restores best: its fair chance against a trained network.

    Args:
        apply: function (noisy images, setting) -> images.
        settings: the settings to try.
        noisy: validation images, corrupted.
        clean: the same images, clean.

    Returns:
        The setting with the smallest mean squared error.
    """
    return min(settings, key=lambda setting: np.mean((apply(noisy, setting) - clean) ** 2))
