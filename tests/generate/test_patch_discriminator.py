import keras
import numpy as np
import pytest
from keras import ops

from keras_cv_course.errors import InputError
from keras_cv_course.generate.patch_discriminator import PatchDiscriminator
from tests.harness import Case, free_size, noise_images, real_or_generated
from tests.reference.adversarial_forward import patch_discriminator
from tests.segment.fixed import arrays, set_weights

CASES = {
    "patch_discriminator": Case(
        make=lambda: PatchDiscriminator(filters=(6, 8), norm="batch"),
        published={
            "CycleGAN": (PatchDiscriminator, (None, 256, 256, 3), 2_764_737),
            "pix2pix": (lambda: PatchDiscriminator(norm="batch"), (None, 256, 256, 6), 2_768_705),
        },
        large=True,
        **free_size(2, 16, 24),
        **real_or_generated(noise_images(4, 8, 8, 2), map_shape=(2, 2)),
    )
}


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_it_equals_a_slow_forward_pass(norm, training):
    model = PatchDiscriminator((3, 4, 5), norm)
    model.build((None, 32, 24, 2))
    set_weights(model)
    some = np.random.default_rng(0).random((4, 32, 24, 2), dtype="float32")
    convolutions = [arrays(layer) for layer in (*model.downsampling, model.last, model.to_logits)]
    layers = [(kernel, bias[0] if bias else 0.0) for kernel, *bias in convolutions]
    norms = [arrays(norm) or None for norm in model.norms]
    expected = patch_discriminator(some, layers, norms, training)
    np.testing.assert_allclose(model(some, training=training), expected, rtol=1e-3, atol=1e-3)
    assert np.std(expected) > 0.1


def touched(model, size, row, column):
    """Which pixels of the image one output of the model depends on."""
    model.build((None, size, size, 1))
    # All weights positive and no normalisation across the image: no two paths cancel.
    model.set_weights([np.abs(weight) + 0.01 for weight in model.get_weights()])
    place = keras.Input((size, size, 1))
    output = keras.Model(place, model(place)[:, row, column])
    image = np.full((1, size, size, 1), 0.75, "float32")
    return gradient(output, image)[0, ..., 0] != 0


def gradient(model, image):
    """d model(image) / d image, on the backend in use."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        image = tf.constant(image)
        with tf.GradientTape() as tape:
            tape.watch(image)
            output = model(image)
        return tape.gradient(output, image).numpy()
    import jax

    state = model.trainable_variables, model.non_trainable_variables
    return np.asarray(jax.grad(lambda x: ops.sum(model.stateless_call(*state, x)[0]))(image))


@pytest.mark.parametrize(
    ("filters", "size", "sees"), [((4, 4, 4, 4), 128, 70), ((4, 4, 4), 64, 34), ((4, 4), 32, 16)]
)
def test_an_output_sees_exactly_its_patch(filters, size, sees):
    # Batch normalisation with its running statistics leaves places apart.
    model = PatchDiscriminator(filters, norm="batch")
    middle = size // 2 ** (len(filters) - 1) // 2 - 1
    seen = touched(model, size, middle, middle)
    assert seen.sum() == sees**2
    rows, columns = seen.any(axis=1), seen.any(axis=0)
    assert rows.sum() == columns.sum() == sees
    assert np.all(np.diff(np.flatnonzero(rows)) == 1) and np.all(np.diff(np.flatnonzero(columns)) == 1)


def test_neighbouring_outputs_lie_8_pixels_apart():
    model = PatchDiscriminator((4, 4, 4, 4), norm="batch")
    first = [np.flatnonzero(touched(model, 128, 6, column).any(axis=0))[0] for column in (6, 7)]
    assert first[1] - first[0] == 8


def test_256_pixels_give_30_outputs_of_any_size():
    model = PatchDiscriminator((2, 2, 2, 2))
    assert model(keras.KerasTensor((2, 256, 256, 3))).shape == (2, 30, 30, 1)
    assert model(np.zeros((1, 96, 64, 3), "float32")).shape == (1, 10, 6, 1)


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_biases_are_where_the_published_networks_have_them(norm):
    model = PatchDiscriminator((2, 3, 4), norm=norm)
    model.build((None, 32, 32, 3))
    biases = [weight.shape for weight in model.weights if weight.path.endswith("bias")]
    assert biases == ([(2,), (3,), (4,), (1,)] if norm == "instance" else [(2,), (1,)])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: PatchDiscriminator((4,)), "two numbers or more"),
        (lambda: PatchDiscriminator(norm="layer"), "'layer'"),
        (lambda: PatchDiscriminator().build((None, 28, 28, 3)), "32 pixels or more.*28"),
    ],
)
def test_bad_arguments_say_what_to_do(make, said):
    with pytest.raises(InputError, match=said):
        make()
