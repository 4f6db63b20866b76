import resource

import keras
import numpy as np
import pytest

from keras_cv_course.classify.alexnet import AlexNet
from keras_cv_course.classify.googlenet import GoogLeNet
from keras_cv_course.classify.resnet import ResNet
from keras_cv_course.classify.vgg import VGG
from keras_cv_course.errors import InputError
from keras_cv_course.metrics.parameter_count import parameter_count


@pytest.mark.parametrize("make", (ResNet.small, GoogLeNet.small, AlexNet.small))
def test_as_many_as_the_built_model_has(make):
    model = make()
    model.build((None, 32, 32, 3))
    expected = sum(np.asarray(weight).size for weight in model.trainable_weights)
    assert parameter_count(make, (None, 32, 32, 3)) == expected


def test_half_a_gigabyte_is_counted_and_not_made():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert parameter_count(VGG.vgg16, (None, 224, 224, 3)) == 138_357_544
    # What Keras makes up for when the next scope ends must not be these weights.
    keras.layers.Dense(3).build((None, 4))
    with keras.StatelessScope():
        keras.layers.Dense(3).build((None, 4))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


def test_errors_come_through():
    with pytest.raises(InputError, match="enlarge them"):
        parameter_count(AlexNet.one_tower, (None, 16, 16, 3))
