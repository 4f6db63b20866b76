import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.reconstruct.convolutional_autoencoder import ConvolutionalAutoencoder
from tests.harness import Case, noise_images
from tests.reconstruct import autoencoder_claims

_images = noise_images(8, 7, 9, 2)
CASES = {
    "convolutional_autoencoder": Case(
        make=lambda: ConvolutionalAutoencoder((7, 9, 2), latent=10, filters=(8, 12), activation="tanh"),
        inputs=_images,
        targets=_images,
        loss="mse",
        signature=(None, 7, 9, 2),
    )
}


@pytest.mark.parametrize("shape", autoencoder_claims.SHAPES)
def test_any_image_goes_through_a_code_of_the_latent_size(shape):
    autoencoder_claims.image_has_a_code_of_the_latent_size(ConvolutionalAutoencoder, shape)


def test_the_image_depends_on_nothing_but_its_own_code():
    autoencoder_claims.image_depends_on_its_own_code_alone(ConvolutionalAutoencoder)


def test_the_number_of_parameters_by_hand():
    """One stage of 8 filters, a code of 3."""
    model = ConvolutionalAutoencoder((5, 4, 1), latent=3, filters=(8,))
    model.build((None, 5, 4, 1))
    encoder, decoder = (9 * 8 + 8) + (3 * 2 * 8 * 3 + 3), (3 * 48 + 48) + (9 * 8 + 1)
    assert model.count_params() == encoder + decoder


def test_bad_arguments():
    autoencoder_claims.bad_shapes_are_refused(ConvolutionalAutoencoder)
    for filters in ((), (8, 0)):
        with pytest.raises(InputError, match="filters="):
            ConvolutionalAutoencoder(filters=filters)
