"""The parts of drawn scenes."""

import numpy as np

from keras_cv_course.data.scenes.shapes import scene_parts


def test_parts_of_one_count_are_different_scenes_and_a_part_begins_alike_whatever_its_count():
    parts = scene_parts((9, 6, 12), 16, limit=6)
    assert [len(part) for part in parts] == [6, 6, 6]
    images = np.concatenate([part.images for part in parts])
    assert len(np.unique(images.reshape(18, -1), axis=0)) == 18
    for part, longer in zip(parts, scene_parts((9, 6, 12), 16), strict=True):
        np.testing.assert_array_equal(part.images, longer.images[:6])
