"""Seven classifiers to compare: as published for ImageNet, and a small one of each.

The papers are named in the files of the networks; the parameter counts are those of the published architectures,
weights and biases, at 224x224x3 and 1,000 classes.
"""

from keras_cv_course.classify.alexnet import AlexNet
from keras_cv_course.classify.densenet import DenseNet
from keras_cv_course.classify.efficientnet import EfficientNet
from keras_cv_course.classify.googlenet import GoogLeNet
from keras_cv_course.classify.resnet import ResNet
from keras_cv_course.classify.se_resnet import SEResNet
from keras_cv_course.classify.vgg import VGG

# Name, year, idea, the published network, its trainable parameters.
PUBLISHED = (
    ("AlexNet", 2012, "five convolutions, ReLU, dropout", AlexNet.one_tower, 61_100_840),
    ("VGG-16", 2014, "3x3 kernels only, 16 layers", VGG.vgg16, 138_357_544),
    ("GoogLeNet", 2014, "parallel kernels, auxiliary heads", GoogLeNet.googlenet, 13_378_280),
    ("ResNet-50", 2015, "shortcuts around every block", ResNet.resnet50, 25_557_032),
    ("DenseNet-121", 2016, "all previous outputs as input", DenseNet.densenet121, 7_978_856),
    ("SE-ResNet-50", 2017, "gates on channels", SEResNet.se_resnet50, 28_088_024),
    ("EfficientNet-B0", 2019, "depthwise kernels, joint scaling", EfficientNet.b0, 5_288_548),
)
# A few passes over a thousand images do not overfit: no dropout in these two.
VGG_SIZES = dict(blocks=(1, 1, 1), filters=(12, 24, 48), units=(64,), dropout=0.0, batch_norm=True)
ALEXNET_SIZES = dict(units=128, dropout=0.0)
GOOGLENET_SIZES = dict(
    inceptions={"3a": (16, 16, 24, 4, 8, 8), "4a": (24, 24, 48, 8, 16, 16)},
    stem=(16, 16, 32),
    auxiliary_after=("3a",),
    auxiliary_units=(16, 64),
    auxiliary_dropout=0.2,
    dropout=0.1,
)
EFFICIENTNET_SIZES = dict(
    stages=((1, 3, 1, 16, 1), (4, 3, 2, 24, 1), (4, 5, 2, 40, 1)), stem_strides=2, dropout=0.1
)


def small_networks(depth, stem, classes):
    """A small network of each of the seven families, for images of about 32x32 pixels.

    Args:
        depth: layers of the ResNet, 6n + 2.
        stem: first convolution of ResNet, DenseNet and SE-ResNet: "7x7" with stride 2 and pooling, or "3x3".
        classes: number of classes.

    Returns:
        {name: `keras.Model`, not built yet}, in the order of their years.
    """
    return {
        "AlexNet": AlexNet.small(classes, **ALEXNET_SIZES),
        "VGG": VGG(**VGG_SIZES, classes=classes),
        "GoogLeNet": GoogLeNet.small(classes, **GOOGLENET_SIZES),
        "ResNet": ResNet.cifar(depth, classes, stem=stem),
        "DenseNet": DenseNet(blocks=(2, 2, 2), growth=12, stem=stem, classes=classes),
        "SE-ResNet": SEResNet.small(classes, stem=stem),
        "EfficientNet": EfficientNet.small(classes, **EFFICIENTNET_SIZES),
    }
