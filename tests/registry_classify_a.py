"""AlexNet, VGG, GoogLeNet and ResNet, each in a small configuration. `registry.py` takes these cases over."""

import keras
import numpy as np

from keras_cv_course.classify.alexnet import AlexNet
from keras_cv_course.classify.googlenet import GoogLeNet
from keras_cv_course.classify.resnet import ResNet
from keras_cv_course.classify.vgg import VGG
from tests.harness import Case

# No dropout: neither a reload nor XLA draws the masks that the uninterrupted run draws.
_rng = np.random.default_rng(20261121)
_images = _rng.random((6, 17, 18, 3), dtype="float32")
_larger = _rng.random((2, 21, 20, 3), dtype="float32")
_labels = np.array([0, 1, 2, 0, 1, 2])
_classified = dict(
    inputs=_images,
    targets=_labels,
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    learning_rate=0.003,
)
_large, _cifar = (None, 224, 224, 3), (None, 32, 32, 3)

CASES = {
    "alexnet": Case(
        make=lambda: AlexNet(
            filters=(6, 8, 12, 8, 8),
            groups=2,
            response_normalization=True,
            first_kernel=5,
            first_stride=1,
            units=24,
            dropout=0.0,
            classes=3,
        ),
        signature=(None, 17, 18, 3),
        published={
            "one tower, as torchvision": (AlexNet.one_tower, _large, 61_100_840),
            "96-256-384-384-256, ungrouped": (AlexNet.ungrouped, _large, 62_378_344),
            "the paper's two towers": (AlexNet.two_tower, _large, 60_965_224),
        },
        **_classified,
    ),
    "vgg": Case(
        make=lambda: VGG(blocks=(1, 2), filters=(4, 6), units=(16,), dropout=0.0, batch_norm=True, classes=3),
        signature=(None, 17, 18, 3),
        published={
            "VGG16": (VGG.vgg16, _large, 138_357_544),
            "VGG19": (VGG.vgg19, _large, 143_667_240),
        },
        **_classified,
    ),
    "googlenet": Case(
        make=lambda: GoogLeNet(
            inceptions={"3a": (8, 6, 8, 6, 8, 8), "4a": (8, 6, 8, 6, 8, 8)},
            stem=(6, 6, 8),
            large_images=False,
            factorize="1xn",
            auxiliary_after=("4a",),
            auxiliary_units=(6, 12),
            auxiliary_dropout=0.0,
            auxiliary_weight=0.5,
            dropout=0.0,
            classes=3,
        ),
        signature=(None, None, None, 3),
        other_inputs=_larger,
        published={
            "with two auxiliary heads": (GoogLeNet.googlenet, _large, 13_378_280),
            "without": (lambda: GoogLeNet(auxiliary_after=()), _large, 6_998_552),
        },
        **_classified,
    ),
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
        signature=(None, None, None, 3),
        other_inputs=_larger,
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
        **_classified,
    ),
}
