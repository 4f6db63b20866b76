"""A conditional random field: neighbours of like colour agree.

Kraehenbuehl and Koltun, "Efficient Inference in Fully Connected CRFs with Gaussian Edge Potentials",
NIPS 2011: mean field, algorithm 1, with the kernels of eq. 3.
"""

from itertools import islice

import numpy as np

from keras_cv_course.errors import InputError


def dense_crf(probabilities, image, steps=5, **settings):
    """Sharpen the classes of a picture's pixels by its colours: the beliefs after some mean field steps.

    Args:
        probabilities: (H, W, C), each pixel's sum to 1.
        image: (H, W, channels) in [0, 1].
        steps: mean field steps; 0 gives the probabilities back.
        **settings: of `mean_field`: radius, appearance, near, alike, smoothness, close.

    Returns:
        (H, W, C) float64 probabilities.

    Raises:
        InputError: shapes that differ, numbers out of range, steps below 0.
    """
    if steps < 0:
        raise InputError(f"steps must be 0 or more, got {steps}")
    return next(islice(mean_field(probabilities, image, **settings), steps, None))


def mean_field(
    probabilities, image, radius=None, appearance=4.0, near=6.0, alike=0.1, smoothness=2.0, close=2.0
):
    """Yield the beliefs after 0, 1, 2 ... steps, without end.

    Each step, every pixel hears the mean m_i(l) of what all others believe, weighted by the
    k(i, j) of `pairs`, and believes again: q_i(l) is proportional to

        probabilities_i(l) exp((appearance + smoothness) m_i(l)),

    the Potts model, in which only disagreement costs. The paper sums; a mean, as in its authors'
    program, makes a weight mean the same at every radius and at the picture's edge. It is taken as it
    stands, one shift of the picture after the other; the paper's contribution is a fast approximation.

    Args:
        probabilities: (H, W, C), each pixel's sum to 1.
        image: (H, W, channels) in [0, 1].
        radius: pairs farther apart than this along an axis are left out; None for three times the
            larger of near and close.
        appearance: weight of the kernel that looks at colours and places.
        near: its standard deviation in pixels.
        alike: its standard deviation in units of colour.
        smoothness: weight of the kernel that looks at places only.
        close: its standard deviation in pixels.

    Yields:
        (H, W, C) float64 probabilities.

    Raises:
        InputError: shapes that differ, numbers out of range.
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
    if min(near, alike, close) <= 0:
        raise InputError(f"widths must be positive, got near={near}, alike={alike}, close={close}")
    if radius is None:
        radius = int(np.ceil(3 * max(near, close)))
    neighbours = list(pairs(image, radius, appearance, near, alike, smoothness, close))
    weight = np.full(image.shape[:2], 1e-12)
    for here, there, kernel in neighbours:
        weight[here] += kernel
        weight[there] += kernel
    beliefs = np.moveaxis(probabilities, -1, 0)  # (C, H, W): a kernel fits every class
    unary = np.log(np.maximum(beliefs, 1e-9))
    while True:
        yield np.moveaxis(beliefs, 0, -1)
        heard = np.zeros_like(unary)
        for here, there, kernel in neighbours:
            heard[:, *here] += kernel * beliefs[:, *there]
            heard[:, *there] += kernel * beliefs[:, *here]
        logits = unary + (appearance + smoothness) * heard / weight
        raised = np.exp(logits - logits.max(axis=0))
        beliefs = raised / raised.sum(axis=0)


def pairs(image, radius, appearance, near, alike, smoothness, close):
    """Every pair of pixels up to `radius` apart, once, and how much they say to each other (eq. 3).

        k(i, j) = appearance exp(-|p_i - p_j|^2 / 2 near^2 - |c_i - c_j|^2 / 2 alike^2)
                + smoothness exp(-|p_i - p_j|^2 / 2 close^2)

    with places p in pixels and colours c.

    Args:
        image: (H, W, channels) in [0, 1].
        radius: farthest apart along an axis, in pixels.
        appearance, near, alike, smoothness, close: see `mean_field`.

    Yields:
        here, there, kernel, one shift after the other: two pairs of slices (rows, columns), the second the
        first one moved by the shift, and k (h, w) between their pixels.
    """
    height, width, _ = image.shape
    for down in range(min(radius, height - 1) + 1):
        for right in range(-min(radius, width - 1), min(radius, width - 1) + 1):
            if (down, right) <= (0, 0):
                continue  # no pixel is its own neighbour; a shift up is a shift down seen from the other
            here = slice(0, height - down), slice(max(-right, 0), width - max(right, 0))
            there = slice(down, height), slice(max(right, 0), width - max(-right, 0))
            far = down**2 + right**2
            unlike = np.sum((image[here] - image[there]) ** 2, axis=-1)
            by_colour = appearance * np.exp(-far / (2 * near**2) - unlike / (2 * alike**2))
            yield here, there, by_colour + smoothness * np.exp(-far / (2 * close**2))
