"""The variants of drawn scenes."""

import numpy as np
import pytest

from keras_cv_course import data
from keras_cv_course.data.scenes.shapes import VARIANTS, Variant


@pytest.mark.parametrize("name", VARIANTS)
def test_parts_are_different_scenes_and_begin_alike_whatever_the_limit(name):
    few, more = (data.load(name, size=32, limit=limit) for limit in (6, 9))
    images = np.concatenate([part.images for part in few])
    assert len(images) == 18 and len(np.unique(images.reshape(18, -1), axis=0)) == 18
    for part, longer in zip(few, more, strict=True):
        np.testing.assert_array_equal(part.images, longer.images[:6])


@pytest.mark.parametrize("name", VARIANTS)
def test_the_classes_are_those_of_its_own_info(name):
    dataset = data.load(name, size=32, limit=40)
    for part in dataset:
        shown = part.box_classes[part.box_classes >= 0]
        assert shown.max() < len(dataset.info.classes) == len(dataset.info.extra["mask_classes"]) - 1
        assert set(np.unique(part.masks)) <= {0, *(shown + 1)}


def test_no_two_names_mean_the_same_scenes():
    seen = [data.load(name, size=32, limit=3).train.images.tobytes() for name in VARIANTS]
    assert len(set(seen)) == len(VARIANTS)


def test_silhouettes_are_the_masks_of_the_shapes():
    plain, white = (data.load(name, size=32, limit=5).test for name in ("shapes", "shapes:silhouettes"))
    np.testing.assert_array_equal(white.images[..., 0], plain.masks > 0)
    np.testing.assert_array_equal(white.labels, plain.labels)


def test_source_and_target_share_no_class():
    classes = [VARIANTS[name].classes for name in ("shapes:source", "shapes:target")]
    assert len(set().union(*classes)) == len(classes[0]) + len(classes[1]) == len(Variant("", {}).classes)
