"""What must hold for every autoencoder that has `encode` and `decode`."""

import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError

SHAPES = ((8, 8, 1), (28, 28, 1), (7, 10, 3), (1, 5, 2))


def images_of(shape, count=5, seed=0):
    return np.random.default_rng(seed).random((count, *shape), dtype="float32")


def image_has_a_code_of_the_latent_size(make, shape):
    """Decoding an image's code is the call of the model, and gives pixels in [0, 1]."""
    model, images = make(image_shape=shape, latent=6), images_of(shape)
    codes = model.encode(images)
    assert codes.shape == (5, 6)
    again = keras.ops.convert_to_numpy(model(images))
    assert again.shape == images.shape and again.min() >= 0 and again.max() <= 1
    np.testing.assert_allclose(again, keras.ops.convert_to_numpy(model.decode(codes)), atol=1e-6)


def image_depends_on_its_own_code_alone(make):
    """Every number of the code counts, and one image's code does not touch another image."""
    model = make(image_shape=(8, 8, 1), latent=3)
    codes = np.random.default_rng(0).standard_normal((4, 3)).astype("float32")
    decoded = keras.ops.convert_to_numpy(model.decode(codes))
    for place in range(3):
        moved = codes.copy()
        moved[2, place] += 1
        difference = np.abs(keras.ops.convert_to_numpy(model.decode(moved)) - decoded).max(axis=(1, 2, 3))
        assert difference[2] > 1e-4, place
        assert difference[[0, 1, 3]].max() < 1e-6


def bad_shapes_are_refused(make):
    with pytest.raises(InputError, match="image_shape must be .* received \\(28, 28\\)"):
        make(image_shape=(28, 28))
    with pytest.raises(InputError, match="image_shape must be"):
        make(image_shape=(0, 28, 1))
    with pytest.raises(InputError, match="latent=0"):
        make(latent=0)
    with pytest.raises(InputError, match=r"expected images \(N, 28, 28, 1\), received \(None, 8, 8, 1\)"):
        make().build((None, 8, 8, 1))
    with pytest.raises(InputError, match=r"expected images \(N, 28, 28, 1\)"):
        make()(images_of((28, 28, 3)))
