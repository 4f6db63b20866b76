"""Fully connected conditional random field: pixels of similar colour are pulled to the same class.

Krähenbühl and Koltun, "Efficient Inference in Fully Connected CRFs with Gaussian Edge Potentials", NIPS 2011:
mean field inference, algorithm 1, with the two kernels of eq. 3. The kernels are normalised as in the authors'
program (`per_pixel_normalization`).
"""

from itertools import islice

import numpy as np

from keras_cv_course.errors import InputError


def dense_crf(probabilities, image, steps=5, **settings):
    """Refine the class probabilities of an image's pixels by its colours.

    Args:
        probabilities: (H, W, C), each pixel's sum to 1.
        image: (H, W, channels) in [0, 1].
        steps: mean field steps; 0 returns the probabilities unchanged.
        **settings: of `mean_field`: radius, appearance, sigma_xy, sigma_rgb, smoothness, smooth_sigma.

    Returns:
        (H, W, C) float64, the marginals after these steps; each pixel's sum to 1.

    Raises:
        InputError: shapes that differ, numbers out of range, steps below 0.
    """
    if steps < 0:
        raise InputError(f"steps must be 0 or more, got {steps}")
    return next(islice(mean_field(probabilities, image, **settings), steps, None))


def mean_field(
    probabilities,
    image,
    radius=None,
    appearance=4.0,
    sigma_xy=6.0,
    sigma_rgb=0.1,
    smoothness=2.0,
    smooth_sigma=2.0,
):
    """Yield the marginals Q after 0, 1, 2 ... mean field steps, without end.

    Step 0 are the probabilities p of the network. In each step, Q of class l at pixel i becomes proportional to

        p_i(l) exp(appearance m1_i(l) + smoothness m2_i(l)),

    where m1 and m2 are the means of Q over the other pixels j, each weighted by one of the kernels of
    `pair_kernels`: m_i(l) = sum_j k(i, j) Q_j(l) / sum_j k(i, j), j != i. Each kernel is normalised by its own sum
    before it is weighted, so that a weight means the same on a flat image and on a busy one. The compatibility of
    classes is the Potts model: a pair costs the same whenever its two classes differ.

    This is the sum itself, one shift of the image after another, for small images. The paper's contribution is a
    fast approximation of it for all pairs of large ones.

    Args:
        probabilities: (H, W, C), each pixel's sum to 1.
        image: (H, W, channels) in [0, 1].
        radius: pairs that are farther apart along an axis are left out, in pixels; None for three times the
            larger of sigma_xy and smooth_sigma, rounded up.
        appearance: weight of the appearance kernel, which compares places and colours.
        sigma_xy: its standard deviation of places, in pixels.
        sigma_rgb: its standard deviation of colours, in units of the image's values.
        smoothness: weight of the smoothness kernel, which compares places only.
        smooth_sigma: its standard deviation, in pixels.

    Yields:
        (H, W, C) float64, each pixel's sum to 1.

    Raises:
        InputError: shapes that differ, probabilities that do not sum to 1, a standard deviation that is not
            positive.
    """
    probabilities, image = np.asarray(probabilities, float), np.asarray(image, float)
    if probabilities.ndim != 3 or image.ndim != 3 or probabilities.shape[:2] != image.shape[:2]:
        raise InputError(
            "a CRF needs probabilities (H, W, C) and the image (H, W, channels) of the same size, got "
            f"{probabilities.shape} and {image.shape}"
        )
    sums = probabilities.sum(axis=-1)
    if not np.allclose(sums, 1, atol=1e-3) or probabilities.min() < 0:
        raise InputError(
            f"the probabilities of a pixel must sum to 1, got sums from {sums.min():.3g} to {sums.max():.3g}; "
            "take the softmax of logits first"
        )
    if min(sigma_xy, sigma_rgb, smooth_sigma) <= 0:
        raise InputError(
            "standard deviations must be positive, got "
            f"sigma_xy={sigma_xy}, sigma_rgb={sigma_rgb}, smooth_sigma={smooth_sigma}"
        )
    if radius is None:
        radius = int(np.ceil(3 * max(sigma_xy, smooth_sigma)))
    pairs = list(pair_kernels(image, radius, sigma_xy, sigma_rgb, smooth_sigma))
    sums = np.full((2, *image.shape[:2]), 1e-20)  # of each kernel at each pixel
    for here, there, kernels in pairs:
        for total, kernel in zip(sums, kernels, strict=True):
            total[here] += kernel
            total[there] += kernel
    shares = np.array([appearance, smoothness])[:, None, None] / sums
    # One kernel does for a step: k1 and k2, each divided by its sum at the pixel that takes the mean, and weighted.
    weighted = [
        (
            here,
            there,
            kernels[0] * shares[0][here] + kernels[1] * shares[1][here],
            kernels[0] * shares[0][there] + kernels[1] * shares[1][there],
        )
        for here, there, kernels in pairs
    ]
    marginals = np.moveaxis(probabilities, -1, 0)  # (C, H, W): a kernel (h, w) fits every class
    unary = np.log(np.maximum(marginals, 1e-9))
    while True:
        yield np.moveaxis(marginals, 0, -1)
        logits = unary.copy()
        for here, there, to_here, to_there in weighted:
            logits[:, *here] += to_here * marginals[:, *there]
            logits[:, *there] += to_there * marginals[:, *here]
        exponentials = np.exp(logits - logits.max(axis=0))
        marginals = exponentials / exponentials.sum(axis=0)


def pair_kernels(image, radius, sigma_xy, sigma_rgb, smooth_sigma):
    """The two Gaussian kernels between every pair of pixels up to `radius` apart (eq. 3), each pair once.

        appearance: k1(i, j) = exp(-|p_i - p_j|^2 / (2 sigma_xy^2) - |c_i - c_j|^2 / (2 sigma_rgb^2))
        smoothness: k2(i, j) = exp(-|p_i - p_j|^2 / (2 smooth_sigma^2))

    with places p in pixels and colours c.

    Args:
        image: (H, W, channels) in [0, 1].
        radius: how far apart along an axis pixels may be, in pixels.
        sigma_xy, sigma_rgb, smooth_sigma: standard deviations, see `mean_field`.

    Yields:
        here, there, (k1, k2), one shift of the image after another: two pairs of slices (rows, columns), the
        second being the first one shifted; k1 is (h, w), one number for each pixel of `here`, k2 one number for
        all of them.
    """
    height, width, _ = image.shape
    for down in range(min(radius, height - 1) + 1):
        for right in range(-min(radius, width - 1), min(radius, width - 1) + 1):
            if (down, right) <= (0, 0):
                continue  # no pixel pairs with itself; a shift up or left is a shift down or right of the other
            here = slice(0, height - down), slice(max(-right, 0), width - max(right, 0))
            there = slice(down, height), slice(max(right, 0), width - max(-right, 0))
            distance2 = down**2 + right**2
            colour2 = np.sum((image[here] - image[there]) ** 2, axis=-1)
            appearance = np.exp(-distance2 / (2 * sigma_xy**2) - colour2 / (2 * sigma_rgb**2))
            yield here, there, (appearance, np.exp(-distance2 / (2 * smooth_sigma**2)))
