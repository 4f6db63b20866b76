"""Data without objects is refused in one line, before anything is trained."""

import numpy as np
import pytest

from keras_cv_course import data
from keras_cv_course.data.objects import difficult, object_classes
from keras_cv_course.data.part import Dataset, Info, Part
from keras_cv_course.errors import InputError

INFO = Info(name="some", title="", fields={}, source="", licence="", classes=("a", "b"))


def part(classes, hard):
    classes = np.array(classes)
    images = np.zeros((len(classes), 4, 4, 3))
    return Part(
        images=images, boxes=np.zeros((*classes.shape, 4)), box_classes=classes, difficult=np.array(hard)
    )


def test_classes_and_difficult_objects():
    one = part([[0, 1]], [[True, False]])
    assert object_classes(Dataset(one, one, one, INFO)) == ("a", "b")
    assert difficult(one).tolist() == [[True, False]]
    scenes = data.load("shapes:several", size=16, limit=2)
    assert not difficult(scenes.train).any() and difficult(scenes.train).shape == (2, 5)
    assert object_classes(scenes) == scenes.info.classes


def test_refuses():
    with pytest.raises(
        InputError, match="'digits' has no boxes .*it has images, labels.*; take one with boxes"
    ):
        object_classes(data.load("digits"))
    good, hard, none = part([[0]], [[False]]), part([[0]], [[True]]), part([[-1]], [[False]])
    for empty in (hard, none):
        with pytest.raises(InputError, match="the test part of 'some' has no object in its 1 images"):
            object_classes(Dataset(good, good, empty, INFO))
        with pytest.raises(InputError, match="the train part"):
            object_classes(Dataset(empty, good, good, INFO))
