import keras
import numpy as np
import pytest
from sklearn.decomposition import PCA

from keras_cv_course.baselines.principal_components import PrincipalComponents
from keras_cv_course.errors import InputError
from keras_cv_course.reconstruct.convolutional_autoencoder import ConvolutionalAutoencoder
from keras_cv_course.reconstruct.dense_autoencoder import DenseAutoencoder
from keras_cv_course.reconstruct.latent_space import compression_ratio, interpolate

both = pytest.mark.parametrize("make", (DenseAutoencoder, ConvolutionalAutoencoder))


def images_of(shape, count=5, seed=0):
    return np.random.default_rng(seed).random((count, *shape), dtype="float32")


def blobs(count=200, side=4):
    """Images of five fixed patterns at random strengths, with a little noise: PCA is at home here."""
    rng = np.random.default_rng(0)
    patterns = rng.standard_normal((5, side * side)) * np.array([[4], [3], [2], [1], [0.5]]) / 10
    flat = rng.standard_normal((count, 5)) @ patterns + 0.01 * rng.standard_normal((count, side * side))
    return (0.5 + flat).astype("float32").reshape(count, side, side, 1)


@both
@pytest.mark.parametrize("shape", ((8, 8, 1), (28, 28, 1), (7, 10, 3), (1, 5, 2)))
def test_any_image_goes_through_a_code_of_the_latent_size(make, shape):
    model, images = make(image_shape=shape, latent=6), images_of(shape)
    codes = model.encode(images)
    assert codes.shape == (5, 6)
    again = keras.ops.convert_to_numpy(model(images))
    assert again.shape == images.shape and again.min() >= 0 and again.max() <= 1
    np.testing.assert_allclose(again, keras.ops.convert_to_numpy(model.decode(codes)), atol=1e-6)


@both
def test_the_image_depends_on_nothing_but_its_own_code(make):
    """Every number of the code counts, and one image's code does not touch another image."""
    model = make(image_shape=(8, 8, 1), latent=3)
    codes = np.random.default_rng(0).standard_normal((4, 3)).astype("float32")
    drawn = keras.ops.convert_to_numpy(model.decode(codes))
    for place in range(3):
        moved = codes.copy()
        moved[2, place] += 1
        difference = np.abs(keras.ops.convert_to_numpy(model.decode(moved)) - drawn).max(axis=(1, 2, 3))
        assert difference[2] > 1e-4, place
        assert difference[[0, 1, 3]].max() < 1e-6


def test_the_size_of_the_tutorial():
    """784 * 64 + 64 and 64 * 784 + 784, by hand; a stage of 8 filters and a code of 3 likewise."""
    model = DenseAutoencoder()
    model.build((None, 28, 28, 1))
    assert model.count_params() == 101_200
    model = ConvolutionalAutoencoder((5, 4, 1), latent=3, filters=(8,))
    model.build((None, 5, 4, 1))
    encoder, decoder = (9 * 8 + 8) + (3 * 2 * 8 * 3 + 3), (3 * 48 + 48) + (9 * 8 + 1)
    assert model.count_params() == encoder + decoder


def test_a_linear_autoencoder_approaches_pca_and_cannot_beat_it():
    images, steps = blobs(), 1000
    keras.utils.set_random_seed(0)
    model = DenseAutoencoder(image_shape=(4, 4, 1), latent=3, output_activation=None)
    rate = keras.optimizers.schedules.CosineDecay(0.02, steps)
    model.compile(keras.optimizers.Adam(rate), "mse", steps_per_execution=50)
    copies = np.concatenate([images] * steps)
    model.fit(copies, copies, batch_size=len(images), shuffle=False, verbose=0)
    linear = np.mean((keras.ops.convert_to_numpy(model(images)) - images) ** 2)
    pca = np.mean((PrincipalComponents(3).fit(images).predict(images) - images) ** 2)
    mean_image = np.mean((images.mean(axis=0) - images) ** 2)
    assert pca * 0.9999 <= linear <= pca * 1.02 < 0.2 * mean_image, (linear, pca, mean_image)


def test_principal_components_are_scikit_learns():
    train, test = blobs()[:150], blobs()[150:]
    ours, theirs = PrincipalComponents(3).fit(train), PCA(3).fit(train.reshape(150, 16))
    assert ours.encode(test).shape == (50, 3)
    expected = theirs.inverse_transform(theirs.transform(test.reshape(50, 16))).reshape(test.shape)
    np.testing.assert_allclose(ours.predict(test), expected, atol=1e-5)
    np.testing.assert_allclose(ours.decode(np.zeros((1, 3)))[0], train.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(PrincipalComponents(16).fit(train).predict(test), test, atol=1e-5)


def test_a_line_starts_and_ends_at_its_ends():
    start, end = images_of((3, 2), count=2)
    for steps in (2, 5):
        line = interpolate(start, end, steps)
        assert line.shape == (steps, 3, 2) and line.dtype == start.dtype
        np.testing.assert_array_equal(line[[0, -1]], [start, end])
    np.testing.assert_allclose(line[2], (start + end) / 2, atol=1e-6)
    np.testing.assert_allclose(
        np.diff(line, axis=0), np.broadcast_to((end - start) / 4, (4, 3, 2)), atol=1e-6
    )


def test_compression_counts_numbers():
    assert compression_ratio((8, 8, 1), 8) == 8
    assert compression_ratio((4, 6, 3), 16) == 4.5


def test_bad_arguments():
    for make in (DenseAutoencoder, ConvolutionalAutoencoder):
        with pytest.raises(InputError, match="image_shape must be .* got \\(28, 28\\)"):
            make(image_shape=(28, 28))
        with pytest.raises(InputError, match="image_shape must be"):
            make(image_shape=(0, 28, 1))
        with pytest.raises(InputError, match="latent=0"):
            make(latent=0)
        with pytest.raises(InputError, match=r"expected images \(N, 28, 28, 1\), got \(None, 8, 8, 1\)"):
            make().build((None, 8, 8, 1))
        with pytest.raises(InputError, match=r"expected images \(N, 28, 28, 1\)"):
            make()(images_of((28, 28, 3)))
    with pytest.raises(InputError, match="hidden="):
        DenseAutoencoder(hidden=(16, 0))
    for filters in ((), (8, 0)):
        with pytest.raises(InputError, match="filters="):
            ConvolutionalAutoencoder(filters=filters)
    for latent in (0, 17):
        with pytest.raises(InputError, match=f"latent={latent}"):
            PrincipalComponents(latent).fit(blobs(count=20))
    with pytest.raises(InputError, match="at least 1"):
        compression_ratio((8, 8, 1), 0)
    with pytest.raises(InputError, match="at least 2"):
        interpolate(np.zeros(3), np.ones(3), 1)
    with pytest.raises(InputError, match="one shape"):
        interpolate(np.zeros(3), np.ones(4), 5)
