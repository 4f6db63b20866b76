import numpy as np
import pytest
from PIL import Image, ImageEnhance

from keras_cv_course.augment.brightness import brighten, random_brightness
from keras_cv_course.errors import InputError
from tests.augment.boxed_batches import batch_of_boxes


def test_a_factor_multiplies_and_white_is_the_end():
    images = np.array([0.2, 0.6, 1.0]).reshape(1, 1, 3, 1)
    np.testing.assert_allclose(brighten(images, [1.5]).ravel(), [0.3, 0.9, 1.0])
    np.testing.assert_array_equal(brighten(images, 1), images)
    assert not brighten(images, 0).any()


def test_each_image_has_its_own_factor():
    images = np.full((3, 2, 2, 3), 0.5, "float32")
    np.testing.assert_allclose(brighten(images, [0.5, 1, 1.5])[:, 0, 0, 0], [0.25, 0.5, 0.75])


def test_it_is_that_of_pillow(rng):
    image = rng.integers(0, 256, (20, 30, 3), dtype="uint8")
    for factor in (0.3, 0.9, 1.7):
        theirs = np.asarray(ImageEnhance.Brightness(Image.fromarray(image)).enhance(factor))
        ours = brighten(image[None] / 255, [factor])[0] * 255
        assert np.abs(ours - theirs).max() <= 1  # Pillow cuts off to whole levels


def test_factors_fill_the_range_around_one(rng):
    images = np.full((4_000, 1, 1, 1), 0.5)
    factors = random_brightness({"images": images}, rng, strength=0.4)["images"].ravel() / 0.5
    assert 0.6 <= factors.min() < 0.601 and 1.399 < factors.max() <= 1.4
    assert abs(factors.mean() - 1) < 0.015  # four standard deviations


def test_nothing_else_changes(boxed, rng):
    result = random_brightness(boxed, rng)
    for field in ("labels", "masks", "boxes", "box_classes"):
        np.testing.assert_array_equal(result[field], boxed[field])


def test_bad_arguments(rng):
    for strength in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match="the strength of brightness"):
            random_brightness(batch_of_boxes(2), rng, strength)
    for factor in (-1, float("inf"), float("nan")):
        with pytest.raises(InputError, match="a factor of brightness is 0 or more"):
            brighten(np.zeros((1, 2, 2, 1)), [factor])
