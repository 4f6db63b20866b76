import keras
import numpy as np

from keras_cv_course.classify.average_pooling import AveragePoolingClassifier
from keras_cv_course.explain.class_activation import grad_cam
from keras_cv_course.explain.grad_cam_plus_plus import grad_cam_plus_plus
from tests.explain.captums_network import IMAGES as CAPTUMS_IMAGES
from tests.explain.captums_network import captums_network

rng = np.random.default_rng(0)


def test_the_equation_place_by_place():
    """Behind global average pooling the gradient is w / (h w) everywhere, so all can be written down."""
    model = AveragePoolingClassifier(filters=(3, 5), classes=4)
    images = rng.random((2, 12, 8, 3), dtype="float32")
    model.build(images.shape)
    classes = [3, 1]
    features = keras.ops.convert_to_numpy(model.endpoints(images)["features"])
    kernel = keras.ops.convert_to_numpy(model.classifier.kernel)
    found = grad_cam_plus_plus(model, images, classes)
    for image, number in enumerate(classes):
        expected = np.zeros((6, 4))
        for channel in range(5):
            g = kernel[channel, number] / 24
            total = sum(features[image, i, j, channel] for i in range(6) for j in range(4))
            weight = sum(g**2 / (2 * g**2 + total * g**3) * max(g, 0) for _ in range(24))
            expected += weight * features[image, :, :, channel]
        np.testing.assert_allclose(found[image], np.maximum(expected, 0), atol=1e-6)


def test_captums_network_by_hand():
    """Its gradients at relu1 are 1 at all places of the first channel; the second one's are 1 and then -1."""
    found = grad_cam_plus_plus(captums_network(), CAPTUMS_IMAGES, [0], "relu1")
    features = np.float32([[45, 54], [81, 90]]) - 50
    first, second = np.maximum(features, 0), np.maximum(features - 25, 0)
    positive = 4 / (2 + first.sum())
    mixed = 1 / (2 + second.sum())  # where the gradient is -1 its ReLU is 0
    np.testing.assert_allclose(found[0], positive * first + mixed * second, rtol=1e-5)


def test_the_score_of_one_map_and_one_object_points_where_grad_cam_does():
    model = AveragePoolingClassifier(filters=(3, 5), classes=4)
    images = rng.random((2, 16, 16, 3), dtype="float32")
    model.build(images.shape)
    kernel, bias = model.classifier.get_weights()
    model.classifier.set_weights([np.eye(5, 4, dtype="float32"), bias])  # class k looks at map k alone
    ours, theirs = (method(model, images, [2, 3]) for method in (grad_cam_plus_plus, grad_cam))
    for one, other in zip(ours, theirs):
        assert other.max() > 0
        np.testing.assert_allclose(one / one.max(), other / other.max(), atol=1e-5)


def test_a_map_that_nothing_speaks_for_is_zero():
    model = AveragePoolingClassifier(filters=(3, 5), classes=4)
    images = rng.random((1, 16, 16, 3), dtype="float32")
    model.build(images.shape)
    model.classifier.set_weights([np.zeros((5, 4)), np.zeros(4)])
    np.testing.assert_array_equal(grad_cam_plus_plus(model, images, [0]), 0)
