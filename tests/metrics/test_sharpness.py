import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from keras_cv_course.errors import InputError
from keras_cv_course.metrics.sharpness import gradient_energy, power_spectrum, spectrum_distance

noise = np.random.default_rng(0).normal(0.5, 0.1, (60, 16, 16, 2))


def test_gradient_energy_by_hand():
    image = np.array([[0, 1, 1], [0, 3, 1]], "float64")[None, :, :, None]
    along_rows, along_columns = (1 + 0 + 9 + 4) / 4, (0 + 4 + 0) / 3
    assert gradient_energy(image) == pytest.approx(along_rows + along_columns)
    assert gradient_energy(np.full((2, 4, 4, 3), 0.3)) == 0
    assert gradient_energy(np.uint8(image)) == gradient_energy(image)  # 0 - 1 does not become 255


def test_independent_pixels_have_four_times_their_variance_and_a_flat_spectrum():
    assert gradient_energy(noise) == pytest.approx(4 * 0.01, rel=0.02)
    np.testing.assert_allclose(power_spectrum(noise), 0.01, rtol=0.15)


def test_blur_takes_from_both():
    blurred = gaussian_filter(noise, (0, 1, 1, 0))
    assert gradient_energy(blurred) < 0.1 * gradient_energy(noise)
    power = power_spectrum(blurred) / power_spectrum(noise)
    assert np.all(np.diff(power) < 0.03) and power[0] > 0.6 and power[-1] < 0.01


def test_a_wave_is_found_at_its_frequency():
    across = 2 * np.pi * np.arange(16) / 16
    image = np.sin(3 * across)[None, None, :, None] * np.ones((1, 16, 1, 1))
    power = power_spectrum(image)
    assert np.argmax(power) == 2 and power.sum() == pytest.approx(power[2])


def test_ten_times_the_power_is_a_distance_of_one():
    assert spectrum_distance(noise, noise) == 0
    assert spectrum_distance(noise * np.sqrt(10), noise) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: gradient_energy(noise[0]), r"\(N, H, W, C\)"),
        (lambda: power_spectrum(noise[:, :8]), "square"),
        (lambda: spectrum_distance(noise, noise[:, :8, :8]), "of one size"),
    ],
)
def test_what_is_no_image_is_refused(call, said):
    with pytest.raises(InputError, match=said):
        call()
