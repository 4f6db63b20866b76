"""The detector learns to find a shape, with one class and with two; mining takes false alarms away."""

import numpy as np
import pytest

from keras_cv_course.boxes.average_precision import mean_average_precision
from keras_cv_course.detect.window_detector import WindowDetector
from keras_cv_course.errors import InputError


def scenes(count, seed, classes):
    """Bright squares (class 0) and crosses (class 1) of 30 pixels on noise, one an image."""
    rng = np.random.default_rng(seed)
    images, boxes = (
        0.3 + 0.05 * rng.standard_normal((count, 60, 60, 1)),
        np.full((count, 2, 4), -1.0, "float32"),
    )
    labels = np.full((count, 2), -1)
    for number in range(count):
        left, top = rng.integers(3, 27, 2)
        labels[number, 0] = number % classes
        inside = images[number, top : top + 30, left : left + 30]
        inside += 0.5
        if labels[number, 0] == 1:
            for rows in (slice(0, 10), slice(20, 30)):
                for columns in (slice(0, 10), slice(20, 30)):
                    inside[rows, columns] -= 0.5
        boxes[number, 0] = left, top, left + 30, top + 30
    return np.clip(images, 0, 1).astype("float32"), boxes, labels


@pytest.mark.parametrize("classes", [1, 2])
def test_learns_to_detect(classes):
    detector = WindowDetector(hard_negatives=1, an_image=5).fit(*scenes(16, 0, classes))
    images, boxes, labels = scenes(10, 1, classes)
    found = detector.detect(images)
    assert [values.shape for values in found] == [(10, 20, 4), (10, 20), (10, 20)]
    assert np.all((found[1] >= 0) & (found[1] <= 1)) and set(np.unique(found[2])) <= {-1, *range(classes)}
    assert mean_average_precision(found, (boxes, labels), classes)["mean"] > 0.8


def test_mining_lowers_the_scores_of_background():
    images, boxes, labels = scenes(12, 0, 1)
    highest = []
    for rounds in (0, 2):
        detector = WindowDetector(hard_negatives=rounds, an_image=2).fit(images, boxes, labels)
        empty = np.clip(0.3 + 0.05 * np.random.default_rng(5).standard_normal((6, 60, 60, 1)), 0, 1)
        highest.append(detector.detect(empty.astype("float32"))[1].max(axis=1).mean())
    assert highest[1] < highest[0]


def test_bad_input_is_refused():
    images, boxes, labels = scenes(2, 0, 1)
    with pytest.raises(InputError, match="no window covers an object"):
        WindowDetector().fit(images, boxes, np.full_like(labels, -1))
    for wrong in (dict(hard_negatives=-1), dict(an_image=0), dict(penalty=0)):
        with pytest.raises(InputError, match="rounds of mining"):
            WindowDetector(**wrong)
