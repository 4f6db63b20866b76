"""Parts and splits at their limits: few examples, one class, another kind of data."""

import numpy as np
import pytest

from keras_cv_course import data
from keras_cv_course.data.part import Part, split
from keras_cv_course.errors import InputError


def test_a_field_that_is_not_there_is_one_line_and_hasattr_works():
    part = Part(signals=np.zeros((2, 5)), labels=np.zeros(2, int))
    with pytest.raises(InputError, match="this needs data with images; what was loaded has signals, labels"):
        part.images  # noqa: B018
    assert not hasattr(part, "images") and hasattr(part, "labels")


@pytest.mark.parametrize(
    "groups, sizes",
    [
        (np.arange(60) % 10, [6]),  # a part smaller than the number of classes
        (np.arange(12) // 4, [10]),  # a rest smaller than that
        (np.array([0] * 10 + [1]), [3]),  # a class with one example
    ],
)
def test_a_part_too_small_for_every_class_is_drawn_plainly(groups, sizes):
    parts = split(len(groups), sizes, 0, groups)
    assert sorted(np.concatenate(parts)) == list(range(len(groups)))
    assert [len(part) for part in parts[1:]] == sizes


def test_large_enough_parts_keep_the_shares():
    groups = np.repeat([0, 1], [30, 10])
    for part in split(40, [8, 8], 3, groups):
        assert np.mean(groups[part]) == 0.25


def test_classes_need_two_in_training():
    loaded = data.load("digits")
    assert loaded.classes == loaded.info.classes
    with pytest.raises(
        InputError, match="all 1 training examples of 'digits' are of the class '.': there is nothing"
    ):
        data.load("digits", limit=1).classes  # noqa: B018
    with pytest.raises(InputError, match="'swiss_roll' has no classes"):
        data.load("swiss_roll").classes  # noqa: B018
