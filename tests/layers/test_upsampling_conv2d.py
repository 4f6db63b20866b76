"""The same numbers and gradients as Keras' transposed convolution, and as ONNX's reference operator."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_cv_course.errors import InputError
from keras_cv_course.layers.upsampling_conv2d import UpsamplingConv2D

SIZES = [(1, (4, 5)), (2, (3, 4)), (3, (2, 5)), (8, (1, 3))]


@pytest.mark.parametrize("factor, shape", SIZES)
def test_equals_conv2d_transpose(factor, shape):
    rng = np.random.default_rng(factor)
    images = tf.constant(rng.normal(size=(2, *shape, 3)).astype("float32"))
    ours = UpsamplingConv2D(4, factor)
    theirs = keras.layers.Conv2DTranspose(4, 2 * factor, strides=factor, padding="same")
    outputs, gradients = [], []
    weights = rng.normal(size=(2 * factor, 2 * factor, 4, 3)), rng.normal(size=4)
    for layer in (ours, theirs):
        layer.build(images.shape)
        layer.set_weights(weights)
        with tf.GradientTape() as tape:
            tape.watch(images)
            outputs.append(layer(images))
            loss = tf.reduce_sum(outputs[-1] ** 2)
        gradients.append(tape.gradient(loss, [images, layer.kernel.value, layer.bias.value]))
    assert tuple(ours.compute_output_shape(images.shape)) == tuple(outputs[1].shape)
    np.testing.assert_allclose(*outputs, atol=1e-4)
    for mine, theirs_too in zip(*gradients, strict=True):
        np.testing.assert_allclose(mine, theirs_too, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize("factor, shape", SIZES)
def test_equals_onnx_conv_transpose(factor, shape):
    """The NumPy operator that the ONNX project ships."""
    helper = pytest.importorskip("onnx.helper")
    from onnx import TensorProto
    from onnx.reference import ReferenceEvaluator

    # "same" padding of a kernel of twice the stride cuts half a stride off either side; the odd pixel goes at the end.
    before = factor // 2
    node = helper.make_node(
        "ConvTranspose",
        ["X", "W", "B"],
        ["Y"],
        strides=[factor] * 2,
        pads=[before] * 2 + [factor - before] * 2,
    )
    names = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "XWBY"]
    graph = helper.make_graph([node], "transposed", names[:3], names[3:])
    rng = np.random.default_rng(factor)
    layer = UpsamplingConv2D(4, factor)
    layer.build((None, *shape, 3))
    kernel, bias = (rng.normal(size=size).astype("float32") for size in (layer.kernel.shape, 4))
    layer.set_weights([kernel, bias])
    images = rng.normal(size=(2, *shape, 3)).astype("float32")
    inputs = {"X": images.transpose(0, 3, 1, 2), "W": kernel.transpose(3, 2, 0, 1), "B": bias}
    (expected,) = ReferenceEvaluator(helper.make_model(graph)).run(None, inputs)
    np.testing.assert_allclose(layer(images), expected.transpose(0, 2, 3, 1), atol=1e-4)


def test_configuration_comes_back_and_a_factor_below_one_is_refused():
    layer = UpsamplingConv2D(2, 4, use_bias=False)
    again = UpsamplingConv2D.from_config(layer.get_config())
    assert (again.factor, again.strides, again.kernel_size, again.use_bias) == (4, (4, 4), (8, 8), False)
    with pytest.raises(InputError, match="factor=0"):
        UpsamplingConv2D(2, 0)
