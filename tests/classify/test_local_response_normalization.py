import keras
import numpy as np
import pytest

from keras_cv_course.classify.local_response_normalization import LocalResponseNormalization
from keras_cv_course.errors import InputError

features = np.random.default_rng(0).normal(0, 20, (2, 3, 4, 7)).astype("float32")


def slow(features, size, bias, alpha, beta):
    """The formula of section 3.3, one number at a time."""
    out, channels = np.zeros(features.shape), features.shape[-1]
    for place in np.ndindex(*features.shape[:-1]):
        for i in range(channels):
            near = range(max(0, i - size // 2), min(channels - 1, i + size // 2) + 1)
            energy = sum(float(features[place][j]) ** 2 for j in near)
            out[place][i] = features[place][i] / (bias + alpha * energy) ** beta
    return out


@pytest.mark.parametrize("size", [1, 3, 5, 9])
def test_equals_the_papers_sum(size):
    layer = LocalResponseNormalization(size, bias=1.5, alpha=0.01, beta=0.6)
    np.testing.assert_allclose(
        np.asarray(layer(features)), slow(features, size, 1.5, 0.01, 0.6), rtol=1e-5, atol=1e-5
    )


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the peer is TensorFlow's own")
def test_the_defaults_equal_tensorflows_at_the_papers_constants():
    import tensorflow as tf

    theirs = tf.nn.local_response_normalization(features, depth_radius=2, bias=2.0, alpha=1e-4, beta=0.75)
    np.testing.assert_allclose(np.asarray(LocalResponseNormalization()(features)), theirs, rtol=1e-5)


def test_configuration_and_bad_size():
    layer = LocalResponseNormalization(3, 1.0, 0.5, 0.25)
    twin = LocalResponseNormalization.from_config(layer.get_config())
    np.testing.assert_array_equal(np.asarray(twin(features)), np.asarray(layer(features)))
    for size in (0, 4):
        with pytest.raises(InputError, match=f"got size={size}"):
            LocalResponseNormalization(size)
