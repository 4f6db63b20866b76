"""A conditional random field: neighbours of like colour agree.

Kraehenbuehl and Koltun, "Efficient Inference in Fully Connected CRFs with Gaussian Edge Potentials", NIPS
2011: mean field, algorithm 1, with the kernels of eq. 3.
"""

import numpy as np

from keras_cv_course.errors import InputError


def dense_crf(
    probabilities, image, steps=5, radius=None,
    appearance=4.0, near=6.0, alike=0.1, smoothness=2.0, close=2.0,
):  # fmt: skip
    """Sharpen the classes of one picture's pixels by its colours.

    Each step, every pixel hears the mean m_i(l) of what all others believe, weighted by

        k(i, j) = appearance exp(-|p_i - p_j|^2 / 2 near^2 - |c_i - c_j|^2 / 2 alike^2)
                + smoothness exp(-|p_i - p_j|^2 / 2 close^2)

    (p places, c colours), and believes again: q_i(l) is proportional to

        probabilities_i(l) exp((appearance + smoothness) m_i(l)),

    the Potts model, in which only disagreement costs. The paper sums; a mean, as in its authors' program,
    makes a weight mean the same at every radius and at the picture's edge. It is taken as it stands, one
    shift of the picture after the other; the paper's contribution is a fast approximation.

    Args:
        probabilities: (H, W, C), each pixel's sum to 1.
        image: (H, W, channels) in [0, 1].
        steps: mean field steps.
        radius: pairs farther apart than this along an axis are left out; None for three times the larger of
            near and close.
        appearance: weight of the first kernel.
        near: its standard deviation in pixels.
        alike: its standard deviation in units of colour.
        smoothness: weight of the second kernel.
        close: its standard deviation in pixels.

    Returns:
        (H, W, C) float64 probabilities.

    Raises:
        InputError: shapes that differ, numbers out of range, steps below 0.
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
            f"the probabilities of a pixel sum to 1, got sums from {sums.min():.3g} to {sums.max():.3g}; "
            "take the softmax of logits first"
        )
    if steps < 0 or min(near, alike, close) <= 0:
        raise InputError(
            f"steps must be 0 or more and widths positive, got {steps}, near={near}, "
            f"alike={alike}, close={close}"
        )
    if radius is None:
        radius = int(np.ceil(3 * max(near, close)))
    unary = np.log(np.maximum(probabilities, 1e-9))
    pairs = list(_pairs(image, radius, (appearance, near, alike, smoothness, close)))
    weight = np.zeros(image.shape[:2])
    for here, _, kernel in pairs:
        weight[here] += kernel
    beliefs = probabilities
    for _ in range(steps):
        heard = np.zeros_like(beliefs)
        for here, there, kernel in pairs:
            heard[here] += kernel[..., None] * beliefs[there]
        beliefs = _softmax(unary + (appearance + smoothness) * heard / np.maximum(weight, 1e-12)[..., None])
    return beliefs


def _pairs(image, radius, kernels):
    """For each shift: the pixels that have a neighbour there, these neighbours, and k of the pairs."""
    appearance, near, alike, smoothness, close = kernels
    height, width, _ = image.shape
    for down in range(-min(radius, height - 1), min(radius, height - 1) + 1):
        for right in range(-min(radius, width - 1), min(radius, width - 1) + 1):
            if (down, right) == (0, 0):
                continue
            here = _part(height, -down), _part(width, -right)
            there = _part(height, down), _part(width, right)
            far = down**2 + right**2
            unlike = np.sum((image[here] - image[there]) ** 2, axis=-1)
            by_colour = appearance * np.exp(-far / (2 * near**2) - unlike / (2 * alike**2))
            yield here, there, by_colour + smoothness * np.exp(-far / (2 * close**2))


def _part(size, shift):
    """The pixels that are still inside once `shift` was taken off: the later ones for a positive shift."""
    return slice(max(shift, 0), size + min(shift, 0))


def _softmax(logits):
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)
