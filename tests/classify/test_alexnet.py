import keras
import numpy as np
import pytest

from keras_cv_course.classify.alexnet import AlexNet
from keras_cv_course.errors import InputError
from tests.harness import Case, classification, noise_images

_large = (None, 224, 224, 3)
CASES = {
    "alexnet": Case(
        make=lambda: AlexNet(
            filters=(6, 8, 12, 8, 8),
            groups=2,
            response_normalization=True,
            first_kernel=5,
            first_stride=1,
            units=24,
            dropout=0.2,
            classes=3,
        ),
        signature=(None, 17, 18, 3),
        published={
            "one tower, as torchvision": (AlexNet.one_tower, _large, 61_100_840),
            "96-256-384-384-256, ungrouped": (AlexNet.ungrouped, _large, 62_378_344),
            "the paper's two towers": (AlexNet.two_tower, _large, 60_965_224),
        },
        large=True,
        **classification(noise_images(6, 17, 18, 3)),
    )
}


def test_the_feature_maps_have_the_papers_sizes():
    model = AlexNet(filters=(4, 4, 4, 4, 4), units=2, classes=2)
    model.build((None, 224, 224, 3))
    maps = model.endpoints(np.zeros((1, 224, 224, 3), "float32"))
    sides = {name: features.shape[1] for name, features in maps.items()}
    assert sides["conv1"] == 55 and sides["conv2"] == sides["pool1"] == 27
    assert sides["conv3"] == sides["conv4"] == sides["conv5"] == sides["pool2"] == 13
    assert sides["pool5"] == sides["features"] == 6
    assert model.side_of_features(224) == 6


def test_two_towers_meet_in_the_third_convolution_only():
    """Whatever happens in the second tower, the first one does not see it until conv3."""
    model = AlexNet((4, 4, 4, 4, 4), groups=2, first_kernel=5, first_stride=1, units=4, classes=2)
    images = np.random.default_rng(0).random((1, 20, 20, 3), dtype="float32")
    model.build(images.shape)
    before = {name: np.asarray(features) for name, features in model.endpoints(images).items()}
    kernel, bias = model.conv1.get_weights()
    model.conv1.set_weights([kernel * [1, 1, 3, 3], bias + [0, 0, 1, 1]])
    after = {name: np.asarray(features) for name, features in model.endpoints(images).items()}
    for name in ("conv1", "pool1", "conv2", "pool2"):
        np.testing.assert_array_equal(after[name][..., :2], before[name][..., :2])
        assert np.any(after[name][..., 2:] != before[name][..., 2:])
    assert np.any(after["conv3"][..., :2] != before["conv3"][..., :2])


def test_response_normalization_is_the_two_towers_and_changes_the_numbers():
    assert AlexNet.two_tower().get_config()["response_normalization"]
    images = np.random.default_rng(0).random((1, 32, 32, 3), dtype="float32")
    pooled = []
    for normalized in (False, True):
        keras.utils.set_random_seed(0)
        model = AlexNet.small(response_normalization=normalized)
        model.build(images.shape)
        pooled.append(np.asarray(model.endpoints(images)["pool1"]))
    # (2 + 1e-4 * energy) ^ 0.75, where the energy is small.
    np.testing.assert_allclose(pooled[0], 2**0.75 * pooled[1], rtol=1e-3)
    assert np.any(pooled[0] != np.float32(2**0.75) * pooled[1])


def test_dropout_is_for_training_alone():
    model = AlexNet.small()
    images = np.random.default_rng(0).random((2, 32, 32, 3), dtype="float32")
    model.build(images.shape)
    np.testing.assert_array_equal(np.asarray(model(images)), np.asarray(model(images)))
    assert np.any(np.asarray(model(images, training=True)) != np.asarray(model(images, training=True)))


def test_bad_arguments():
    with pytest.raises(InputError, match="five numbers of filters"):
        AlexNet(filters=(1, 2, 3))
    with pytest.raises(InputError, match="multiple of groups=3"):
        AlexNet(groups=3)
    with pytest.raises(InputError, match=r"at least one pixel.*got \(None, 32, 32, 3\)"):
        AlexNet().build((None, 32, 32, 3))
    with pytest.raises(InputError, match="known size"):
        AlexNet().build((None, None, 224, 3))
