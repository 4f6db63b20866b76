"""Regions are where they were drawn, and a forest learns their classes."""

import numpy as np

from keras_cv_course.baselines.region_forest import RegionForest, above_background, connected_colours, regions
from keras_cv_course.boxes.average_precision import mean_average_precision


def drawn(rng, count):
    """Images with a dark square (class 0) and a dark cross (class 1), which may lie upon each other."""
    images, boxes = np.full((count, 32, 32, 3), 0.9, "float32"), np.zeros((count, 2, 4), "float32")
    for image, rows in zip(images, boxes, strict=True):
        for kind in (0, 1):
            left, top = rng.integers(0, 20, 2)
            side, colour = rng.integers(9, 12), rng.uniform(0, 0.5, 3)
            third = side // 3
            parts = [(0, side)] if kind == 0 else [(third, side - third)]
            for low, high in parts:
                image[top + low : top + high, left : left + side] = colour
                image[top : top + side, left + low : left + high] = colour
            rows[kind] = left, top, left + side, top + side
    return images, boxes, np.tile([0, 1], (count, 1))


def test_regions_of_one_colour_by_hand():
    image = np.full((2, 16, 16, 3), 0.8, "float32")
    image[1, 2:8, 3:12] = 0.2  # 6 x 9 pixels
    image[1, 8:14, 3:12] = 0.3  # touches it, in another colour
    image[1, 15, 15] = 0.0  # too small
    rows, boxes, features = regions(image, (("colour", 0.05),))
    assert rows.tolist() == [1, 1] and boxes.tolist() == [[3, 2, 12, 8], [3, 8, 12, 14]]
    assert features[:, -4:].tolist() == [[6, 9, 54, 1], [6, 9, 54, 1]] and np.all(features[:, :256] == 1)
    rows, boxes, features = regions(image, (("background", 0.1),))
    assert rows.tolist() == [1] and boxes.tolist() == [[3, 2, 12, 14]] and features[0, -2] == 108


def test_segments_end_with_their_image():
    images = np.zeros((3, 6, 6, 3), "float32")
    images[:, :, 3:] = 1
    colours = connected_colours(images, 0.5)
    assert len(np.unique(colours)) == 6 and len(np.unique(colours[1])) == 2
    assert np.unique(above_background(images[..., :1] + [0, 0, 0.0], 0.4)).tolist() == [1, 2, 3]


def test_learns_to_detect():
    rng = np.random.default_rng(0)
    train, test = drawn(rng, 300), drawn(rng, 100)
    forest = RegionForest(segmentations=2, trees=30).fit(*train)
    detections = forest.detect(test[0], max_detections=5)
    assert [values.shape for values in detections] == [(100, 5, 4), (100, 5), (100, 5)]
    assert mean_average_precision(detections, test[1:], 2)["mean"] > 0.8
    # Padding is no object to learn from; an image without regions has no detection.
    labels = np.where(np.arange(300)[:, None] < 150, train[2], -1)
    empty = RegionForest(segmentations=1, trees=5).fit(train[0], train[1], labels).detect(0 * test[0][:2])
    assert np.all(empty[2] == -1) and np.all(empty[1] == 0)
