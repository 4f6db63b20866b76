"""Denoising is judged on the test images alone."""

import numpy as np
import pytest

from keras_cv_course import data
from sprints.day3.denoise import denoise


def test_the_noise_that_is_measured_is_that_of_the_test_images(monkeypatch, tmp_path):
    """Black test images: of noise with deviation s, clipped to [0, 1], half the variance s^2 is left, by symmetry."""
    train, validation, test = data.load("handwriting", limit=64, size=28)
    test.images[...] = 0.0
    monkeypatch.setattr("sprints.day3.denoise.data.load", lambda *args, **kwargs: (train, validation, test))
    run = denoise(
        preset="quick", epochs=1, noise=0.1, output=tmp_path / "runs", saved_models=tmp_path / "models"
    )
    noisy = run.values["psnr"] - run.values["gain_db"]
    assert noisy == pytest.approx(-10 * np.log10(0.1**2 / 2), abs=0.1)
