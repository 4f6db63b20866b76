import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.reconstruct.denoising import DenoisingAutoencoder, add_noise, drop_pixels
from tests.harness import Case, free_size, noise_images

_images = noise_images(8, 12, 8, 3)
CASES = {
    "denoising": Case(
        make=lambda: DenoisingAutoencoder(filters=(12, 6), channels=3, brightness=0.4),
        inputs=_images,
        targets=np.clip(_images + 0.1, 0, 1),
        loss="mse",
        overfit=0.5,
        published={
            "the network of TensorFlow's tutorial, by hand: 160 + 1160 + 584 + 1168 + 145": (
                DenoisingAutoencoder,
                (None, 28, 28, 1),
                3_217,
            )
        },
        **free_size(3, 16, 20),
    )
}

grey = np.full((50, 20, 20, 3), 0.5, "float32")


def test_noise_has_the_deviation_that_was_asked_for_and_stays_in_range():
    noisy = add_noise(grey, 0.1, np.random.default_rng(0))
    assert noisy.dtype == np.float32 and noisy.shape == grey.shape
    assert np.std(noisy - grey) == pytest.approx(0.1, rel=0.01)
    assert np.mean(noisy) == pytest.approx(0.5, abs=0.002)
    loud = add_noise(grey, 5.0, np.random.default_rng(0))
    assert loud.min() == 0 and loud.max() == 1
    np.testing.assert_array_equal(add_noise(grey, 0.0, np.random.default_rng(0)), grey)


def test_dropped_pixels_lose_all_channels_at_the_rate_that_was_asked_for():
    dropped = drop_pixels(grey, 0.3, np.random.default_rng(0))
    gone = dropped == 0
    assert np.mean(gone) == pytest.approx(0.3, abs=0.01)
    assert (gone.all(axis=-1) == gone.any(axis=-1)).all()
    assert (dropped[~gone] == 0.5).all()
    assert (grey == 0.5).all()


def test_bad_arguments():
    rng = np.random.default_rng(0)
    for noise in (-1, float("nan"), float("inf")):
        with pytest.raises(InputError, match=f"received {noise}"):
            add_noise(grey, noise, rng)
    for rate in (-0.1, 1, float("nan")):
        with pytest.raises(InputError, match="share from 0 to below 1"):
            drop_pixels(grey, rate, rng)
    for filters in ((0, 8), (8,), (4, 4, 4)):
        with pytest.raises(InputError, match="filters must be two numbers"):
            DenoisingAutoencoder(filters)
    for brightness in (0, 1, -0.5, float("nan")):
        with pytest.raises(InputError, match="brightness is the mean of pixels"):
            DenoisingAutoencoder(brightness=brightness)
    with pytest.raises(InputError, match="multiples of 4"):
        DenoisingAutoencoder().build((None, 30, 28, 1))
    with pytest.raises(InputError, match=r"\(N, H, W, 1\)"):
        DenoisingAutoencoder().build((None, 28, 28, 3))


def test_an_untrained_network_answers_with_the_brightness():
    model = DenoisingAutoencoder(brightness=0.13)
    model.build((None, 8, 8, 1))
    np.testing.assert_allclose(model(np.zeros((1, 8, 8, 1), "float32")), 0.13, rtol=1e-5)


def test_one_set_of_weights_serves_any_size():
    model = DenoisingAutoencoder()
    model.build((None, 8, 8, 1))
    for height, width in ((8, 8), (12, 20)):
        images = np.random.default_rng(0).random((2, height, width, 1), dtype="float32")
        restored = np.asarray(model(images))
        assert restored.shape == images.shape and 0 <= restored.min() <= restored.max() <= 1
