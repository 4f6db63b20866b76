"""The comparison with Keras finds agreement where there is some, and a mistake where there is one."""

import numpy as np

from keras_cv_course.baselines import keras_convolution
from keras_cv_course.baselines.keras_convolution import difference_without_offsets, differences_from_keras
from keras_cv_course.layers.deformable_convolution import DeformableConv2D


def test_ours_is_keras():
    difference, mismatches = differences_from_keras(10, np.random.default_rng(0))
    assert 0 < difference < 1e-5 and mismatches == 0
    assert difference_without_offsets(np.random.default_rng(0)) < 1e-4


def test_a_flipped_kernel_a_wrong_size_and_a_forgotten_bias_are_found(monkeypatch):
    right = keras_convolution.conv2d
    monkeypatch.setattr(
        keras_convolution, "conv2d", lambda images, kernels, *rest: right(images, kernels[::-1, ::-1], *rest)
    )
    monkeypatch.setattr(keras_convolution, "feature_map_size", lambda size, *rest: size)
    monkeypatch.setattr(
        keras_convolution,
        "convolution_parameters",
        lambda kernel, channels, count: kernel**2 * channels * count,
    )
    difference, mismatches = differences_from_keras(10, np.random.default_rng(0))
    assert difference > 0.1 and mismatches > 10


def test_offsets_that_do_not_start_at_zero_are_found(monkeypatch):
    right = DeformableConv2D.offsets
    monkeypatch.setattr(DeformableConv2D, "offsets", lambda self, images: right(self, images) + 0.5)
    assert difference_without_offsets(np.random.default_rng(0)) > 0.1
