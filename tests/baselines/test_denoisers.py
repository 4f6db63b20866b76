import numpy as np
from sklearn.linear_model import Ridge

from keras_cv_course.baselines.denoisers import (
    best_setting,
    linear_denoiser,
    median_filter,
    non_local_means,
    tuned_denoisers,
)

images = np.random.default_rng(0).random((3, 6, 7, 2), dtype="float32")


def test_median_equals_a_slow_loop_inside_the_image():
    filtered = median_filter(images)
    assert filtered.shape == images.shape
    for n, row, column, channel in np.ndindex(3, 4, 5, 2):
        window = images[n, row : row + 3, column : column + 3, channel]
        assert filtered[n, row + 1, column + 1, channel] == np.median(window)


def test_filters_keep_a_flat_image_and_its_shape():
    for count in (1, 3):
        flat = np.full((2, 8, 8, count), 0.3, "float32")
        np.testing.assert_array_equal(median_filter(flat), flat)
        np.testing.assert_allclose(non_local_means(flat, 0.6, 0.1), flat, atol=1e-6)


def test_non_local_means_removes_noise_from_a_repeated_pattern():
    rng = np.random.default_rng(0)
    stripes = np.tile(np.repeat([0.2, 0.8], 4), (1, 32, 4))[..., None].astype("float32")
    noisy = (stripes + 0.1 * rng.standard_normal(stripes.shape)).astype("float32")
    cleaned = non_local_means(noisy, 0.8, 0.1)
    assert np.mean((cleaned - stripes) ** 2) < 0.25 * np.mean((noisy - stripes) ** 2)


def test_the_best_setting_is_the_one_with_the_smallest_error():
    clean = np.zeros((1, 9, 9, 1), "float32")
    noisy = clean.copy()
    noisy[0, ::3, ::3] = 1
    assert best_setting(median_filter, (1, 3), noisy, clean) == 3
    assert best_setting(median_filter, (3, 1), noisy, noisy) == 1


def test_the_linear_denoiser_is_ridge_regression_clipped():
    rng = np.random.default_rng(1)
    noisy, clean, more = rng.random((3, 40, 3, 4, 1), dtype="float32")
    expected = Ridge(alpha=2).fit(noisy.reshape(40, -1), clean.reshape(40, -1)).predict(more.reshape(40, -1))
    received = linear_denoiser(noisy, clean, alpha=2)(more)
    np.testing.assert_allclose(received, expected.reshape(more.shape).clip(0, 1), atol=1e-5)


def test_each_method_gets_the_setting_that_restores_best():
    """Images that are mixtures of two patterns: a linear map finds them, the filters do not."""
    rng = np.random.default_rng(2)
    basis = rng.random((2, 36)) / 2
    clean = (rng.random((300, 2)) @ basis).reshape(300, 6, 6, 1).astype("float32")
    noisy = (clean + 0.1 * rng.standard_normal(clean.shape)).astype("float32")
    methods = tuned_denoisers(noisy[:200], clean[:200], noisy[200:], clean[200:])
    assert [name.split()[0].rstrip(",") for name in methods] == ["median", "non-local", "ridge"]
    # The name of each filter says which of its sizes restores best.
    size = int(list(methods)[0][-1])
    filtered = [median_filter(noisy[200:260], side) for side in (size, 8 - size)]
    better, worse = (np.mean((image - clean[200:260]) ** 2) for image in filtered)
    assert better <= worse
    patch = int(list(methods)[1][-1])
    assert patch in (3, 5, 7)
    errors = [np.mean((method(noisy[200:]) - clean[200:]) ** 2) for method in methods.values()]
    assert errors[2] < 0.3 * min(errors[:2]) and errors[2] < 0.002
