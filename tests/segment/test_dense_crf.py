"""The dense CRF against its authors' program written out slowly, and what it is for."""

import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.segment.dense_crf import dense_crf, mean_field, pair_kernels
from tests.reference import densecrf

KERNELS = dict(appearance=3.0, sigma_xy=4.0, sigma_rgb=0.2, smoothness=1.0, smooth_sigma=1.5)


def by_program(
    probabilities, image, steps, appearance, sigma_xy, sigma_rgb, smoothness, smooth_sigma, **options
):
    return densecrf.inference(
        -np.log(probabilities),
        image,
        steps,
        smooth_sigma,
        smoothness,
        sigma_xy,
        sigma_rgb,
        appearance,
        **options,
    )


def a_scene(shape, seed=0, classes=3):
    rng = np.random.default_rng(seed)
    return rng.dirichlet([1] * classes, size=shape), rng.random((*shape, 3))


@pytest.mark.parametrize("radius", [9, 2])
@pytest.mark.parametrize("steps", [1, 3])
def test_equals_the_program(radius, steps):
    probabilities, image = a_scene((9, 7))
    ours = dense_crf(probabilities, image, steps, radius=radius, **KERNELS)
    theirs = by_program(probabilities, image, steps, radius=radius, **KERNELS)
    np.testing.assert_allclose(ours, theirs, atol=1e-10)


@pytest.mark.parametrize("contrast", [0.0, 1.0], ids=["flat", "busy"])
def test_a_weight_means_the_same_on_a_flat_image_and_on_a_busy_one(contrast):
    """Each kernel alone moves a pixel by its weight times the mean of its neighbours, on any image."""
    probabilities, image = a_scene((6, 6), seed=1)
    image = contrast * image
    # All neighbours believe the same, whatever their kernels: m1 = m2 = that, and the weights add up.
    probabilities[:] = [0.2, 0.3, 0.5]
    received = dense_crf(probabilities, image, steps=1, **{**KERNELS, "appearance": 4.0, "smoothness": 2.0})
    expected = probabilities * np.exp(6 * probabilities)
    np.testing.assert_allclose(received, expected / expected.sum(axis=-1, keepdims=True), atol=1e-10)
    # One pixel believes otherwise. On the flat image both kernels see it; its share is that of each kernel.
    probabilities[2, 2] = [0.9, 0.05, 0.05]
    settings = {**KERNELS, "appearance": 4.0, "smoothness": 2.0}
    received = dense_crf(probabilities, image, steps=1, **settings)
    np.testing.assert_allclose(received, by_program(probabilities, image, 1, **settings), atol=1e-10)


def test_the_pairs_left_out_and_the_symmetric_normalisation_change_little():
    """pydensecrf's defaults: it keeps a pixel's pair with itself, and normalises symmetrically."""
    image = np.zeros((16, 16, 3))
    image[:, 8:] = 0.6
    right = np.clip((np.arange(16) - 3) / 8, 0.1, 0.9)
    probabilities = np.tile(np.stack([1 - right, right], axis=-1), (16, 1, 1))
    settings = dict(appearance=4.0, sigma_xy=5.0, sigma_rgb=0.1, smoothness=1.0, smooth_sigma=2.0)
    ours = dense_crf(probabilities, image, 5, radius=16, **settings)
    default = by_program(probabilities, image, 5, **settings, normalization="symmetric", keep_self=True)
    assert np.abs(ours - default).max() < 0.1
    np.testing.assert_array_equal(ours.argmax(axis=-1), default.argmax(axis=-1))


def test_without_a_radius_pairs_reach_three_times_the_wider_kernel():
    probabilities, image = a_scene((1, 16), seed=3)
    for sigma_xy, smooth_sigma, radius in ((1.4, 0.5, 5), (0.5, 2.0, 6)):
        settings = {**KERNELS, "sigma_xy": sigma_xy, "smooth_sigma": smooth_sigma, "sigma_rgb": 9.0}
        default = dense_crf(probabilities, image, 1, **settings)
        others = [
            dense_crf(probabilities, image, 1, radius=r, **settings) for r in (radius - 1, radius, radius + 1)
        ]
        np.testing.assert_array_equal(default, others[1])
        assert all(np.any(default != other) for other in (others[0], others[2]))


def test_each_pair_of_pixels_comes_once():
    image = np.random.default_rng(0).random((4, 5, 1))
    places = np.arange(20).reshape(4, 5)
    pairs = [
        tuple(sorted(pair))
        for here, there, _ in pair_kernels(image, 2, 1, 1, 1)
        for pair in zip(places[here].ravel(), places[there].ravel(), strict=True)
    ]
    expected = {
        (a, b)
        for a in range(20)
        for b in range(a + 1, 20)
        if max(abs(a // 5 - b // 5), abs(a % 5 - b % 5)) <= 2
    }
    assert len(pairs) == len(set(pairs)) and set(pairs) == expected


def test_a_blurred_edge_snaps_to_the_edge_of_the_colours():
    image = np.zeros((20, 20, 3))
    image[:, 10:] = 0.8
    blurred = np.clip((np.arange(20) - 6) / 8, 0.05, 0.95)  # 0.5 at column 10, blurred over eight
    shifted = np.clip((np.arange(20) - 4) / 8, 0.05, 0.95)  # 0.5 two columns too early
    for right in (blurred, shifted):
        probabilities = np.broadcast_to(np.stack([1 - right, right], axis=-1), (20, 20, 2))
        refined = dense_crf(probabilities, image)[..., 1] > 0.5
        assert np.array_equal(refined, image[..., 0] > 0.4)


def test_the_field_goes_on_step_by_step():
    probabilities, image = a_scene((5, 6), seed=2, classes=2)
    field = mean_field(probabilities, image, **KERNELS)
    for steps in range(4):
        np.testing.assert_array_equal(next(field), dense_crf(probabilities, image, steps, **KERNELS))


def test_no_steps_no_change_and_marginals_sum_to_one():
    probabilities, image = a_scene((5, 6), seed=1, classes=2)
    np.testing.assert_array_equal(dense_crf(probabilities, image, steps=0), probabilities)
    np.testing.assert_allclose(dense_crf(probabilities, image).sum(axis=-1), 1, atol=1e-12)
    alone = dense_crf(probabilities[:1, :1], image[:1, :1])
    np.testing.assert_allclose(alone, probabilities[:1, :1], atol=1e-12)


def test_refuses():
    with pytest.raises(InputError, match="softmax"):
        dense_crf(np.ones((4, 4, 3)), np.zeros((4, 4, 3)))
    with pytest.raises(InputError, match=r"\(4, 4, 3\) and \(5, 4, 3\)"):
        dense_crf(np.ones((4, 4, 3)) / 3, np.zeros((5, 4, 3)))
    with pytest.raises(InputError, match="sigma_xy=0"):
        dense_crf(np.ones((4, 4, 2)) / 2, np.zeros((4, 4, 3)), sigma_xy=0)
    with pytest.raises(InputError, match="steps"):
        dense_crf(np.ones((4, 4, 2)) / 2, np.zeros((4, 4, 3)), steps=-1)
