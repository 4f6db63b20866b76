import io

import numpy as np
from matplotlib.patches import Rectangle

from keras_cv_course.data.scenes.scenes import CLASSES, scenes
from keras_cv_course.plot.scene_sheet import scene_sheet


def test_boxes_masks_and_names_are_where_they_belong():
    part = scenes(5, size=32, objects=(2, 3), radius=(0.2, 0.3), void=True)
    figure = scene_sheet(
        part.images, CLASSES, "scenes", part.labels, part.masks, part.boxes, part.box_classes, columns=3
    )
    assert len(figure.axes) == 12  # two rows of pictures, each with a row of masks
    for place, axis in enumerate([*figure.axes[0:3], *figure.axes[6:8]]):
        np.testing.assert_array_equal(axis.images[0].get_array(), part.images[place])
        assert axis.get_title() == CLASSES[part.labels[place]]
        there = part.box_classes[place] >= 0
        drawn = [patch.get_bbox().extents for patch in axis.patches if isinstance(patch, Rectangle)]
        np.testing.assert_allclose(
            drawn[::2], part.boxes[place][there] - 0.5
        )  # a pixel's middle is its number
        assert [text.get_text() for text in axis.texts] == [
            CLASSES[kind] for kind in part.box_classes[place][there]
        ]
    np.testing.assert_array_equal(figure.axes[3].images[0].get_array(), part.masks[0])
    figure.savefig(io.BytesIO(), format="png", dpi=50)


def test_pictures_alone():
    figure = scene_sheet(np.zeros((2, 4, 4, 1)), ("a", "b"), "nothing", columns=4)
    assert len(figure.axes) == 4 and not figure.legends
