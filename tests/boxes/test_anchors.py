"""Anchors: published counts, the convention of the centre, an independent implementation."""

import numpy as np
import pytest

from keras_cv_course.boxes.anchors import anchors, cell_centres, pyramid_anchors
from keras_cv_course.errors import InputError

OCTAVES = [2 ** (i / 3) for i in range(3)]


def test_the_first_cells_centre_is_half_a_stride():
    assert cell_centres((32, 48), 16).tolist() == [[8, 8], [24, 8], [40, 8], [8, 24], [24, 24], [40, 24]]


def test_anchors_by_hand():
    # 64 x 64, stride 32 (P5), one scale of twice the stride, ratio 1: four boxes of 64 x 64.
    expected = [[-16, -16, 48, 48], [16, -16, 80, 48], [-16, 16, 48, 80], [16, 16, 80, 80]]
    assert anchors((64, 64), 32, [64]).tolist() == expected


def test_area_stays_and_ratio_is_height_over_width():
    boxes = anchors((16, 16), 16, [8, 32], [0.5, 1, 2])
    width, height = (boxes[:, 2:] - boxes[:, :2]).T
    np.testing.assert_allclose(width * height, [64] * 3 + [1024] * 3, rtol=1e-5)
    np.testing.assert_allclose(height / width, [0.5, 1, 2] * 2, rtol=1e-5)


@pytest.mark.parametrize("side, count", [(512, 49_104), (800, 120_087), (224, 9_441)])
def test_retinanets_counts(side, count):
    # 9 anchors a cell on P3 to P7 (FACTS: RetinaNet).
    strides = [8, 16, 32, 64, 128]
    scales = [[4 * stride * octave for octave in OCTAVES] for stride in strides]
    assert pyramid_anchors((side, side), strides, scales, [0.5, 1, 2]).shape == (count, 4)


def test_the_region_proposal_networks_count():
    assert len(anchors((40 * 16, 60 * 16), 16, [128, 256, 512], [0.5, 1, 2])) == 21_600


# The nine anchors of Faster R-CNN's program (py-faster-rcnn, generate_anchors.py): stride 16, scales 8, 16 and 32
# strides, ratios 1/2, 1 and 2, first and last pixel counted from 1. It rounds the sides of the base boxes.
PUBLISHED = np.array(
    [
        [-83, -39, 100, 56], [-175, -87, 192, 104], [-359, -183, 376, 200],
        [-55, -55, 72, 72], [-119, -119, 136, 136], [-247, -247, 264, 264],
        [-35, -79, 52, 96], [-79, -167, 96, 184], [-167, -343, 184, 360],
    ]
)  # fmt: skip


def test_the_published_nine_of_faster_r_cnn():
    edges = PUBLISHED - [1, 1, 0, 0]
    width, height = (edges[:, 2:] - edges[:, :2]).T
    for box, area, ratio in zip(edges, width * height, height / width, strict=True):
        np.testing.assert_allclose(anchors((16, 16), 16, [area**0.5], [ratio]), [box], atol=1e-4)
    # Squares need no rounding: three scales at ratio 1.
    np.testing.assert_allclose(anchors((16, 16), 16, [128, 256, 512]), edges[3:6], atol=1e-4)


def test_equals_keras_cv():
    from keras_cv.layers import AnchorGenerator

    theirs = AnchorGenerator(
        bounding_box_format="xyxy",
        sizes=[32.0],
        scales=[1.0, 1.5],
        aspect_ratios=[0.5, 1.0, 2.0],
        strides=[16],
    )(image_shape=(64, 96, 3))[0]
    ours = anchors((64, 96), 16, [32, 48], [0.5, 1, 2])

    def order(boxes):
        boxes = np.round(np.asarray(boxes), 3)
        return boxes[np.lexsort(boxes.T)]

    np.testing.assert_allclose(order(ours), order(theirs), atol=2e-3)


def test_refuses_a_scale_of_nothing():
    with pytest.raises(InputError, match=r"scales \(0,\)"):
        anchors((8, 8), 4, [0])
    with pytest.raises(InputError, match="2 strides and 1 scales"):
        pyramid_anchors((8, 8), [4, 8], [[4]])


def test_without_ratios_anchors_are_squares():
    for boxes in (anchors((8, 8), 8, [4]), pyramid_anchors((8, 8), [8], [[4]])):
        assert boxes.tolist() == [[2, 2, 6, 6]]
