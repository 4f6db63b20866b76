"""Against Pillow, whose operations AutoAugment's are, on images of 8 bits."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps
from skimage import data

from keras_cv_course.augment import colour_operations as colour


def photographs():
    """A photograph, a dark one of few levels, and noise; (3, 40, 50, 3) uint8."""
    astronaut = data.astronaut()[100:140, 180:230]
    noise = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype="uint8")
    return np.stack([astronaut, (astronaut // 32) * 9 + 20, noise]).astype("uint8")


def close(ours, pillow, levels=0.51):
    """Our images are those that Pillow makes of each image, to so many grey levels."""
    theirs = np.stack([np.asarray(pillow(Image.fromarray(image))) for image in photographs()])
    assert np.abs(ours * 255 - theirs).max() <= levels


images = photographs() / 255
three = np.ones(3)


def test_auto_contrast():
    close(colour.auto_contrast(images), ImageOps.autocontrast, levels=1.01)  # Pillow cuts off


def test_equalize():
    close(colour.equalize(images), ImageOps.equalize, levels=1e-6)


@pytest.mark.parametrize("bits", (1, 4, 8))
def test_posterize(bits):
    close(colour.posterize(images, bits * three), lambda image: ImageOps.posterize(image, bits), levels=1e-6)


@pytest.mark.parametrize("threshold", (0, 100, 256))
def test_solarize(threshold):
    close(
        colour.solarize(images, threshold * three),
        lambda image: ImageOps.solarize(image, threshold),
        levels=1e-6,
    )


@pytest.mark.parametrize("factor", (0.1, 1.0, 1.9))
@pytest.mark.parametrize(
    "ours, theirs",
    (
        (colour.saturate, ImageEnhance.Color),
        (colour.contrast, ImageEnhance.Contrast),
        (colour.sharpen, ImageEnhance.Sharpness),
    ),
)
def test_enhancements(ours, theirs, factor):
    """Pillow rounds the grey or smooth image to whole levels and cuts off the result: 2 levels at most."""
    close(ours(images, factor * three), lambda image: theirs(image).enhance(factor), levels=2.0)


def test_grey_images_have_no_colour_and_follow_too():
    single = images[..., :1]
    np.testing.assert_array_equal(colour.saturate(single, 0.1 * three), single)
    for result in (
        colour.auto_contrast(single),
        colour.equalize(single),
        colour.contrast(single, 0.5 * three),
        colour.sharpen(single, 0.5 * three),
    ):
        assert result.shape == single.shape and (result != single).any()


def test_flat_images_stay():
    flat = np.full((2, 5, 6, 3), 0.4)
    np.testing.assert_array_equal(colour.auto_contrast(flat), flat)
    np.testing.assert_allclose(colour.equalize(flat), flat, atol=1e-9)
    np.testing.assert_allclose(colour.contrast(flat, [0.2, 1.8]), flat)
    np.testing.assert_allclose(colour.sharpen(flat, [0.2, 1.8]), flat)


def test_tiny_images_have_no_inner_pixels():
    tiny = images[:, :2, :2]
    np.testing.assert_array_equal(colour.sharpen(tiny, 0.5 * three), tiny)


def test_colours_by_hand():
    """One pixel of (200, 100, 50): its luma is 0.299 x 200 + 0.587 x 100 + 0.114 x 50 = 124.2."""
    pixel = np.array([200, 100, 50]).reshape(1, 1, 1, 3) / 255
    for factor, expected in ((0, [124.2] * 3), (0.1, [131.78, 121.78, 116.78]), (1.9, [255, 78.22, 0])):
        np.testing.assert_allclose(colour.saturate(pixel, [factor]).ravel() * 255, expected, atol=1e-4)
    # Contrast keeps the mean luma: here the mean of 124.2 and 0.
    two = np.concatenate([pixel, 0 * pixel], axis=2)
    for factor, expected in ((0, [62.1] * 6), (0.5, [131.05, 81.05, 56.05] + [31.05] * 3)):
        np.testing.assert_allclose(colour.contrast(two, [factor]).ravel() * 255, expected, atol=1e-4)
    np.testing.assert_allclose(colour.solarize(pixel, [100]).ravel() * 255, [55, 155, 50], atol=1e-9)
    np.testing.assert_allclose(colour.solarize(pixel, [101]).ravel() * 255, [55, 100, 50], atol=1e-9)
    np.testing.assert_allclose(colour.posterize(pixel, [2]).ravel() * 255, [192, 64, 0], atol=1e-9)
    # One bright pixel of 3 x 3 dark ones: its neighbourhood's mean, in which it counts five times, is 5/13 of it.
    spot = np.zeros((1, 3, 3, 1))
    spot[0, 1, 1] = 0.52
    for factor, expected in ((0, 0.2), (0.5, 0.36), (1.5, 0.68)):
        assert colour.sharpen(spot, [factor])[0, 1, 1, 0] == pytest.approx(expected)
