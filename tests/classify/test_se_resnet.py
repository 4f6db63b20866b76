import keras
import numpy as np
import pytest

from keras_cv_course.classify.residual_block import ResidualBlock
from keras_cv_course.classify.resnet import ResNet
from keras_cv_course.classify.se_resnet import SEResidualBlock, SEResNet
from keras_cv_course.errors import InputError
from tests.harness import Case, classification, free_size, noise_images

CASES = {
    "se_resnet": Case(
        make=lambda: SEResNet(
            blocks=(1, 1), filters=(8, 16), bottleneck=False, reduction=2, stem="3x3", classes=3
        ),
        published={
            "SE-ResNet-50": (SEResNet.se_resnet50, (None, 224, 224, 3), 28_088_024),
            "SE-ResNet-18": (SEResNet.se_resnet18, (None, 224, 224, 3), 11_778_592),
        },
        large=True,
        **free_size(3),
        **classification(noise_images(6, 17, 18, 3)),
    )
}

rng = np.random.default_rng(0)
images = rng.random((2, 12, 10, 3), dtype="float32")


def saturate(gate, bias):
    """Make a gate let all through (100) or nothing (-100), whatever comes in."""
    *rest, last = gate.get_weights()
    gate.set_weights([*(0 * weight for weight in rest), 0 * last + bias])


@pytest.mark.parametrize("stride, bottleneck, filters", [(1, False, 3), (2, False, 8), (2, True, 16)])
def test_an_open_gate_is_the_plain_block_and_a_closed_one_its_shortcut(stride, bottleneck, filters):
    gated = SEResidualBlock(filters, stride, bottleneck, reduction=4)
    block = ResidualBlock(filters, stride, bottleneck)
    for layer in (gated, block):
        layer.build(images.shape)
    for theirs, ours in zip(gated.convolutions, block.convolutions):
        ours.set_weights(theirs.get_weights())
    if block.projection is not None:
        block.projection.set_weights(gated.projection.get_weights())
    assert np.abs(np.asarray(gated(images)) - np.asarray(block(images))).max() > 0.01
    saturate(gated.gate, 100)
    np.testing.assert_allclose(gated(images), block(images), atol=1e-6)
    saturate(gated.gate, -100)
    np.testing.assert_allclose(gated(images), keras.ops.relu(block.identity(images)), atol=1e-6)


def test_the_network_with_open_gates_is_the_residual_network():
    options = dict(blocks=(2, 1), filters=(8, 16), bottleneck=True, stem="7x7", classes=4)
    gated, plain = SEResNet(reduction=2, **options), ResNet(**options)
    for model in (gated, plain):
        model.build((None, 40, 36, 3))
    blocks = [block for stage in gated.stages for block in stage]
    for ours, theirs in zip(blocks, plain.residual_blocks, strict=True):
        saturate(ours.gate, 100)
        for one, other in zip(ours.convolutions, theirs.convolutions, strict=True):
            other.set_weights(one.get_weights())
        if ours.projection is not None:
            theirs.projection.set_weights(ours.projection.get_weights())
    plain.conv1.set_weights(gated.conv1.get_weights())
    plain.classifier.set_weights(gated.classifier.get_weights())
    inputs = rng.random((2, 40, 36, 3), dtype="float32")
    np.testing.assert_allclose(gated(inputs), plain(inputs), atol=1e-5)
    endpoints = gated.endpoints(inputs)
    assert list(endpoints) == list(plain.endpoints(inputs)) == ["c1", "c2", "c3", "features"]
    np.testing.assert_array_equal(gated.classify(endpoints["features"]), gated(inputs))


def test_gates_of_table_1():
    model = SEResNet.se_resnet50()
    widths = [[block.gate.squeezed for block in stage] for stage in model.stages]
    assert widths == [[16] * 3, [32] * 4, [64] * 6, [128] * 3]
    endpoints = model.endpoints(keras.KerasTensor((None, 224, 224, 3)))
    assert [tuple(endpoints[name].shape)[1:] for name in ("c1", "c2", "c3", "c4", "c5")] == [
        (112, 112, 64),
        (56, 56, 256),
        (28, 28, 512),
        (14, 14, 1024),
        (7, 7, 2048),
    ]
    gates = sum(block.gate.count_params() for stage in model.stages for block in stage)
    assert gates == 2_530_992


def test_bad_arguments():
    with pytest.raises(InputError, match="equally long"):
        SEResNet(blocks=(1, 1), filters=(8,))
    with pytest.raises(InputError, match="every number 1 or more"):
        SEResNet(reduction=0)
    with pytest.raises(InputError, match="multiples of 4"):
        SEResNet(blocks=(1,), filters=(6,))
    with pytest.raises(InputError, match="'7x7', '3x3'"):
        SEResNet(stem="5x5")
