"""The dense CRF against the paper's sum written as one matrix, and what it is for."""

import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.segment.dense_crf import dense_crf, mean_field

KERNELS = dict(appearance=3.0, near=4.0, alike=0.2, smoothness=1.0, close=1.5)


def by_matrix(probabilities, image, steps, radius, appearance, near, alike, smoothness, close):
    height, width, classes = probabilities.shape
    places = np.stack(np.mgrid[:height, :width], axis=-1).reshape(-1, 2)
    colours = image.reshape(len(places), -1)
    apart = places[:, None] - places
    far = (apart**2).sum(axis=-1)
    unlike = ((colours[:, None] - colours) ** 2).sum(axis=-1)
    kernel = appearance * np.exp(-far / (2 * near**2) - unlike / (2 * alike**2))
    kernel += smoothness * np.exp(-far / (2 * close**2))
    kernel *= (np.abs(apart).max(axis=-1) <= radius) & (far > 0)
    kernel /= kernel.sum(axis=1, keepdims=True)
    flat = probabilities.reshape(-1, classes)
    beliefs = flat
    for _ in range(steps):
        beliefs = flat * np.exp((appearance + smoothness) * (kernel @ beliefs))
        beliefs /= beliefs.sum(axis=1, keepdims=True)
    return beliefs.reshape(probabilities.shape)


@pytest.mark.parametrize("radius", [9, 2])
def test_equals_the_matrix(radius):
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet([1, 1, 1], size=(9, 7))
    image = rng.random((9, 7, 3))
    ours = dense_crf(probabilities, image, steps=3, radius=radius, **KERNELS)
    np.testing.assert_allclose(ours, by_matrix(probabilities, image, 3, radius, **KERNELS), atol=1e-10)


def test_a_blurred_edge_snaps_to_the_colours_edge():
    image = np.zeros((20, 20, 3))
    image[:, 10:] = 0.8
    unsure = np.clip((np.arange(20) - 6) / 8, 0.05, 0.95)  # 0.5 at column 10, blurred over eight
    shifted = np.clip((np.arange(20) - 4) / 8, 0.05, 0.95)  # 0.5 two columns too early
    for right in (unsure, shifted):
        probabilities = np.broadcast_to(np.stack([1 - right, right], axis=-1), (20, 20, 2))
        told = dense_crf(probabilities, image)[..., 1] > 0.5
        assert np.array_equal(told, image[..., 0] > 0.4)


def test_the_field_goes_on_step_by_step():
    rng = np.random.default_rng(2)
    probabilities, image = rng.dirichlet([1, 1], size=(5, 6)), rng.random((5, 6, 3))
    field = mean_field(probabilities, image, **KERNELS)
    for steps in range(4):
        np.testing.assert_array_equal(next(field), dense_crf(probabilities, image, steps, **KERNELS))


def test_no_steps_no_change_and_beliefs_sum_to_one():
    rng = np.random.default_rng(1)
    probabilities = rng.dirichlet([1, 1], size=(5, 6))
    image = rng.random((5, 6, 1))
    np.testing.assert_array_equal(dense_crf(probabilities, image, steps=0), probabilities)
    np.testing.assert_allclose(dense_crf(probabilities, image).sum(axis=-1), 1, atol=1e-12)


def test_refuses():
    with pytest.raises(InputError, match="softmax"):
        dense_crf(np.ones((4, 4, 3)), np.zeros((4, 4, 3)))
    with pytest.raises(InputError, match=r"\(4, 4, 3\) and \(5, 4, 3\)"):
        dense_crf(np.ones((4, 4, 3)) / 3, np.zeros((5, 4, 3)))
    with pytest.raises(InputError, match="near=0"):
        dense_crf(np.ones((4, 4, 2)) / 2, np.zeros((4, 4, 3)), near=0)
    with pytest.raises(InputError, match="steps"):
        dense_crf(np.ones((4, 4, 2)) / 2, np.zeros((4, 4, 3)), steps=-1)
