"""Every published classifier against a slow forward pass in NumPy, in inference and in training.

Dropout draws at random; here it multiplies by 1 - rate in place of that, in both, so that a layer of dropout too
few, too many or elsewhere changes the logits.
"""

import keras
import numpy as np
import pytest

from keras_cv_course.classify.alexnet import AlexNet
from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
from keras_cv_course.classify.deformable_classifier import DeformableClassifier
from keras_cv_course.classify.densenet import DenseNet
from keras_cv_course.classify.efficientnet import EfficientNet
from keras_cv_course.classify.efficientnet_lite import EfficientNetLite
from keras_cv_course.classify.global_pooling import GlobalPoolingClassifier
from keras_cv_course.classify.googlenet import GoogLeNet
from keras_cv_course.classify.lenet import LeNet5
from keras_cv_course.classify.resnet import ResNet
from keras_cv_course.classify.se_resnet import SEResNet
from keras_cv_course.classify.vgg import VGG
from tests.harness import flat
from tests.reference import classifiers as reference

INCEPTIONS = {"3a": (4, 3, 5, 2, 4, 3), "4a": (5, 4, 6, 3, 4, 2), "4b": (3, 2, 4, 2, 3, 4)}
GOOGLENET = dict(inceptions=INCEPTIONS, stem=(5, 6, 8), auxiliary_units=(4, 7), classes=3)
# {name: (model, reference, side of the images)}
CASES = {
    "lenet5": (lambda: LeNet5((3, 4, 6), 5, classes=4), reference.lenet5, 32),
    "lenet5, padded, max": (
        lambda: LeNet5((3, 4, 6), 5, "relu", "max", padding=3, classes=4),
        reference.lenet5,
        26,
    ),
    "convolutional classifier": (
        lambda: ConvolutionalClassifier((4, 6), 2, units=(8, 5), dropout=0.4, classes=3),
        reference.convolutional_classifier,
        13,
    ),
    "convolutional classifier, no norm": (
        lambda: ConvolutionalClassifier((4, 6), 1, 5, (8,), 0.4, False, classes=3),
        reference.convolutional_classifier,
        12,
    ),
    "global pooling": (
        lambda: GlobalPoolingClassifier((4, 5), classes=3),
        reference.global_pooling_classifier,
        9,
    ),
    "alexnet": (lambda: AlexNet.small(units=10, dropout=0.3, classes=4), reference.alexnet, 32),
    "alexnet, two towers": (
        lambda: AlexNet((4, 6, 8, 6, 4), 2, True, 5, 2, units=9, dropout=0.3, classes=4),
        reference.alexnet,
        35,
    ),
    "vgg": (lambda: VGG((1, 2), (4, 6), (8, 7), dropout=0.3, classes=3), reference.vgg, 14),
    "vgg, norm": (lambda: VGG((1, 2), (4, 6), (8,), 0.3, True, classes=3), reference.vgg, 14),
    "googlenet": (
        lambda: GoogLeNet(auxiliary_after=("3a", "4a"), **GOOGLENET),
        reference.googlenet,
        80,
    ),
    "googlenet, small": (
        lambda: GoogLeNet(large_images=False, factorize="1xn", auxiliary_after=("4a",), **GOOGLENET),
        reference.googlenet,
        23,
    ),
    "resnet": (lambda: ResNet((1, 2), (4, 8), classes=3), reference.resnet, 33),
    "resnet, bottlenecks": (
        lambda: ResNet((2, 1), (8, 16), True, "3x3", "projection", "1x1", True, False, classes=3),
        reference.resnet,
        11,
    ),
    "resnet, option A": (lambda: ResNet.cifar(8, classes=3), reference.resnet, 13),
    "resnet, plain": (lambda: ResNet.cifar(8, shortcut="none", classes=3), reference.resnet, 12),
    "densenet": (lambda: DenseNet((2, 1), 4, 0.6, classes=3), reference.densenet, 35),
    "densenet, small images": (lambda: DenseNet((2, 2), 3, stem="3x3", classes=3), reference.densenet, 9),
    "se_resnet": (
        lambda: SEResNet((1, 1), (8, 16), True, 2, classes=3),
        reference.resnet,
        33,
    ),
    "se_resnet, small": (lambda: SEResNet.small(classes=3), reference.resnet, 12),
    "efficientnet": (
        lambda: EfficientNet(
            stages=((1, 3, 1, 8, 1), (4, 5, 2, 8, 2)),
            stem=8,
            head=16,
            dropout=0.3,
            stochastic_depth=0.5,
            classes=3,
        ),
        reference.efficientnet,
        17,
    ),
    "efficientnet_lite": (
        lambda: EfficientNetLite(
            stages=((1, 3, 1, 8, 1), (4, 5, 2, 8, 2)),
            stem=8,
            head=16,
            dropout=0.3,
            stochastic_depth=0.5,
            classes=3,
        ),
        reference.efficientnet_lite,
        17,
    ),
    "deformable": (lambda: DeformableClassifier((3, 4, 5), classes=3), reference.deformable_classifier, 18),
    "deformable, plain, deeper": (
        lambda: DeformableClassifier((3, 4, 6, 5), layer="plain", classes=3),
        reference.deformable_classifier,
        18,
    ),
    "deformable, dilated": (
        lambda: DeformableClassifier((3, 4, 5), layer="dilated", classes=3),
        reference.deformable_classifier,
        18,
    ),
}


def random_weights(model, rng):
    """Weights of which each one shows: none is 0 or 1, variances are positive, signals keep their size."""
    for weight in model.weights:
        shape = tuple(weight.shape)
        if not np.issubdtype(np.dtype(keras.backend.standardize_dtype(weight.dtype)), np.floating):
            continue
        if len(shape) > 1:
            weight.assign(rng.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape))
        elif weight.path.endswith(("gamma", "moving_variance")):
            weight.assign(rng.uniform(0.6, 1.5, shape))
        else:
            weight.assign(rng.normal(0.1, 0.2, shape))


@pytest.mark.parametrize("training", [False, True], ids=["inference", "training"])
@pytest.mark.parametrize("make, forward, side", CASES.values(), ids=CASES.keys())
def test_logits_are_those_of_the_papers_arithmetic(make, forward, side, training, monkeypatch):
    monkeypatch.setattr(
        keras.layers.Dropout,
        "call",
        lambda self, inputs, training=False: inputs * (1 - self.rate) if training else inputs,
    )
    rng = np.random.default_rng(0)
    images = rng.random((3, side, side, 2), dtype="float32")
    model = make()
    model.build(images.shape)
    random_weights(model, rng)
    expected = flat(forward(model, images.astype("float64"), training))  # before: training moves statistics
    outputs = flat(model(images, training=training))
    assert outputs.keys() == expected.keys()
    for name, logits in outputs.items():
        scale = np.abs(expected[name]).max()
        assert np.ptp(expected[name]) > 0.01 * scale > 0
        np.testing.assert_allclose(logits, expected[name], rtol=0, atol=1e-4 * max(scale, 1), err_msg=name)
