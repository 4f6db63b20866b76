import numpy as np

from keras_cv_course.data.scenes.scenes import scenes
from keras_cv_course.metrics.pixels_outside import pixels_outside


def test_by_hand():
    instances = np.zeros((2, 4, 6), int)
    instances[0, 1:3, 2:5] = 1
    instances[1, 0, 0], instances[1, 3, 3:6] = 1, 2
    tight = np.array([[[2.0, 1, 5, 3], [-1, -1, -1, -1]], [[0, 0, 1, 1], [3, 3, 6, 4]]])
    assert pixels_outside(tight, instances) == 0
    narrow = tight.copy()
    narrow[0, 0, 0] += 1  # its first column of 2 pixels
    narrow[1, 1, 2] -= 2  # two of its three pixels
    assert pixels_outside(narrow, instances) == 4
    # An object without a box does not count; nor does the ground.
    narrow[0, 0] = -1
    assert pixels_outside(narrow, instances) == 2


def test_boxes_of_scenes_hold_their_objects_and_mirrored_ones_do_not():
    part = scenes(8, size=32, objects=(1, 3), seed=1)
    assert pixels_outside(part.boxes, part.instances) == 0
    assert pixels_outside(part.boxes, part.instances[:, :, ::-1]) > 50
