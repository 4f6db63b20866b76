import itertools
import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.layers.deformable_convolution import DeformableConv2D, bilinear_samples, rms_radius

rng = np.random.default_rng(0)
images = rng.standard_normal((2, 7, 8, 3), dtype="float32")
SHAPES = [(3, 1, "same"), (3, 2, "same"), (3, 2, "valid"), (2, 1, "same"), (2, 3, "same"), (1, 1, "valid")]
SHAPES += [(5, 3, "same"), (4, 2, "same")]
every_shape = pytest.mark.parametrize("kernel_size, strides, padding", SHAPES)


def deformable(kernel_size=3, strides=1, padding="same", filters=4, offset=None, **options):
    """A layer with random kernel and bias, and one constant offset (down, right) if asked for."""
    layer = DeformableConv2D(filters, kernel_size, strides, padding, **options)
    layer.build(images.shape)
    layer.kernel.assign(rng.standard_normal(layer.kernel.shape))
    layer.bias.assign(rng.standard_normal(filters))
    if offset is not None:
        layer.offset_convolution.bias.assign(np.tile(offset, kernel_size**2))
    return layer


def plain(layer, inputs):
    """What a Conv2D with the same kernel and bias makes."""
    twin = keras.layers.Conv2D(layer.filters, layer.kernel_size, layer.strides, layer.padding)
    twin.build(inputs.shape)
    twin.set_weights([layer.kernel, layer.bias])
    return np.asarray(twin(inputs))


def moved(inputs, down, right):
    """x(p + offset): what is `down` and `right` of a pixel comes to its place, zeros from outside."""
    padded = np.pad(inputs, ((0, 0), (9, 9), (9, 9), (0, 0)))
    _, height, width, _ = inputs.shape
    return padded[:, 9 + down : 9 + down + height, 9 + right : 9 + right + width]


def test_sampling_is_equations_3_and_4_summed_over_all_pixels():
    points = rng.uniform(-2.5, 10, (2, 40, 2)).astype("float32")
    points[:, :6] = [[0, 0], [6, 7], [-1, 3], [7, 8], [3.5, -0.5], [6.25, 7.75]]
    samples = np.asarray(bilinear_samples(images, points))
    for n, place in np.ndindex(2, 40):
        y, x = points[n, place]
        expected = sum(
            max(0, 1 - abs(row - y)) * max(0, 1 - abs(column - x)) * images[n, row, column]
            for row, column in np.ndindex(7, 8)
        )
        np.testing.assert_allclose(samples[n, place], expected, atol=1e-5)


@every_shape
def test_without_offsets_it_is_a_convolution(kernel_size, strides, padding):
    layer = deformable(kernel_size, strides, padding)
    output = np.asarray(layer(images))
    assert layer.compute_output_shape(images.shape) == output.shape
    np.testing.assert_allclose(output, plain(layer, images), rtol=0, atol=1e-5)


@pytest.mark.parametrize("down, right", [(1, 0), (0, -2), (-1, 3), (9, 9)])
def test_a_whole_offset_is_a_convolution_of_the_moved_image(down, right):
    # A kernel of 1 never looks outside by itself, so that zeros come from one place only.
    layer = deformable(1, 1, "valid", offset=(down, right))
    output = np.asarray(layer(images))
    np.testing.assert_allclose(output, plain(layer, moved(images, down, right)), rtol=0, atol=1e-5)
    inside = deformable(3, 1, "valid", offset=(1, -1))
    expected = plain(inside, np.pad(images, ((0, 0), (0, 1), (1, 0), (0, 0))))[:, 1:, :-1]
    np.testing.assert_allclose(inside(images), expected, rtol=0, atol=1e-5)


def test_a_half_offset_is_the_mean_of_two_neighbours():
    layer = deformable(1, offset=(0.5, 0))
    expected = plain(layer, (images + moved(images, 1, 0)) / 2)
    np.testing.assert_allclose(layer(images), expected, rtol=0, atol=1e-5)
    layer = deformable(1, offset=(-0.5, 0.5))
    four = [moved(images, down, right) for down, right in itertools.product((-1, 0), (0, 1))]
    np.testing.assert_allclose(layer(images), plain(layer, sum(four) / 4), rtol=0, atol=1e-5)


@every_shape
def test_equation_2_against_a_slow_loop(kernel_size, strides, padding):
    layer = deformable(kernel_size, strides, padding, filters=2)
    layer.offset_convolution.kernel.assign(0.5 * rng.standard_normal(layer.offset_convolution.kernel.shape))
    output, offsets = np.asarray(layer(images)), np.asarray(layer.offsets(images))
    points, kernel = np.asarray(layer.sampling_points(images)), np.asarray(layer.kernel)
    # Where "same" begins: Keras puts the odd zero below and on the right.
    begins = [0, 0]
    if padding == "same":
        begins = [
            -(max((count - 1) * strides + kernel_size - size, 0) // 2)
            for count, size in zip(output.shape[1:3], images.shape[1:3])
        ]
    assert offsets.shape == (*output.shape[:3], kernel_size, kernel_size, 2) and np.abs(offsets).max() > 1
    for n, row, column in np.ndindex(output.shape[:3]):
        total = np.asarray(layer.bias).copy()
        for a, b in np.ndindex(kernel_size, kernel_size):
            y = row * strides + begins[0] + a + offsets[n, row, column, a, b, 0]
            x = column * strides + begins[1] + b + offsets[n, row, column, a, b, 1]
            np.testing.assert_allclose(points[n, row, column, a, b], (y, x), atol=1e-5)
            rows = np.maximum(0, 1 - np.abs(np.arange(7) - y))
            columns = np.maximum(0, 1 - np.abs(np.arange(8) - x))
            total += np.einsum("h,w,hwc,cf->f", rows, columns, images[n], kernel[a, b])
        np.testing.assert_allclose(output[n, row, column], total, rtol=0, atol=1e-4)


def test_gradients_are_finite_differences_for_every_weight():
    keras.utils.set_random_seed(0)
    inputs, weights = images[:, :5, :4, :2], rng.standard_normal((2, 5, 4, 2), dtype="float32")
    model = keras.Sequential([keras.Input((5, 4, 2)), keras.layers.Conv2D(2, 1), DeformableConv2D(2, 2)])
    # Between the pixels everything is linear in each offset; these stay between them.
    model.layers[1].offset_convolution.bias.assign(rng.uniform(0.3, 0.7, 8))

    def linear(target, output):
        return keras.ops.sum(target * output)

    model.compile(keras.optimizers.SGD(1.0), loss=linear)
    before = model.get_weights()
    model.train_on_batch(inputs, weights)
    gradients = [old - new for old, new in zip(before, model.get_weights())]

    def loss_at(values):
        model.set_weights(values)
        return float(np.sum(weights * np.asarray(model(inputs)), dtype="float64"))

    for which, gradient in enumerate(gradients):
        assert np.isfinite(gradient).all() and np.any(gradient != 0), which
        for place in rng.permutation(list(np.ndindex(gradient.shape)))[:6]:
            place = tuple(place)
            both = []
            for step in (0.02, -0.02):
                values = [value.copy() for value in before]
                values[which][place] += step
                both.append(loss_at(values))
            np.testing.assert_allclose(gradient[place], (both[0] - both[1]) / 0.04, rtol=2e-3, atol=2e-3)


def test_rms_radius_is_the_spread_around_the_kernels_own_middle():
    points = rng.normal(0, 3, (2, 4, 3, 3, 2)).astype("float32")
    expected = np.sqrt(points.reshape(2, 4, 9, 2).var(axis=2).sum(axis=-1))
    np.testing.assert_allclose(rms_radius(points), expected, rtol=1e-5)
    plain = np.asarray(deformable(offset=(2.5, -1)).sampling_points(images))
    np.testing.assert_allclose(rms_radius(plain), np.full((2, 7, 8), np.sqrt(4 / 3)), rtol=1e-5)


def network():
    keras.utils.set_random_seed(0)
    layer = DeformableConv2D(4, 3, 2, "valid", "relu", False, "he_normal", 0.7, name="deformable")
    head = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((None, None, 3)), layer, *head])
    model.layers[0].offset_convolution.kernel.assign(
        0.2 * np.random.default_rng(1).standard_normal(layer.offset_convolution.kernel.shape)
    )
    return model


def test_compiled_equals_eager_and_offsets_learn():
    histories = []
    for jit in (True, False):
        model = network()
        before = np.asarray(model.layers[0].offset_convolution.kernel)
        model.compile("sgd", loss="mse", jit_compile=jit)
        history = model.fit(images, np.array([[1.0], [-1.0]]), epochs=3, shuffle=False, verbose=0)
        histories.append(history.history["loss"])
        assert np.all(np.asarray(model.layers[0].offset_convolution.kernel) != before)
    np.testing.assert_allclose(*histories, rtol=1e-4)


def test_saved_with_its_configuration(tmp_path):
    model = network()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(images), model(images))
    config = loaded.layers[0].get_config()
    assert json.loads(json.dumps(config)) == json.loads(json.dumps(model.layers[0].get_config()))
    expected = dict(filters=4, kernel_size=3, strides=2, padding="valid", activation="relu", use_bias=False)
    assert config.items() >= {**expected, "kernel_initializer": "he_normal", "offset_scale": 0.7}.items()


ON_JAX = """
import sys, numpy as np, keras, keras_cv_course.layers.deformable_convolution
model = keras.saving.load_model(sys.argv[1] + "/model.keras")
np.save(sys.argv[1] + "/there.npy", model(np.load(sys.argv[1] + "/images.npy")))
"""


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="compares JAX with TensorFlow")
def test_jax_gives_the_same_numbers_and_an_export_serves_any_size(tmp_path, monkeypatch):
    import tensorflow as tf

    model = network()
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "images.npy", images)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    subprocess.run([sys.executable, "-c", ON_JAX, str(tmp_path)], check=True, capture_output=True)
    np.testing.assert_allclose(np.load(tmp_path / "there.npy"), model(images), atol=1e-5)
    signature = [keras.InputSpec(shape=(None, None, None, 3), dtype="float32")]
    model.export(str(tmp_path / "serve"), verbose=False, input_signature=signature)
    served = tf.saved_model.load(str(tmp_path / "serve"))
    for inputs in (images, images[:1, :5, :6]):
        np.testing.assert_allclose(served.serve(tf.constant(inputs)), model(inputs), atol=1e-5)


def test_bfloat16_leaves_the_points_exact():
    layer = deformable(offset=(0.3, -0.6))
    half = DeformableConv2D(4, 3, dtype="mixed_bfloat16")
    half.build(images.shape)
    half.set_weights(layer.get_weights())
    output = half(images)
    assert keras.backend.standardize_dtype(output.dtype) == "bfloat16"
    np.testing.assert_array_equal(half.sampling_points(images), layer.sampling_points(images))
    output = np.asarray(keras.ops.cast(output, "float32"))
    np.testing.assert_allclose(output, np.asarray(layer(images)), atol=0.15)


def test_the_offset_scale_multiplies_the_offsets():
    offsets = rng.standard_normal(18).astype("float32")
    for rate in (1.0, 0.1):
        layer = deformable(offset_scale=rate)
        layer.offset_convolution.bias.assign(offsets)
        expected = np.broadcast_to(rate * offsets.reshape(3, 3, 2), (2, 7, 8, 3, 3, 2))
        np.testing.assert_allclose(layer.offsets(images), expected, rtol=1e-5)


def test_bad_arguments():
    for arguments in ((0,), (4, 0), (4, 3, 0)):
        with pytest.raises(InputError, match="at least 1"):
            DeformableConv2D(*arguments)
    with pytest.raises(InputError, match='"same" or "valid"'):
        DeformableConv2D(4, padding="full")
    with pytest.raises(InputError, match="offset_scale"):
        DeformableConv2D(4, offset_scale=0.0)
