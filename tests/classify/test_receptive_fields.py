"""How many pixels a unit sees, measured: light one column of an image at a time and look who answers.

With positive weights, no biases and max-pooling a unit is above zero exactly when the lit column lies in
its receptive field. The networks are one or a few channels wide: the field does not depend on it.
"""

import numpy as np
import pytest

from keras_cv_course.classify.alexnet import AlexNet
from keras_cv_course.classify.googlenet import GoogLeNet
from keras_cv_course.classify.resnet import ResNet
from keras_cv_course.classify.vgg import VGG

thin_vgg = dict(filters=(1, 1, 1, 1, 1), units=(1,), classes=1)
thin_resnet = dict(filters=(4, 4, 4, 4), classes=1)


def receptive_field(model, endpoint, width, height=64):
    """Number of columns that reach the middle unit of a feature map."""
    model.build((None, height, width, 1))
    for weight in model.trainable_weights:
        name = weight.path.split("/")[-1]
        if name == "kernel":
            weight.assign(np.full(weight.shape, 1 / np.prod(weight.shape[:-1])))
        elif name == "bias":
            weight.assign(np.zeros(weight.shape))
    lit = np.zeros((width, height, width, 1), "float32")
    lit[np.arange(width), :, np.arange(width)] = 1.0
    # A small sum of many: keep what the fringe adds above the rounding.
    answers = model.endpoints(1e6 * lit)[endpoint]
    _, rows, columns, _ = answers.shape
    seen = np.flatnonzero(np.asarray(answers)[:, rows // 2, columns // 2].max(axis=-1) > 0)
    assert seen[0] > 0 and seen[-1] < width - 1, "the image must be wider than the field"
    assert len(seen) == seen[-1] - seen[0] + 1
    return len(seen)


@pytest.mark.parametrize(
    ("make", "endpoint", "width", "expected"),
    [
        (lambda: VGG.vgg16(**thin_vgg), "conv5_3", 256, 196),
        (lambda: VGG.vgg16(**thin_vgg), "pool5", 256, 212),
        (lambda: AlexNet((1, 1, 1, 1, 1), units=1, classes=1), "pool5", 256, 195),
        (lambda: ResNet.resnet18(**thin_resnet), "c5", 512, 435),
        (lambda: ResNet((3, 4, 6, 3), bottleneck=True, **thin_resnet), "c5", 512, 427),
        (lambda: ResNet((3, 4, 6, 3), bottleneck=True, stride_in="1x1", **thin_resnet), "c5", 512, 483),
    ],
    ids=["vgg16 conv5_3", "vgg16 pool5", "alexnet pool5", "resnet18", "resnet50", "resnet50 stride in 1x1"],
)
def test_receptive_field(make, endpoint, width, expected):
    assert receptive_field(make(), endpoint, width) == expected


@pytest.mark.parametrize("factorize", ["3x3", "1xn"])
def test_factorised_modules_see_as_far_as_the_published_ones(factorize):
    thin = dict(
        inceptions={"3a": (1,) * 6, "4a": (1,) * 6}, stem=(1, 1, 1), large_images=False, auxiliary_after=()
    )
    published = receptive_field(GoogLeNet(**thin), "features", 64)
    assert receptive_field(GoogLeNet(factorize=factorize, **thin), "features", 64) == published


def test_a_plain_twin_sees_as_far_as_the_residual_network():
    fields = []
    for shortcut in ("padding", "none"):
        fields.append(
            receptive_field(ResNet.cifar(14, filters=(1, 1, 1), shortcut=shortcut), "features", 128)
        )
    # 3x3 stem, then 4 convolutions in each of three stages; the stride halves in front of each stage.
    # 1 + 2 + 4 * 2 + (2 + 3 * 4) + (4 + 3 * 8) = 53
    assert fields == [53, 53]
