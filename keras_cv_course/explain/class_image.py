"""Class visualisation: an image that a network is certain about, found by gradient ascent from grey.

Simonyan, Vedaldi and Zisserman, ICLR 2014 workshop, section 2: argmax over I of S_c(I) - lambda |I|^2. Yosinski et al.,
"Understanding Neural Networks Through Deep Visualization", ICML 2015 workshop, section 3 (blur). Mordvintsev, Olah and
Tyka, "Inceptionism", Google Research Blog 2015 (jitter; steps of a fixed length). Mahendran and Vedaldi,
"Understanding Deep Image Representations by Inverting Them", CVPR 2015, section 3.1 (total variation).
"""

import numpy as np
from scipy import ndimage

from keras_cv_course.errors import InputError
from keras_cv_course.explain.input_gradient import InputGradient, class_score

GREY = 0.5


def total_variation(images):
    """Mean absolute difference of neighbouring pixels of each image: 0 for one colour, large for noise.

    Rudin, Osher and Fatemi, Physica D 1992, in its anisotropic form.

    Args:
        images: (N, H, W, C), H and W at least 2.

    Returns:
        (N,): the mean over the pairs of neighbours of a column, plus that over the pairs of a row.
    """
    images = np.asarray(images, "float64")
    return sum(np.abs(np.diff(images, axis=axis)).mean(axis=(1, 2, 3)) for axis in (1, 2))


def variation_gradient(images):
    """The gradient of the sum of all absolute differences of neighbouring pixels, (N, H, W, C).

    A pixel gets 1 for each of its neighbours that is darker, -1 for each that is brighter.
    """
    images = np.asarray(images, "float64")
    gradient = np.zeros_like(images)
    for axis in (1, 2):
        signs = np.sign(np.diff(images, axis=axis))
        before, after = ([(0, 0)] * 4 for _ in range(2))
        before[axis], after[axis] = (1, 0), (0, 1)
        gradient += np.pad(signs, before) - np.pad(signs, after)
    return gradient


def of_length_one(gradients):
    """Each gradient (N, H, W, C) divided by the root of the sum of its squares."""
    lengths = np.sqrt(np.sum(np.square(gradients, dtype="float64"), axis=(1, 2, 3), keepdims=True))
    return gradients / np.maximum(lengths, 1e-12)


def class_image(model, target, shape, **options):
    """One image with a high score of one class, (height, width, channels); see `class_images`."""
    return class_images(model, [target], shape, **options)[0]


def class_images(
    model, targets, shape, steps=100, rate=1.0, decay=0.01, blur=0.5, every=4, jitter=2, variation=0.0, seed=0
):
    """Images with a high score of one class each.

    A step goes up along the gradient, `rate` long in all, and down along the gradient of the total variation; then a
    share `decay` of the way back to grey; then pixels are cut to [0, 1]. Before it the image is shifted at random, and
    shifted back after it, so that no pixel's place counts for more than its neighbours'; every few steps it is blurred.

    Args:
        model: a built classifier, images (N, H, W, C) in [0, 1] -> logits (N, classes).
        targets: (N,) the class of each image.
        shape: (height, width, channels) of an image.
        steps: number of steps.
        rate: length of a step: the root of the sum of its squared changes.
        decay: share of the distance to grey that a step takes away, the gradient of an L2 penalty; 0 for none.
        blur: standard deviation of the Gaussian filter in pixels; 0 for none.
        every: steps from one blur to the next.
        jitter: largest shift in pixels, in either direction; 0 for none.
        variation: length of the step down the total variation, as a share of `rate`; 0 for none.
        seed: of the shifts.

    Returns:
        (N, height, width, channels) float32 in [0, 1].

    Raises:
        InputError: a class out of range, or a number that is none of a step.
    """
    if min(steps, every) < 1 or rate <= 0 or min(blur, jitter, variation) < 0 or not 0 <= decay < 1:
        raise InputError(
            "steps and every must be 1 or more, rate above 0, blur, jitter and variation 0 or more, decay from 0 to "
            f"below 1; received {steps}, {every}, {rate}, {blur}, {jitter}, {variation}, {decay}"
        )
    rng = np.random.default_rng(seed)
    images = np.full((len(targets), *shape), GREY, "float32")
    gradient_at = InputGradient(
        class_score(model, images, np.asarray(targets)), images.shape, compiled=steps > 10
    )
    for step in range(1, steps + 1):
        shift = tuple(rng.integers(-jitter, jitter + 1, 2))
        moved = np.roll(images, shift, axis=(1, 2))
        moved = moved + rate * of_length_one(gradient_at(moved))
        if variation:
            moved = moved - rate * variation * of_length_one(variation_gradient(moved))
        images = np.roll(moved, (-shift[0], -shift[1]), axis=(1, 2))
        images = GREY + (1 - decay) * (images - GREY)
        if blur and step % every == 0:
            images = ndimage.gaussian_filter(images, (0, blur, blur, 0))
        images = np.clip(images, 0, 1).astype("float32")
    return images
