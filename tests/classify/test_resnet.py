import keras
import numpy as np
import pytest

from keras_cv_course.classify.residual_block import ConvolutionNorm, ResidualBlock
from keras_cv_course.classify.resnet import ResNet
from keras_cv_course.errors import InputError
from tests.harness import Case, classification, free_size, noise_images

_large, _cifar = (None, 224, 224, 3), (None, 32, 32, 3)
CASES = {
    "resnet": Case(
        make=lambda: ResNet(
            blocks=(1, 2),
            filters=(8, 16),
            bottleneck=True,
            stem="3x3",
            shortcut="padding",
            stride_in="1x1",
            conv_bias=True,
            relu_after_addition=False,
            classes=3,
        ),
        published={
            "ResNet-18": (ResNet.resnet18, _large, 11_689_512),
            "ResNet-34": (ResNet.resnet34, _large, 21_797_672),
            "ResNet-50": (ResNet.resnet50, _large, 25_557_032),
            "ResNet-50 of keras.applications": (
                lambda: ResNet.resnet50(conv_bias=True, stride_in="1x1"),
                _large,
                25_583_592,
            ),
            "ResNet-101": (ResNet.resnet101, _large, 44_549_160),
            "ResNet-152": (ResNet.resnet152, _large, 60_192_808),
            "ResNet-20": (lambda: ResNet.cifar(20), _cifar, 269_722),
            "ResNet-32": (lambda: ResNet.cifar(32), _cifar, 464_154),
            "ResNet-56": (lambda: ResNet.cifar(56), _cifar, 853_018),
            "ResNet-110": (lambda: ResNet.cifar(110), _cifar, 1_727_962),
        },
        large=True,
        **free_size(3),
        **classification(noise_images(6, 17, 18, 3)),
    )
}

rng = np.random.default_rng(0)
features = rng.normal(size=(2, 6, 7, 8)).astype("float32")


def built(block, shape=features.shape):
    block.build(shape)
    return block


def without_numbers(model, shape=(None, 32, 32, 3)):
    """Build it with shapes only, which takes no time and no memory."""
    with keras.StatelessScope(initialize_variables=False):
        model.build(shape)
    return model


def count(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


@pytest.mark.parametrize("bottleneck", [False, True])
def test_a_block_whose_last_scale_is_zero_is_the_identity(bottleneck):
    """Equation 1 with F = 0. With the paper's ReLU behind the sum, of what is positive."""
    for relu_after_addition, expected in ((False, features), (True, np.maximum(features, 0))):
        block = built(ResidualBlock(8, bottleneck=bottleneck, relu_after_addition=relu_after_addition))
        assert np.any(np.asarray(block(features)) != expected)
        norm = block.convolutions[-1].norm
        norm.gamma.assign(np.zeros(8))
        np.testing.assert_array_equal(np.asarray(block(features)), expected)


def test_a_plain_block_whose_last_scale_is_zero_loses_everything():
    block = built(ResidualBlock(8, shortcut="none"))
    block.convolutions[-1].norm.gamma.assign(np.zeros(8))
    np.testing.assert_array_equal(np.asarray(block(features)), 0 * features)


@pytest.mark.parametrize("shortcut", ["projection", "padding"])
def test_the_relu_comes_after_the_addition(shortcut):
    block = built(ResidualBlock(12, stride=2, shortcut=shortcut))
    total = np.asarray(block.residual(features)) + np.asarray(block.identity(features))
    assert np.any(total < 0)
    np.testing.assert_allclose(np.asarray(block(features)), np.maximum(total, 0), atol=1e-5)


def test_option_a_takes_every_second_pixel_and_adds_channels_of_zeros():
    block = built(ResidualBlock(12, stride=2, shortcut="padding"))
    shortcut = np.asarray(block.identity(features))
    assert shortcut.shape == (2, 3, 4, 12)
    np.testing.assert_array_equal(shortcut[..., :8], features[:, ::2, ::2])
    assert np.all(shortcut[..., 8:] == 0)


def test_there_is_a_projection_only_where_shapes_differ():
    assert built(ResidualBlock(8)).projection is None
    assert built(ResidualBlock(8, stride=2)).projection is not None
    assert built(ResidualBlock(12)).projection is not None
    assert built(ResidualBlock(12, shortcut="padding")).projection is None


@pytest.mark.parametrize("side", [6, 7])
def test_padding_is_the_same_on_all_sides(side):
    """An image turned by 180 degrees, seen by a turned kernel, gives the turned map: not so with "same"."""
    layer = built(ConvolutionNorm(1, 3, stride=2), (None, side, side, 1))
    image = rng.random((1, side, side, 1), dtype="float32")
    kernel = rng.random((3, 3, 1, 1))
    answers = []
    for turn in (slice(None), slice(None, None, -1)):
        layer.conv.set_weights([kernel[turn, turn]])
        answers.append(np.asarray(layer(image[:, turn, turn]))[:, turn, turn])
    assert answers[0].shape[1] == (side + 1) // 2
    # On an even side the last row is not reached, so the grids of the two images differ.
    assert np.allclose(*answers, atol=1e-6) == (side == 7)


def test_the_stride_of_a_bottleneck_is_where_it_was_asked_for():
    for stride_in, strides in (("1x1", [2, 1, 1]), ("3x3", [1, 2, 1])):
        block = built(ResidualBlock(8, stride=2, bottleneck=True, stride_in=stride_in))
        assert [layer.stride for layer in block.convolutions] == strides
        assert block(features).shape == (2, 3, 4, 8)


def test_stride_in_1x1_never_looks_at_three_quarters_of_the_pixels():
    sparse = features.copy()
    sparse[:, 1::2] = sparse[:, :, 1::2] = 100.0
    for stride_in, blind in (("1x1", True), ("3x3", False)):
        block = built(ResidualBlock(8, stride=2, bottleneck=True, stride_in=stride_in))
        before, after = (np.asarray(block(images)) for images in (features, sparse))
        assert np.array_equal(before, after) == blind


@pytest.mark.parametrize("depth", [20, 56])
def test_plain_twin_has_the_same_weights(depth):
    residual, plain = (ResNet.cifar(depth, shortcut=shortcut) for shortcut in ("padding", "none"))
    shapes = [[weight.shape for weight in without_numbers(model).weights] for model in (residual, plain)]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize(
    ("make", "depth"),
    [
        (ResNet.resnet18, 18),
        (ResNet.resnet34, 34),
        (ResNet.resnet50, 50),
        (ResNet.resnet101, 101),
        (ResNet.resnet152, 152),
        (lambda: ResNet.cifar(20), 20),
        (lambda: ResNet.cifar(110), 110),
    ],
)
def test_the_name_counts_the_layers_with_weights(make, depth):
    model = make()
    convolutions = sum(len(block.convolutions) for block in model.residual_blocks)
    assert 1 + convolutions + 1 == depth


def test_biases_in_front_of_batch_normalisation_do_nothing():
    model = ResNet.small(conv_bias=True, classes=3)
    images = rng.random((4, 32, 32, 3), dtype="float32")
    model.build(images.shape)
    before = np.asarray(model(images, training=True))
    for block in model.residual_blocks:
        for layer in block.convolutions:
            layer.conv.bias.assign(np.full(layer.filters, 3.0))
    np.testing.assert_allclose(np.asarray(model(images, training=True)), before, atol=1e-4)
    stride = without_numbers(ResNet.resnet50(stride_in="1x1"), (None, 224, 224, 3))
    assert count(stride) == 25_557_032


def test_feature_maps_of_the_large_stem():
    model = ResNet((1, 1, 1, 1), (4, 8, 12, 16))
    model.build((None, None, None, 3))
    for side in (64, 75):
        maps = model.endpoints(np.zeros((1, side, side, 3), "float32"))
        sides = {name: found.shape[1] for name, found in maps.items()}
        assert sides == {
            "c1": -(-side // 2),
            "c2": -(-side // 4),
            "c3": -(-side // 8),
            "c4": -(-side // 16),
            "c5": -(-side // 32),
            "features": -(-side // 32),
        }


def test_bad_arguments():
    with pytest.raises(InputError, match="equally long"):
        ResNet(blocks=(1, 2))
    with pytest.raises(InputError, match="multiples of 4"):
        ResNet((1,), (6,), bottleneck=True)
    with pytest.raises(InputError, match="never shrink"):
        ResNet((1, 1), (16, 8), shortcut="padding")
    for name in ("stem", "shortcut", "stride_in"):
        with pytest.raises(InputError, match=f"{name} must be one of .* got 'other'"):
            ResNet(**{name: "other"})
    for depth in (2, 19, 51):
        with pytest.raises(InputError, match=f"6n \\+ 2 layers.*got {depth}"):
            ResNet.cifar(depth)
