"""Look-ups among training pairs, and textures with their spectrum."""

import numpy as np
import pytest

from keras_cv_course.baselines.map_lookups import gaussian_texture, nearest_map, one_image, region_lookup

rng = np.random.default_rng(0)
# The left k columns of map k are of class 1; image k is bright there, each with a brightness of its own.
masks = np.stack([np.arange(8) < width for width in (2, 4, 6)]).astype("uint8")[:, None].repeat(8, axis=1)
images = (0.1 * np.arange(1, 4)[:, None, None] + 0.5 * masks)[..., None].repeat(3, axis=-1).astype("float32")


def test_one_image_ignores_the_map():
    np.testing.assert_array_equal(one_image(images, masks, masks), images[[0, 0, 0]])


def test_the_nearest_map_agrees_in_most_pixels():
    wanted = masks.copy()
    wanted[:, 0, 7] = 1
    np.testing.assert_array_equal(nearest_map(images, masks, wanted), images)
    np.testing.assert_array_equal(nearest_map(images, masks, wanted[::-1]), images[::-1])


def test_a_region_takes_its_pixels_from_images_with_that_class_there():
    """Image 1 fits the map of 4 columns exactly, and covers most of it with one pixel more; image 2 has that pixel."""
    np.testing.assert_array_equal(region_lookup(images, masks, masks), images)
    wanted = masks[1:2].copy()
    wanted[0, 0, 4] = 1
    made = region_lookup(images, masks, wanted)[0, ..., 0]
    np.testing.assert_allclose(made[:, :4], 0.7, atol=1e-6)
    np.testing.assert_allclose(made[0, 4], 0.8, atol=1e-6)
    np.testing.assert_allclose(made[1:, 4:], 0.2, atol=1e-6)


def test_what_nothing_covers_gets_the_mean_colour():
    wanted = np.ones((1, 8, 8), "uint8")
    expected = images[masks == 1].mean()
    assert region_lookup(images, masks, wanted)[0, 0, 7, 0] == pytest.approx(expected)


def test_a_texture_has_the_mean_colour_and_the_spectrum_of_its_class():
    """Vertical stripes at random phases: the texture varies along rows, not along columns, in their colour."""
    phases = rng.uniform(0, 2 * np.pi, 200)
    stripes = np.sin(2 * np.pi * np.arange(16) / 4 + phases[:, None])[:, None, :, None]
    striped = (0.5 + 0.1 * stripes * np.float32([1, 0.5, 0]) + np.zeros((1, 16, 1, 1))).astype("float32")
    everywhere = np.zeros((200, 16, 16), "uint8")
    made = gaussian_texture(striped, everywhere, everywhere, rng)
    assert made.dtype == np.float32 and made.mean() == pytest.approx(0.5, abs=0.01)
    np.testing.assert_allclose(made.std(axis=(0, 1, 2)), striped.std(axis=(0, 1, 2)), rtol=0.08, atol=1e-3)
    assert np.abs(np.diff(made, axis=1)).max() < 1e-5
    power = np.abs(np.fft.fft(made[:, 0, :, 0] - 0.5, axis=1)).mean(axis=0)
    assert power.argmax() in (4, 12) and power[[1, 2, 3, 5]].max() < 1e-4
    flat = gaussian_texture(striped, everywhere, everywhere[:2], rng, contrast=0)
    np.testing.assert_allclose(flat, 0.5, atol=0.01)
