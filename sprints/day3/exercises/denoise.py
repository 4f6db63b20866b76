"""The exercises of day3.denoise: from a measure in one line to the whole denoising autoencoder."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, expect, shape_is, within
from keras_cv_course.classroom.example_images import digits
from keras_cv_course.classroom.shared_checks import (
    all_refused,
    every_weight_learns,
    keeps,
    same_numbers,
    weights_are,
)

psnr = Exercise(
    "psnr",
    "the peak signal-to-noise ratio of each image in decibels, averaged over the images",
    definitions=("psnr",),
    points=2,
    hints=(
        "Which axes belong to one image, and which counts the images? The mean over the images comes last.",
        "One mean squared error an image, in float64; from each of them 10 log10(1 / MSE); then one mean.",
        "What to reach: two images, one off by 0.1 everywhere (20 dB), one by 0.01 (40 dB): 30 dB.",
    ),
)
noise = Exercise(
    "noise",
    "add Gaussian noise of the asked standard deviation; keep pixels in [0, 1]",
    definitions=("add_noise",),
    points=2,
    hints=(
        "A generator has `standard_normal`: mean 0, standard deviation 1. What makes it wider?",
        "Every pixel needs its own draw: of which shape? And what about pixels past black and white?",
        "What to reach: grey is salted evenly; a black image stays black in half of its pixels.",
    ),
)
dropout = Exercise(
    "dropout",
    "set each pixel, with all its channels, to 0 with the asked probability",
    definitions=("drop_pixels",),
    points=2,
    hints=(
        "`rng.random` is uniform in [0, 1): how often is it below `rate`?",
        "A lost pixel loses all its channels: draw one number a pixel; it broadcasts over the last axis.",
        "What to reach: a colour image with black holes, and no tinted ones; the rest untouched.",
    ),
)
model = Exercise(
    "autoencoder",
    "two convolutions of stride 2, two transposed ones back, and one that makes the pixels",
    definitions=("DenoisingAutoencoder.__init__", "DenoisingAutoencoder.build", "DenoisingAutoencoder.call"),
    points=6,
    hints=(
        "Keep every argument under its own name: `get_config` below, which is given, reads them.",
        "All five layers have 3x3 kernels, 'same' padding. Which need stride 2, which ReLU, which sigmoid?",
        "The last bias starts at the logit log(b / (1 - b)) of the brightness b: which argument of Conv2D?",
        "`build` gets the shape of a batch: refuse sides that 4 does not divide, build encoder and decoder, "
        "and set `self.built`.",
        "What to reach: 28x28x1 becomes 14x14x16, 7x7x8, 14x14x8, 28x28x16, and 28x28x1 again.",
    ),
)

EXERCISES = Exercises(
    "day3.denoise",
    sources=("keras_cv_course.metrics.psnr", "keras_cv_course.reconstruct.denoising"),
    exercises=(psnr, noise, dropout, model),
)


@psnr.check
def check_decibels_are_averaged_over_images(mine, rng):
    """-20 log10 of an error that all pixels of an image share; the images' decibels are averaged."""
    truth, errors = rng.uniform(0.2, 0.8, (2, 6, 3, 1)), rng.uniform((0.1, 0.01), (0.2, 0.02))
    for images in (truth[:1], truth):
        wrong = errors[: len(images)]
        received = mine.psnr(images, images + wrong.reshape(-1, 1, 1, 1))
        attempt = "10 log10(1 / mean squared error) of each image, the mean of those last"
        close_to(received, np.mean(-20 * np.log10(wrong)), 1e-6, f"decibels of {len(images)} images", attempt)


@psnr.check
def check_other_shapes_are_refused(mine):
    """Images of two shapes cannot be compared."""
    cases = {"shapes (2, 4, 4, 1) and (1, 4, 4, 1)": (np.zeros((2, 4, 4, 1)), np.zeros((1, 4, 4, 1)))}
    all_refused(mine.psnr, cases, "raise InputError; NumPy would broadcast")


@noise.check
def check_noise_is_gaussian(mine, rng):
    """Grey pixels get noise of mean 0, the asked deviation and a bell curve, other noise in each."""
    grey, level = np.full((4, 50, 50, 2), 0.5, "float32"), float(rng.uniform(0.05, 0.1))
    noisy = shape_is(mine.add_noise(grey, level, rng), grey.shape, "noisy images", "keep the shape")
    equal_to(str(noisy.dtype), "float32", "dtype of the noisy images", "cast back to the dtype of the images")
    added = (noisy - 0.5) / level
    # 20,000 draws: the deviation is known to 0.5 %, the mean to 0.007.
    attempt = "multiply draws of standard deviation 1 by `noise`"
    close_to(added.std(dtype="float64"), 1.0, 0.03, "deviation over the asked one", attempt)
    close_to(added.mean(dtype="float64"), 0.0, 0.05, "mean over the deviation", attempt)
    # 4.6 % of a bell curve lie beyond two deviations.
    close_to(
        np.mean(abs(added) > 2), 0.0455, 0.01, "share beyond two deviations", "which draw has a bell curve?"
    )
    attempt = "draw one number for every number in `images`: ask the generator for images.shape"
    pairs = {"two images": added[:2], "channels": np.moveaxis(added, -1, 0), "rows": np.moveaxis(added, 1, 0)}
    for what, (first, second, *_) in pairs.items():
        together = np.corrcoef(first.ravel(), second.ravel())[0, 1]
        expect(
            abs(together) < 0.5, f"noise that differs between {what}", f"correlation {together:.2f}", attempt
        )


@noise.check
def check_noisy_pixels_stay_in_range(mine, rng):
    """Pixels stay in [0, 1]; noise 0 changes nothing; noise below 0 or NaN is refused."""
    images = rng.integers(0, 2, (2, 16, 16, 1)).astype("float32")
    noisy = within(mine.add_noise(images, 0.5, rng), 0, 1, "noisy pixels", "past white is white: clip")
    expect(
        (noisy[images == 0] == 0).any(), "some black pixels that stay black", "none", "clip, do not rescale"
    )
    close_to(
        mine.add_noise(images, 0.0, rng), images, 0, "images with noise 0", "add `noise` times the draws"
    )
    all_refused(mine.add_noise, {f"noise {level}": (images, level, rng) for level in (-0.1, np.nan)})


@noise.check
def check_noise_comes_from_the_generator(mine, rng):
    """The generator that is given makes the noise."""
    grey, seed = np.full((1, 8, 8, 1), 0.5, "float32"), int(rng.integers(1000))
    draws = (np.random.default_rng(number) for number in (seed, seed, seed + 1))
    first, again, other = (np.asarray(mine.add_noise(grey, 0.1, generator)) for generator in draws)
    attempt = "draw from `rng`, not from np.random"
    close_to(again, first, 0, "noise of one seed, drawn twice", attempt)
    expect(np.any(first != other), "other noise from another seed", "the same", attempt)


@noise.shows
def image_of_noise(mine):
    """Four digits with noise of 0.2."""
    return np.hstack(mine.add_noise(digits(0, 3, 6, 8), 0.2, np.random.default_rng(0))[..., 0])


@dropout.check(points=1)
def check_the_asked_share_is_lost(mine, rng):
    """The asked share of the pixels becomes 0 with all its channels, the others stay as they are."""
    for channels in (1, 3):
        images, rate = (
            rng.uniform(0.2, 1, (4, 40, 40, channels)).astype("float32"),
            float(rng.uniform(0.2, 0.4)),
        )
        holes = shape_is(mine.drop_pixels(images, rate, rng), images.shape, "images", "keep the shape")
        equal_to(str(holes.dtype), "float32", "dtype", "multiply by a mask of the images' dtype")
        lost = holes == 0
        # 6,400 pixels: the share is known to 0.006.
        attempt = "lost where a uniform draw is below the rate; a kept pixel is multiplied by exactly 1"
        close_to(lost.mean(), rate, 0.03, "share of lost pixels", attempt)
        close_to(holes[~lost], images[~lost], 0, "pixels that were kept", attempt)
        tinted = int(np.sum(lost.any(axis=-1) & ~lost.all(axis=-1)))
        attempt = "one draw for every pixel of every image, broadcast over the channels"
        equal_to(tinted, 0, "pixels that lost some channels only", attempt)
        expect(np.any(lost[0] != lost[1]), "other pixels lost in every image", "the same ones", attempt)


@dropout.check
def check_rates_out_of_range_are_refused(mine, rng):
    """A rate is a share from 0 to below 1."""
    images = rng.random((1, 4, 4, 1), dtype="float32")
    close_to(mine.drop_pixels(images, 0, rng), images, 0, "images at rate 0", "a draw is never below 0")
    all_refused(mine.drop_pixels, {f"rate {rate}": (images, rate, rng) for rate in (-0.1, 1.0)})


@dropout.shows
def image_of_dropout(mine):
    """Four digits of which half the pixels are gone."""
    return np.hstack(mine.drop_pixels(digits(0, 3, 6, 8), 0.5, np.random.default_rng(0))[..., 0])


@model.check
def check_shapes_and_range(mine, rng):
    """Images of any size that 4 divides come back in their shape, in [0, 1]; the weights are those of five layers."""
    network = mine.DenoisingAutoencoder(filters=(5, 3), channels=2)
    network.build((None, None, 8, 2))
    kernels = [(3, 3, 2, 5), (3, 3, 5, 3), (3, 3, 3, 3), (3, 3, 5, 3), (3, 3, 5, 2)]
    attempt = "build encoder and decoder in `build`; wide, narrow, narrow, wide, channels; 3x3 kernels"
    weights_are(network, [*kernels, (5,), (3,), (3,), (5,), (2,)], attempt)
    network.set_weights([10 * weights for weights in network.get_weights()])
    for shape in ((2, 8, 12, 2), (1, 16, 8, 2)):
        restored = network(rng.random(shape, dtype="float32"))
        shape_is(restored, shape, "restored images", "two halvings, then two doublings")
        within(restored, 0, 1, "restored pixels", "which activation ends in [0, 1]?")


@model.check(points=1)
def check_untrained_output(mine, rng):
    """Before any training, with nothing coming in, every pixel is the given brightness."""
    brightness = float(rng.uniform(0.1, 0.4))
    network = mine.DenoisingAutoencoder(filters=(4, 3), brightness=brightness)
    network.build((None, 8, 8, 1))
    images = np.zeros((1, 8, 8, 1), "float32")
    attempt = "start the last bias at log(brightness / (1 - brightness)): a bias_initializer"
    close_to(network(images), np.full(images.shape, brightness), 1e-5, "pixels", attempt)


@model.check(points=2)
def check_same_numbers_as_the_reference(mine, reference, rng):
    """With the same weights it gives the numbers that the reference gives."""
    images = rng.random((2, 12, 8, 2), dtype="float32")

    def make(module):
        return module.DenoisingAutoencoder(filters=(5, 3), channels=2)

    attempt = "ReLU after every convolution but the last; 'same' padding"
    same_numbers(mine, reference, make, images, 1e-5, "restored pixels", attempt)


@model.check
def check_learns(mine, rng):
    """One step of training moves every weight; the arguments are kept."""
    network = mine.DenoisingAutoencoder(filters=(6, 4), channels=3, brightness=0.2)
    keeps(network, filters=[6, 4], channels=3, brightness=0.2)
    network.build((None, 8, 8, 3))
    images = rng.random((8, 8, 8, 3), dtype="float32")
    # Towards black, so that the slope of no bias sums to almost nothing.
    every_weight_learns(network, images, 0 * images)


@model.check
def check_bad_arguments_are_refused(mine):
    """Filters below 1, a brightness out of range, sides that 4 does not divide and other channels are refused."""
    attempt = "raise InputError as the class docstring says: the arguments in __init__, the shape in build"
    network = mine.DenoisingAutoencoder
    cases = {"filters (0, 4)": dict(filters=(0, 4)), "filters (4,)": dict(filters=(4,))}
    cases |= {f"brightness {value}": dict(brightness=value) for value in (0, 1.5)}
    all_refused(network, cases, attempt)
    sizes = {"30x28 pixels": ((None, 30, 28, 1),), "3 channels in place of 1": ((None, 28, 28, 3),)}
    all_refused(network().build, sizes, attempt)
