import keras
import numpy as np
import pytest

from keras_cv_course.baselines.principal_components import PrincipalComponents
from keras_cv_course.errors import InputError
from keras_cv_course.reconstruct.dense_autoencoder import DenseAutoencoder
from tests.harness import Case, noise_images
from tests.reconstruct import autoencoder_claims

_images = noise_images(8, 7, 9, 2)
CASES = {
    "dense_autoencoder": Case(
        make=lambda: DenseAutoencoder(
            image_shape=(7, 9, 2),
            latent=10,
            hidden=(32,),
            activation="tanh",
            code_activation="tanh",
            output_activation="linear",
        ),
        inputs=_images,
        targets=_images,
        loss="mse",
        signature=(None, 7, 9, 2),
    )
}


def images_of_five_patterns(count=200, side=4):
    """Images of five fixed patterns at random strengths, with a little noise: PCA is at home here."""
    rng = np.random.default_rng(0)
    patterns = rng.standard_normal((5, side * side)) * np.array([[4], [3], [2], [1], [0.5]]) / 10
    flat = rng.standard_normal((count, 5)) @ patterns + 0.01 * rng.standard_normal((count, side * side))
    return (0.5 + flat).astype("float32").reshape(count, side, side, 1)


@pytest.mark.parametrize("shape", autoencoder_claims.SHAPES)
def test_any_image_goes_through_a_code_of_the_latent_size(shape):
    autoencoder_claims.image_has_a_code_of_the_latent_size(DenseAutoencoder, shape)


def test_the_image_depends_on_nothing_but_its_own_code():
    autoencoder_claims.image_depends_on_its_own_code_alone(DenseAutoencoder)


def test_the_size_of_the_tutorial():
    """784 * 64 + 64 and 64 * 784 + 784, by hand."""
    model = DenseAutoencoder()
    model.build((None, 28, 28, 1))
    assert model.count_params() == 101_200


def test_a_linear_autoencoder_approaches_pca_and_cannot_beat_it():
    images, steps = images_of_five_patterns(), 1000
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


def test_bad_arguments():
    autoencoder_claims.bad_shapes_are_refused(DenseAutoencoder)
    with pytest.raises(InputError, match="hidden="):
        DenseAutoencoder(hidden=(16, 0))
