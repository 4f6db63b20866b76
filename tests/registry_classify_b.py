"""LeNet, DenseNet, SE-ResNet, EfficientNet and the deformable classifier. `registry.py` takes these over.

Small ones. Dropout is 0 here, which is not its default: Keras saves no state of its draws, and draws others
under XLA, so that no two runs would be comparable. What it does is tested with each model.
"""

import keras
import numpy as np

from keras_cv_course.classify.deformable_classifier import DeformableClassifier
from keras_cv_course.classify.densenet import DenseNet
from keras_cv_course.classify.efficientnet import EfficientNet
from keras_cv_course.classify.lenet import ConvolutionalClassifier, LeNet5
from keras_cv_course.classify.se_resnet import SEResNet
from tests.harness import Case

_rng = np.random.default_rng(20261122)
_images = _rng.random((6, 17, 18, 3), dtype="float32")
_larger = _rng.random((2, 21, 20, 3), dtype="float32")
_classified = dict(
    targets=np.array([0, 1, 2, 0, 1, 2]),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    learning_rate=0.003,
)
_any_size = dict(inputs=_images, signature=(None, None, None, 3), other_inputs=_larger)
_large, _cifar = (None, 224, 224, 3), (None, 32, 32, 3)

CASES = {
    "lenet5": Case(
        make=lambda: LeNet5(
            filters=(4, 8, 20), units=12, activation="relu", pooling="max", border=3, classes=3
        ),
        inputs=_rng.random((6, 26, 26, 2), dtype="float32"),
        signature=(None, 26, 26, 2),
        published={"LeNet-5 with a full C3": (LeNet5, (None, 32, 32, 1), 61_706)},
        **_classified,
    ),
    "convolutional_classifier": Case(
        make=lambda: ConvolutionalClassifier(
            filters=(6, 8), kernel_size=5, units=(16, 12), dropout=0.0, batch_norm=False, classes=3
        ),
        inputs=_images,
        signature=(None, 17, 18, 3),
        published={
            "by hand: 288 + 64 + 18432 + 128 + 401536 + 1290": (
                ConvolutionalClassifier,
                (None, 28, 28, 1),
                421_738,
            )
        },
        **_classified,
    ),
    "densenet": Case(
        make=lambda: DenseNet(blocks=(1, 1), growth=6, compression=0.7, stem="3x3", classes=3),
        published={
            "DenseNet-121": (DenseNet.densenet121, _large, 7_978_856),
            "DenseNet-BC, 100 layers, growth 12": (DenseNet.cifar, _cifar, 769_162),
        },
        **_any_size,
        **_classified,
    ),
    "se_resnet": Case(
        make=lambda: SEResNet(
            blocks=(1, 1), filters=(8, 16), bottleneck=False, reduction=2, stem="3x3", classes=3
        ),
        published={
            "SE-ResNet-50": (SEResNet.se_resnet50, _large, 28_088_024),
            "SE-ResNet-18": (SEResNet.se_resnet18, _large, 11_778_592),
        },
        **_any_size,
        **_classified,
    ),
    "efficientnet": Case(
        make=lambda: EfficientNet(
            width=0.5,
            depth=0.5,
            stages=((1, 3, 1, 16, 2), (3, 5, 2, 32, 2)),
            stem=16,
            stem_strides=1,
            head=40,
            dropout=0.0,
            stochastic_depth=0.0,
            momentum=0.9,
            classes=3,
        ),
        prepare=lambda model: model.normalization.adapt(_images),
        published={
            "B0": (EfficientNet.b0, _large, 5_288_548),
            "B1": (EfficientNet.b1, (None, 240, 240, 3), 7_794_184),
            "B2": (EfficientNet.b2, (None, 260, 260, 3), 9_109_994),
        },
        **_any_size,
        **_classified,
    ),
    "deformable_classifier": Case(
        make=lambda: DeformableClassifier(filters=(4, 6, 8), deformable=False, offset_rate=0.5, classes=3),
        published={
            "by hand: 432 + 32 + 4608 + 64 + 18432 + 5202 + 128 + 650": (
                DeformableClassifier,
                _cifar,
                29_548,
            ),
        },
        **_any_size,
        **_classified,
    ),
}
