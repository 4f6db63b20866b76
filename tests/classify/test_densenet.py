import keras
import numpy as np
import pytest

from keras_cv_course.classify.densenet import DenseLayer, DenseNet, Transition
from keras_cv_course.errors import InputError
from tests.harness import Case, classification, free_size, noise_images

CASES = {
    "densenet": Case(
        make=lambda: DenseNet(blocks=(1, 1), growth=6, compression=0.7, stem="3x3", classes=3),
        published={
            "DenseNet-121": (DenseNet.densenet121, (None, 224, 224, 3), 7_978_856),
            "DenseNet-BC, 100 layers, growth 12": (DenseNet.cifar, (None, 32, 32, 3), 769_162),
        },
        large=True,
        **free_size(3),
        **classification(noise_images(6, 17, 18, 3)),
    )
}

rng = np.random.default_rng(0)
images = rng.random((2, 16, 12, 3), dtype="float32")


def test_feature_maps_of_table_1():
    endpoints = DenseNet.densenet121().endpoints(keras.KerasTensor((None, 224, 224, 3)))
    assert {name: tuple(maps.shape)[1:] for name, maps in endpoints.items()} == {
        "stem": (112, 112, 64),
        "block1": (56, 56, 256),
        "block2": (28, 28, 512),
        "block3": (14, 14, 1024),
        "block4": (7, 7, 1024),
        "features": (7, 7, 1024),
    }


def test_a_dense_layer_keeps_what_came_in_and_adds_its_own():
    layer = DenseLayer(4)
    output = np.asarray(layer(images))
    assert output.shape == layer.compute_output_shape(images.shape) == (2, 16, 12, 7)
    np.testing.assert_array_equal(output[..., :3], images)
    # norm - ReLU - conv, twice, from its own weights
    ops, root = keras.ops, np.float32(np.sqrt(1 + 1.001e-5))
    new = ops.conv(ops.relu(images / root), layer.conv1.kernel, padding="same")
    new = ops.conv(ops.relu(new / root), layer.conv2.kernel, padding="same")
    np.testing.assert_allclose(output[..., 3:], new, atol=1e-5)


def test_a_transition_mixes_before_it_pools():
    layer = Transition(5)
    maps = rng.standard_normal((2, 7, 6, 3), dtype="float32")
    output = layer(maps)
    mixed = np.maximum(maps, 0) / np.sqrt(1 + 1.001e-5) @ np.asarray(layer.conv.kernel)[0, 0]
    pooled = mixed[:, :6].reshape(2, 3, 2, 3, 2, 5).mean(axis=(2, 4))
    np.testing.assert_allclose(output, pooled, atol=1e-5)


def test_channels_grow_and_are_compressed():
    model = DenseNet(blocks=(3, 2), growth=5, compression=0.7, stem="3x3", classes=4)
    endpoints = model.endpoints(images)
    # 10 + 3 * 5 = 25; int(25 * 0.7) = 17; 17 + 2 * 5 = 27
    sizes = {name: np.shape(maps)[1:] for name, maps in endpoints.items()}
    assert sizes["stem"] == (16, 12, 10) and sizes["block1"] == (16, 12, 25)
    assert sizes["block2"] == sizes["features"] == (8, 6, 27)
    # Every layer's output is still there at its block's end.
    np.testing.assert_array_equal(endpoints["block1"][..., :10], endpoints["stem"])
    logits = model(images)
    np.testing.assert_array_equal(model.classify(endpoints["features"]), logits)
    means = np.asarray(endpoints["features"]).mean(axis=(1, 2))
    np.testing.assert_allclose(means @ np.asarray(model.classifier.kernel), logits, atol=1e-5)


def test_depth_counts_layers():
    for depth, growth in ((22, 12), (40, 12), (100, 12)):
        model = DenseNet.cifar(depth, growth)
        # stem, two convolutions a dense layer, two transitions, the dense layer of logits
        assert 1 + 2 * sum(model.blocks) + 2 + 1 == depth
    with pytest.raises(InputError, match="6n \\+ 4 layers.*got 101"):
        DenseNet.cifar(101)


def test_bad_arguments():
    with pytest.raises(InputError, match="blocks, growth and classes"):
        DenseNet(blocks=(6, 0))
    for share in (0, 1.2):
        with pytest.raises(InputError, match="compression is a share"):
            DenseNet(compression=share)
    with pytest.raises(InputError, match="'7x7', '3x3'"):
        DenseNet(stem="5x5")
