import keras
import numpy as np
import pytest

from keras_cv_course.classify.vgg import VGG
from keras_cv_course.errors import InputError
from tests.harness import Case, classification, noise_images

CASES = {
    "vgg": Case(
        make=lambda: VGG(blocks=(1, 2), filters=(4, 6), units=(16,), dropout=0.2, batch_norm=True, classes=3),
        signature=(None, 17, 18, 3),
        published={
            "VGG16": (VGG.vgg16, (None, 224, 224, 3), 138_357_544),
            "VGG19": (VGG.vgg19, (None, 224, 224, 3), 143_667_240),
        },
        large=True,
        **classification(noise_images(6, 17, 18, 3)),
    )
}


def test_the_convolutions_of_vgg16_have_the_published_number_of_parameters():
    model = VGG.vgg16()
    with keras.StatelessScope(initialize_variables=False):  # shapes without numbers
        model.build((None, 224, 224, 3))
    count = sum(int(np.prod(w.shape)) for layer in model.convolutions for w in layer.trainable_weights)
    assert count == 14_714_688
    assert len(model.convolutions) == 13 and len(VGG.vgg19().convolutions) == 16


def test_each_pooling_halves_and_every_size_has_feature_maps():
    model = VGG.small(filters=(2, 3, 4), classes=3)
    model.build((None, 32, 32, 3))
    for height, width in ((32, 32), (40, 56)):
        maps = model.endpoints(np.zeros((1, height, width, 3), "float32"))
        sides = {name: tuple(features.shape[1:]) for name, features in maps.items()}
        assert sides["conv1_1"] == sides["conv1_2"] == (height, width, 2)
        assert sides["pool1"] == (height // 2, width // 2, 2)
        assert sides["conv3_2"] == (height // 4, width // 4, 4)
        assert sides["features"] == sides["pool3"] == (height // 8, width // 8, 4)


def test_two_3x3_convolutions_see_what_a_5x5_sees():
    """The paper's section 2.3: without ReLU between them they are one 5x5, the convolution of the kernels."""
    rng = np.random.default_rng(0)
    model = VGG(blocks=(2,), filters=(1,), units=(), classes=2)
    model.build((None, 9, 9, 1))
    kernels = rng.random((2, 3, 3))  # positive, so that no ReLU bends anything
    for layer, kernel in zip(model.convolutions, kernels):
        layer.set_weights([kernel[..., None, None], np.zeros(1)])
    images = np.zeros((1, 9, 9, 1), "float32")
    images[0, 4, 4, 0] = 1.0
    seen = np.asarray(model.endpoints(images)["conv1_2"])[0, :, :, 0]
    five = np.zeros((5, 5))
    for row, column in np.ndindex(3, 3):
        five[row : row + 3, column : column + 3] += kernels[0][row, column] * kernels[1]
    expected = np.zeros((9, 9))
    expected[2:7, 2:7] = five[::-1, ::-1]
    np.testing.assert_allclose(seen, expected, atol=1e-6)


def test_batch_norm_takes_the_place_of_the_biases():
    model = VGG.small(batch_norm=True)
    model.build((None, 32, 32, 3))
    assert all(layer.bias is None for layer in model.convolutions)
    before = [weight.numpy().copy() for weight in model.norms[0].non_trainable_weights]
    images = np.random.default_rng(0).random((4, 32, 32, 3), dtype="float32")
    model(images)
    after = [np.asarray(weight) for weight in model.norms[0].non_trainable_weights]
    np.testing.assert_array_equal(before, after)
    model(images, training=True)
    after = [np.asarray(weight) for weight in model.norms[0].non_trainable_weights]
    assert all(np.any(old != new) for old, new in zip(before, after))


def test_bad_arguments():
    with pytest.raises(InputError, match="equally long"):
        VGG(blocks=(1, 2))
    with pytest.raises(InputError, match="every number 1 or more"):
        VGG(blocks=(1,), filters=(0,))
    with pytest.raises(InputError, match="at least 32x32 pixels for 5 poolings"):
        VGG().build((None, 31, 64, 3))
    with pytest.raises(InputError, match="known size"):
        VGG().build((None, None, None, 3))
