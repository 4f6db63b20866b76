import keras
import numpy as np
import pytest
from keras.ops import convert_to_numpy

from keras_cv_course import data
from keras_cv_course.classify.efficientnet_lite import EfficientNetLite
from keras_cv_course.classify.vgg import VGG
from keras_cv_course.errors import InputError
from keras_cv_course.explain.class_activation import class_activation_map, enlarged, grad_cam
from keras_cv_course.training.imagenet_classes import imagenet_classes
from keras_cv_course.training.pretrained import efficientnet_lite0
from tests.explain.captums_network import IMAGES as CAPTUMS_IMAGES
from tests.explain.captums_network import captums_network

rng = np.random.default_rng(0)
IMAGES = rng.random((2, 32, 32, 3), dtype="float32")
CLASSES = [1, 2]


def model():
    keras.utils.set_random_seed(0)
    network = EfficientNetLite.small(classes=3)
    network.build(IMAGES.shape)
    network.classifier.set_weights([network.classifier.get_weights()[0], np.float32([0.3, -0.2, 0.5])])
    return network


def test_cam_averages_to_the_logit_and_is_grad_cam_up_to_its_scale():
    network = model()
    maps = class_activation_map(network, IMAGES, CLASSES)
    logits = convert_to_numpy(network(IMAGES))[[0, 1], CLASSES]
    np.testing.assert_allclose(maps.mean(axis=(1, 2)) + np.float32([-0.2, 0.5]), logits, atol=1e-5)
    places = maps.shape[1] * maps.shape[2]
    assert maps.min() < 0 < maps.max()
    np.testing.assert_allclose(grad_cam(network, IMAGES, CLASSES) * places, np.maximum(maps, 0), atol=1e-5)


def test_grad_cam_has_captums_numbers():
    np.testing.assert_allclose(
        grad_cam(captums_network(), CAPTUMS_IMAGES, [0], "relu1"), [[[0, 4], [28, 32.5]]]
    )


def test_any_layer_of_any_keras_model():
    layers = keras.layers
    inputs = keras.Input((8, 8, 3))
    maps = layers.Conv2D(4, 3, activation="relu", name="last")(inputs)
    functional = keras.Model(inputs, layers.Dense(3, use_bias=False)(layers.GlobalAveragePooling2D()(maps)))
    images = IMAGES[:, :8, :8]
    features = convert_to_numpy(functional.get_layer("last")(images))
    kernel = functional.get_weights()[-1]
    expected = np.maximum(np.einsum("nhwk,kn->nhw", features, kernel[:, CLASSES]) / 36, 0)
    np.testing.assert_allclose(grad_cam(functional, images, CLASSES, "last"), expected, atol=1e-6)


def test_what_the_imagenet_network_saw_lies_where_it_is():
    train = data.load("photos", size=224).train
    places = [list(train.names).index(name) for name in ("coffee", "camera")]
    classes = [imagenet_classes().index(name) for name in ("espresso", "tripod")]
    maps = grad_cam(efficientnet_lite0(), train.images[places], classes)
    (row, column), (below, right) = (np.unravel_index(found.argmax(), found.shape) for found in maps)
    assert maps.shape == (2, 7, 7)
    assert row in (1, 2) and column in (2, 3, 4)  # the coffee's surface
    assert below >= 4 and right in (3, 4, 5)  # the tripod's legs; in the middle of the image is the man


def test_enlarged_is_bilinear():
    ramp = np.float32([[[0, 1, 2, 3]] * 4])
    large = enlarged(ramp, (8, 16))
    assert large.shape == (1, 8, 16)
    np.testing.assert_allclose(large[0, :, 2:-2], np.tile((np.arange(2, 14) - 1.5) / 4, (8, 1)), atol=1e-6)


def test_bad_arguments():
    vgg = VGG((1,), (4,), (5,), classes=3)
    vgg.build((None, 8, 8, 3))
    images = IMAGES[:, :8, :8]
    with pytest.raises(InputError, match="CAM needs global average pooling"):
        class_activation_map(vgg, images, CLASSES)
    assert grad_cam(vgg, images, CLASSES).shape == (2, 4, 4)
    with pytest.raises(InputError, match="Sequential has no endpoints; name a layer"):
        grad_cam(captums_network(), np.zeros((1, 4, 4, 1)), [0])
    with pytest.raises(InputError, match="needs maps .* layer 'dense'"):
        grad_cam(captums_network(), np.zeros((1, 4, 4, 1)), [0], "dense")
