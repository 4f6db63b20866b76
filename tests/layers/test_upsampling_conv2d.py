"""The same numbers and gradients as Keras' transposed convolution."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_cv_course.errors import InputError
from keras_cv_course.layers.enlarging import Enlarging


@pytest.mark.parametrize("factor, shape", [(1, (4, 5)), (2, (3, 4)), (3, (2, 5)), (8, (1, 3))])
def test_equals_conv2d_transpose(factor, shape):
    rng = np.random.default_rng(factor)
    images = tf.constant(rng.normal(size=(2, *shape, 3)).astype("float32"))
    ours = Enlarging(4, factor)
    theirs = keras.layers.Conv2DTranspose(4, 2 * factor, strides=factor, padding="same")
    answers, gradients = [], []
    weights = rng.normal(size=(2 * factor, 2 * factor, 4, 3)), rng.normal(size=4)
    for layer in (ours, theirs):
        layer.build(images.shape)
        layer.set_weights(weights)
        with tf.GradientTape() as tape:
            tape.watch(images)
            answers.append(layer(images))
            loss = tf.reduce_sum(answers[-1] ** 2)
        gradients.append(tape.gradient(loss, [images, layer.kernel.value, layer.bias.value]))
    assert tuple(ours.compute_output_shape(images.shape)) == tuple(answers[1].shape)
    np.testing.assert_allclose(*answers, atol=1e-4)
    for mine, theirs_too in zip(*gradients, strict=True):
        np.testing.assert_allclose(mine, theirs_too, rtol=1e-3, atol=1e-2)


def test_it_is_saved_and_refuses():
    layer = Enlarging(2, 4, use_bias=False)
    again = Enlarging.from_config(layer.get_config())
    assert (again.factor, again.strides, again.kernel_size, again.use_bias) == (4, (4, 4), (8, 8), False)
    with pytest.raises(InputError, match="factor=0"):
        Enlarging(2, 0)
