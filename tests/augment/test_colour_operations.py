"""Against Pillow, whose operations AutoAugment's are, on images of 8 bits."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps
from skimage import data

from keras_cv_course.augment import colour_operations as colour


def pictures():
    """A photograph, a dark one of few levels, and noise; (3, 40, 50, 3) uint8."""
    astronaut = data.astronaut()[100:140, 180:230]
    noise = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype="uint8")
    return np.stack([astronaut, (astronaut // 32) * 9 + 20, noise]).astype("uint8")


def close(ours, pillow, levels=0.51):
    """Our images are those that Pillow makes of each picture, to so many grey levels."""
    theirs = np.stack([np.asarray(pillow(Image.fromarray(picture))) for picture in pictures()])
    assert np.abs(ours * 255 - theirs).max() <= levels


images = pictures() / 255
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
