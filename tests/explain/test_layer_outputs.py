import keras
import numpy as np
import pytest
from keras.ops import convert_to_numpy

from keras_cv_course.classify.efficientnet_lite import EfficientNetLite
from keras_cv_course.errors import InputError
from keras_cv_course.explain.layer_outputs import layer_gradient, layer_output

rng = np.random.default_rng(0)
IMAGES = rng.random((2, 32, 32, 3), dtype="float32")


def model():
    keras.utils.set_random_seed(0)
    network = EfficientNetLite.small(classes=3)
    network.build(IMAGES.shape)
    return network


def test_a_blocks_output_is_the_endpoint_and_the_network_stays_as_it_is():
    network = model()
    before = convert_to_numpy(network(IMAGES))
    block = network.blocks[2][-1]
    endpoint = convert_to_numpy(network.endpoints(IMAGES)["stage3"])
    np.testing.assert_array_equal(layer_output(network, IMAGES, block.name), endpoint)
    output, gradient = layer_gradient(network, IMAGES, [1, 2], block.name)
    np.testing.assert_array_equal(output, endpoint)
    assert gradient.shape == output.shape and "call" not in vars(block)
    np.testing.assert_array_equal(convert_to_numpy(network(IMAGES)), before)


def test_the_gradient_at_a_block_is_its_finite_difference():
    network = model()
    # Behind it: a 1x1 convolution, normalisation, ReLU6, the mean, a dense layer.
    block = network.blocks[3][-1]
    output, gradient = layer_gradient(network, IMAGES, [1, 2], block.name)

    def scores(maps):
        features = network.relu6(network.head_norm(network.head_conv(maps), training=False))
        return convert_to_numpy(network.classify(features)).astype("float64")[[0, 1], [1, 2]]

    direction, step = gradient / np.linalg.norm(gradient), 0.02
    difference = (scores(output + step * direction) - scores(output - step * direction)) / (2 * step)
    slope = (gradient * direction).sum(axis=(1, 2, 3))
    assert slope.min() > 0.1
    np.testing.assert_allclose(slope, difference, rtol=0.02)


def test_bad_arguments():
    network = model()
    with pytest.raises(InputError, match="no layer 'nowhere'; choose one of: .*stage1_block1"):
        layer_output(network, IMAGES, "nowhere")
    with pytest.raises(InputError, match="outputs in a pass, expected one tensor; choose another layer"):
        layer_output(network, IMAGES, network.relu6.name)
    with pytest.raises(InputError, match="classes are 0 to 2"):
        layer_gradient(network, IMAGES, [1, 3], "stage3_block1")
