"""What a segmentation lesson is told of a data set that it cannot use, before it trains."""

from dataclasses import replace

import numpy as np
import pytest

from keras_cv_course import data
from keras_cv_course.data.masks import mask_classes
from keras_cv_course.data.part import Dataset, Part
from keras_cv_course.errors import InputError


def with_masks(masks):
    part = Part(images=np.zeros((*masks.shape, 3), "float32"), masks=masks)
    info = replace(data.describe("camvid"), extra={"mask_classes": ("sky", "building")})
    return Dataset(part, part, part, info=info)


def test_names_the_classes():
    assert mask_classes(data.load("shapes:three", limit=2)) == ("background", "triangle", "cross", "ring")


def test_data_without_masks_are_refused():
    with pytest.raises(InputError, match="'digits' has no class for every pixel .*it has images, labels"):
        mask_classes(data.load("digits", limit=4))


@pytest.mark.parametrize(
    "values, message",
    [
        ((0, 255), "nothing but 0 and 255: .*255 means void.*0 and 1"),
        ((1,), "nothing but 1: expected two classes$"),
    ],
)
def test_a_single_class_is_refused(values, message):
    masks = np.resize(np.array(values, "uint8"), (2, 4, 4))
    with pytest.raises(InputError, match=message):
        mask_classes(with_masks(masks))
    masks[0, 0, :2] = 0, 1
    assert mask_classes(with_masks(masks)) == ("sky", "building")
