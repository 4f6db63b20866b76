import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_cv_course.errors import InputError
from keras_cv_course.training.inception_features import InceptionFeatures

images = np.random.default_rng(0).random((3, 20, 24, 1), dtype="float32")


@pytest.fixture(scope="module")
def eyes():
    keras.utils.set_random_seed(0)
    return InceptionFeatures(weights=None, block=2)


def test_features_are_the_last_pooling_of_the_network_of_keras(eyes):
    theirs = keras.applications.InceptionV3(
        include_top=False, weights=None, pooling="avg", input_shape=(299, 299, 3)
    )
    theirs.set_weights(eyes.network.get_weights())
    large = tf.image.resize(np.repeat(images, 3, axis=-1), (299, 299)).numpy()
    expected = theirs.predict(keras.applications.inception_v3.preprocess_input(255 * large), verbose=0)
    found = eyes(images)
    assert found.shape == (3, 2048) and expected.std() > 0
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


def test_bad_images_get_one_line(eyes):
    for bad, said in (
        (images[0], "N, H, W, 1 or 3"),
        (2 * images, r"in \[0, 1\]"),
        (images[:0], "at least 1"),
    ):
        with pytest.raises(InputError, match=said):
            eyes(bad)
    broken = images.copy()
    broken[0, 0, 0] = np.nan
    with pytest.raises(InputError, match="nan"):
        eyes(broken)
