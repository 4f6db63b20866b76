"""CenterNet's targets: FACTS' hand case, the radius by its definition, a slow loop, padding and edges."""

import numpy as np
import pytest

from keras_cv_course.detect.center_targets import center_targets, gaussian_radius
from keras_cv_course.errors import InputError


def targets_of(boxes, labels, map_size=(4, 6), stride=4, classes=3):
    found = center_targets(np.float32(boxes), np.asarray(labels), map_size, stride, classes)
    return {name: np.asarray(values) for name, values in found.items()}


def around(centre, width, height, stride=4):
    """A box with its centre (y, x) in cells."""
    y, x = centre
    return [
        stride * (x - width / 2),
        stride * (y - height / 2),
        stride * (x + width / 2),
        stride * (y + height / 2),
    ]


def test_the_known_case():
    # Centres (y, x) (1.5, 2.5) and (.3, 4.2): cells (1, 2) and (0, 4), offsets (.5, .5) and (.3, .2).
    found = targets_of([[around((1.5, 2.5), 2, 1), around((0.3, 4.2), 0.5, 0.4)]], [[0, 2]])
    assert found["cells"].tolist() == [[1 * 6 + 2, 0 * 6 + 4]]
    np.testing.assert_allclose(found["offsets"], [[[0.5, 0.5], [0.2, 0.3]]], atol=1e-6)
    np.testing.assert_allclose(found["sizes"], [[[2, 1], [0.5, 0.4]]], atol=1e-6)
    peaks = np.argwhere(found["heat_map"][0] == 1).tolist()
    assert peaks == [[0, 4, 2], [1, 2, 0]]


def worst_iou(height, width, radius):
    """The smallest IoU of a box with one whose corners were each moved by exactly the radius along both axes."""
    worst = 1.0
    for first in (-radius, radius):
        for last in (-radius, radius):
            shared = max(0, min(height, height + last) - max(0, first)) * max(
                0, min(width, width + last) - max(0, first)
            )
            other = max(0, height + last - first) * max(0, width + last - first)
            worst = min(worst, shared / (height * width + other - shared))
    return worst


@pytest.mark.parametrize("least", [0.3, 0.5, 0.7])
def test_within_the_radius_the_iou_holds_and_beyond_it_does_not(least):
    rng = np.random.default_rng(0)
    heights, widths = rng.uniform(1, 40, (2, 50)).astype("float32")
    radii = np.asarray(gaussian_radius(heights, widths, least))
    for height, width, radius in zip(
        heights.astype(float), widths.astype(float), radii.astype(float), strict=True
    ):
        assert abs(worst_iou(height, width, radius) - least) < 1e-4
        assert worst_iou(height, width, 0.9 * radius) > least > worst_iou(height, width, 1.1 * radius)
    # 10 x 10 and 0.7: both corners inwards decide, (10 - 2 r)^2 = 70.
    radius = float(gaussian_radius(np.float32(10), np.float32(10)))
    assert abs(radius - (10 - 70**0.5) / 2) < 1e-4


def test_heat_equals_a_slow_loop():
    rng = np.random.default_rng(1)
    low = rng.uniform(0, 20, (2, 5, 2))
    boxes = np.concatenate([low, low + rng.uniform(2, 20, (2, 5, 2))], axis=-1).astype("float32")
    labels = np.array([[0, 0, 0, 2, -1], [1, 1, -1, -1, -1]])
    found = targets_of(boxes, labels, map_size=(9, 11))
    expected = np.zeros((2, 9, 11, 3))
    for image in range(2):
        for box, label in zip(boxes[image].astype(float) / 4, labels[image], strict=True):
            if label < 0:
                continue
            x, y = int((box[0] + box[2]) / 2), int((box[1] + box[3]) / 2)
            radius = float(gaussian_radius(np.float32(box[3] - box[1]), np.float32(box[2] - box[0])))
            sigma = (2 * radius + 1) / 6
            for row in range(9):
                for column in range(11):
                    heat = np.exp(-((row - y) ** 2 + (column - x) ** 2) / (2 * sigma**2))
                    expected[image, row, column, label] = max(expected[image, row, column, label], heat)
    np.testing.assert_allclose(found["heat_map"], expected, atol=1e-5)
    assert found["valid"].tolist() == (labels >= 0).astype(float).tolist()


def test_edges_boxes_without_area_and_images_without_objects():
    found = targets_of([[[24, 16, 24, 16], [0, 0, 0, 0]], [[-1] * 4, [-1] * 4]], [[1, 0], [-1, -1]])
    assert found["cells"][0].tolist() == [3 * 6 + 5, 0]
    assert found["heat_map"][1].max() == 0 and all(np.isfinite(values).all() for values in found.values())


@pytest.mark.parametrize("least", [0.0, 1.0, -1.0])
def test_refuses_an_iou_that_is_none(least):
    with pytest.raises(InputError, match="between 0 and 1"):
        gaussian_radius(np.float32([2]), np.float32([2]), least)
