import keras
import numpy as np
import pytest

from keras_cv_course.classify.feature_maps import (
    added_pixels,
    average_pool2d,
    conv2d,
    convolution_parameters,
    feature_map_size,
    max_pool2d,
    sliding_windows,
)
from keras_cv_course.errors import InputError

rng = np.random.default_rng(0)
layers = keras.layers


def configurations(count):
    """Random images, kernel sizes, strides and paddings; every kernel fits."""
    while count:
        kernel = tuple(int(side) for side in rng.integers(1, 6, 2))
        height, width, channels = (int(number) for number in rng.integers((1, 1, 1), (13, 13, 5)))
        padding = [0, 1, 2, "valid", "same"][rng.integers(5)]
        added = padding if isinstance(padding, int) else 0
        if padding == "same" or (kernel[0] <= height + 2 * added and kernel[1] <= width + 2 * added):
            count -= 1
            images = rng.standard_normal((2, height, width, channels), dtype="float32")
            yield images, kernel, int(rng.integers(1, 5)), padding


def keras_form(images, padding, fill=0.0):
    """A number of pixels of padding, which Keras' layers do not take, put on beforehand."""
    if isinstance(padding, str):
        return images, padding
    sides = (padding, padding)
    return np.pad(images, ((0, 0), sides, sides, (0, 0)), constant_values=fill), "valid"


def test_conv2d_is_keras_on_200_random_configurations():
    seen = set()
    for images, kernel, stride, padding in configurations(200):
        filters = int(rng.integers(1, 5))
        padded, theirs = keras_form(images, padding)
        layer = layers.Conv2D(filters, kernel, stride, theirs)
        expected = np.asarray(layer(padded))
        bias = rng.standard_normal(filters, dtype="float32")
        kernels = np.asarray(layer.kernel)
        maps = conv2d(images, kernels, bias, stride, padding)
        assert maps.shape == expected.shape, (images.shape, kernel, stride, padding)
        np.testing.assert_allclose(maps, expected + bias, rtol=0, atol=2e-6)
        np.testing.assert_allclose(conv2d(images, kernels, None, stride, padding), expected, atol=2e-6)
        assert convolution_parameters(kernel, images.shape[-1], filters) == layer.count_params()
        for axis in (0, 1):
            size = feature_map_size(images.shape[axis + 1], kernel[axis], stride, padding)
            assert size == expected.shape[axis + 1]
        seen.add((stride, padding))
    assert len(seen) == 20  # every stride with every padding


@pytest.mark.parametrize(
    "ours, theirs, fill",
    [(max_pool2d, layers.MaxPooling2D, -np.inf), (average_pool2d, layers.AveragePooling2D, None)],
)
def test_pooling_is_keras_on_100_random_configurations(ours, theirs, fill):
    for images, size, stride, padding in configurations(100):
        if fill is None and isinstance(padding, int):
            padding = "same"  # Keras' average would count added pixels
        if isinstance(padding, int) and padding >= min(size):
            continue
        padded, name = keras_form(images, padding, fill)
        expected = theirs(size, stride, name)(padded)
        np.testing.assert_allclose(ours(images, size, stride, padding), expected, rtol=0, atol=1e-6)
    images = rng.standard_normal((2, 7, 6, 3), dtype="float32")
    np.testing.assert_allclose(ours(images), theirs(2)(images), atol=1e-6)
    np.testing.assert_allclose(ours(images, (2, 2)), ours(images, 2, 2), atol=0)


def test_average_pooling_does_not_count_what_was_added():
    ones = np.ones((1, 5, 5, 1), "float32")
    for padding in (1, 2, "same"):
        np.testing.assert_allclose(average_pool2d(ones, 3, 2, padding), 1.0)


def test_feature_maps_of_known_networks():
    assert feature_map_size(227, 11, 4) == 55  # AlexNet's first layer
    assert feature_map_size(32, 5) == 28  # LeNet's C1
    assert feature_map_size(224, 7, 2, 3) == 112  # ResNet's stem
    assert feature_map_size(572, 3) == 570  # U-Net's first
    assert added_pixels(224, 3, 2, "same") == (0, 1)  # the odd pixel comes after the image
    assert added_pixels(5, 3, 2, "same") == (1, 1)
    assert added_pixels(6, 1, 3, "same") == (0, 0)


def test_parameters_of_known_layers():
    assert convolution_parameters(11, 3, 96) == 34_944  # AlexNet's first layer
    assert convolution_parameters(5, 1, 6) == 156  # LeNet's C1
    assert convolution_parameters(3, 512, 512) == 2_359_808  # VGG's last
    assert convolution_parameters(1, 256, 64, bias=False) == 16_384  # a bottleneck's first
    assert convolution_parameters((1, 7), 4, 2) == 58


def test_windows_are_what_the_kernel_sees():
    image = np.arange(12, dtype="float32").reshape(1, 3, 4, 1)
    windows = sliding_windows(image, 2, stride=2)
    assert windows.shape == (1, 1, 2, 2, 2, 1)
    np.testing.assert_array_equal(windows[0, 0, 1, :, :, 0], [[2, 3], [6, 7]])
    padded = sliding_windows(image, (3, 2), padding="same", fill=9)
    assert padded.shape == (1, 3, 4, 3, 2, 1)
    np.testing.assert_array_equal(padded[0, 0, 0, :, :, 0], [[9, 9], [0, 1], [4, 5]])
    np.testing.assert_array_equal(padded[0, 2, 3, :, :, 0], [[7, 9], [11, 9], [9, 9]])


def test_the_kernel_is_not_turned_round():
    image = np.zeros((1, 5, 5, 1))
    image[0, 2, 2, 0] = 1
    kernel = np.arange(9.0).reshape(3, 3, 1, 1)
    np.testing.assert_array_equal(conv2d(image, kernel)[0, ..., 0], kernel[::-1, ::-1, 0, 0])


def test_one_by_one_kernels_mix_channels_only():
    images, kernels = rng.random((2, 4, 3, 5)), rng.random((1, 1, 5, 2))
    np.testing.assert_allclose(conv2d(images, kernels), images @ kernels[0, 0])


def test_bad_arguments():
    image = np.zeros((1, 4, 4, 2))
    for size, kernel, stride in ((0, 3, 1), (5, 0, 1), (5, 3, 0)):
        with pytest.raises(InputError, match="at least 1, got"):
            added_pixels(size, kernel, stride)
    for padding in ("full", -1, 1.5):
        with pytest.raises(InputError, match='"valid", "same" or a number'):
            added_pixels(5, 3, 1, padding)
    with pytest.raises(InputError, match="a kernel of 7 pixels does not fit into 6 pixels"):
        feature_map_size(4, 7, 1, 1)
    with pytest.raises(InputError, match="at least 1"):
        convolution_parameters(3, 0, 4)
    with pytest.raises(InputError, match=r"images must be \(N, H, W, C\)"):
        sliding_windows(image[0], 2)
    with pytest.raises(InputError, match="images' 2 channels"):
        conv2d(image, np.zeros((3, 3, 1, 4)))
    with pytest.raises(InputError, match="does not fit"):
        conv2d(image, np.zeros((5, 3, 2, 4)))
    with pytest.raises(InputError, match="outside the image"):
        max_pool2d(image, 2, padding=2)
    with pytest.raises(InputError, match="not square"):
        average_pool2d(image, (2, 1))
