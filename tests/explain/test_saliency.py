import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.explain.saliency import gradient_saliency, smooth_saliency, strength
from tests.explain.linear_network import linear_network
from tests.explain.test_input_gradient import network

rng = np.random.default_rng(0)
IMAGES = rng.random((3, 6, 5, 2), dtype="float32")
CLASSES = [2, 0, 1]


def test_a_linear_networks_gradient_is_its_weights_with_any_noise():
    model, kernel = linear_network(IMAGES.shape[1:])
    np.testing.assert_allclose(gradient_saliency(model, IMAGES, CLASSES), kernel[CLASSES], atol=1e-6)
    smooth = smooth_saliency(model, IMAGES, CLASSES, samples=3, noise=0.5)
    np.testing.assert_allclose(smooth, kernel[CLASSES], atol=1e-5)


def test_noise_changes_the_gradient_of_a_curved_network_and_none_does_not():
    model = network()
    plain = gradient_saliency(model, IMAGES, CLASSES)
    same = smooth_saliency(model, IMAGES, CLASSES, samples=1, noise=0)
    np.testing.assert_allclose(same, plain, atol=1e-6)
    noisy = [smooth_saliency(model, IMAGES, CLASSES, samples=2, noise=0.5, seed=seed) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(noisy[0], noisy[1])
    assert np.abs(noisy[0] - noisy[2]).max() > 1e-3 and np.abs(noisy[0] - plain).max() > 1e-3


def test_noise_is_a_share_of_each_images_own_range(monkeypatch):
    seen = []
    gradients = "keras_cv_course.explain.saliency.InputGradient"
    monkeypatch.setattr(gradients, lambda score, shape: lambda images: seen.append(images) or images)
    images = np.stack([IMAGES[0], 10 * IMAGES[0]])
    model, _ = linear_network(IMAGES.shape[1:])
    smooth_saliency(model, images, [0, 0], samples=50, noise=0.1)
    added = np.std(np.stack(seen) - images, axis=(0, 2, 3, 4))
    np.testing.assert_allclose(added, 0.1 * np.ptp(images, axis=(1, 2, 3)), rtol=0.1)


def test_strength_is_that_of_the_strongest_channel():
    gradients = np.float32([[[[1, -3], [2, 0.5]]]])
    np.testing.assert_array_equal(strength(gradients), [[[3, 2]]])
    np.testing.assert_array_equal(strength(gradients, "squared"), [[[9, 4]]])
    with pytest.raises(InputError, match="one of absolute, squared"):
        strength(gradients, "signed")


def test_bad_arguments():
    model, _ = linear_network(IMAGES.shape[1:])
    for wrong in ({"samples": 0}, {"noise": -1}, {"noise": float("nan")}):
        with pytest.raises(InputError, match="expected 1 sample or more"):
            smooth_saliency(model, IMAGES, CLASSES, **wrong)
