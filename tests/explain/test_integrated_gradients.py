import numpy as np
import pytest
from keras.ops import convert_to_numpy

from keras_cv_course.errors import InputError
from keras_cv_course.explain.input_gradient import class_score
from keras_cv_course.explain.integrated_gradients import integrated_gradients
from tests.explain.linear_network import linear_network
from tests.explain.test_input_gradient import network

rng = np.random.default_rng(0)
IMAGES = rng.random((3, 6, 5, 2), dtype="float32")
CLASSES = [2, 0, 1]


@pytest.mark.parametrize(
    "baseline", [0.0, 0.5, rng.random((6, 5, 2), dtype="float32")], ids=["black", "grey", "image"]
)
def test_an_images_numbers_sum_to_what_its_score_is_above_the_baselines(baseline):
    model = network()
    score = class_score(model, IMAGES, CLASSES)
    base = np.broadcast_to(np.float32(baseline), IMAGES.shape)
    expected = convert_to_numpy(score(IMAGES)) - convert_to_numpy(score(base))
    attributions = integrated_gradients(model, IMAGES, CLASSES, baseline, steps=16)
    assert np.abs(expected).min() > 0.005
    np.testing.assert_allclose(attributions.sum(axis=(1, 2, 3)), expected, atol=1e-3)


def test_a_linear_network_needs_one_step():
    model, kernel = linear_network(IMAGES.shape[1:])
    attributions = integrated_gradients(model, IMAGES, CLASSES, baseline=0.5, steps=1)
    np.testing.assert_allclose(attributions, (IMAGES - 0.5) * kernel[CLASSES], atol=1e-5)


def test_bad_arguments():
    model, _ = linear_network(IMAGES.shape[1:])
    with pytest.raises(InputError, match="1 step or more"):
        integrated_gradients(model, IMAGES, CLASSES, steps=0)
    with pytest.raises(InputError, match="baseline must be a number or an array like the images"):
        integrated_gradients(model, IMAGES, CLASSES, baseline=np.zeros((4, 4)))
