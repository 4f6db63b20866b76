import numpy as np

from keras_cv_course.baselines.classical_filters import best_setting, median_filter, non_local_means

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
