"""Saliency: how much the score of a class changes with each pixel, by the gradient.

Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks: Visualising Image Classification Models and
Saliency Maps", ICLR 2014 workshop, section 3. Smilkov et al., "SmoothGrad: Removing Noise by Adding Noise",
arXiv:1706.03825, section 3.
"""

import numpy as np

from keras_cv_course.errors import InputError
from keras_cv_course.explain.input_gradient import InputGradient, class_score, input_gradient

STRENGTHS = {"absolute": np.abs, "squared": np.square}


def gradient_saliency(model, images, classes):
    """The gradient of each image's class score, dS_c / dI.

    Args:
        model: a built classifier, images (N, H, W, C) -> logits (N, classes).
        images: (N, H, W, C) numbers in the range that the model expects.
        classes: (N,) the class to explain for each image.

    Returns:
        (N, H, W, C) float32, with its sign; `strength` makes it a map.

    Raises:
        InputError: no such images, or a class out of range.
    """
    return input_gradient(class_score(model, images, classes), images)


def smooth_saliency(model, images, classes, samples=16, noise=0.15, seed=0):
    """SmoothGrad: the mean gradient over copies of the images with Gaussian noise.

    Args:
        model: as for `gradient_saliency`.
        images: as for `gradient_saliency`.
        classes: as for `gradient_saliency`.
        samples: number of noisy copies, n in the paper.
        noise: standard deviation as a share of each image's range, sigma / (x_max - x_min); 0.1 to 0.2 in the paper.
        seed: of the noise.

    Returns:
        (N, H, W, C) float32.

    Raises:
        InputError: as for `gradient_saliency`; less than 1 sample, or a negative noise.
    """
    if samples < 1 or not 0 <= noise < np.inf:
        raise InputError(
            f"expected 1 sample or more and a noise of 0 or more, received {samples} and {noise}"
        )
    score = class_score(model, images, classes)
    images, rng = np.asarray(images, "float32"), np.random.default_rng(seed)
    spread = noise * np.ptp(images, axis=(1, 2, 3), keepdims=True)
    gradient_at, total = InputGradient(score, images.shape), np.zeros(images.shape, "float64")
    for _ in range(samples):
        total += gradient_at(images + spread * rng.standard_normal(images.shape, dtype="float32"))
    return (total / samples).astype("float32")


def strength(gradients, how="absolute"):
    """One number a pixel: the largest strength over its channels.

    Args:
        gradients: (N, H, W, C).
        how: "absolute", as in Simonyan et al., or "squared".

    Returns:
        (N, H, W), 0 or more.

    Raises:
        InputError: another word.
    """
    if how not in STRENGTHS:
        raise InputError(f"strength is one of {', '.join(STRENGTHS)}, received {how!r}")
    return STRENGTHS[how](gradients).max(axis=-1)
