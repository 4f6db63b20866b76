"""The truth that the drawn squares stand for: stripes tell the class, and nothing else does."""

import numpy as np

from keras_cv_course import data


def squares(part, which):
    """The pixels (N, 8, 8) of the striped (0) or the checked (1) squares."""
    cut = [
        image[int(box[1]) : int(box[3]), int(box[0]) : int(box[2]), 0]
        for image, box in zip(part.images, part.boxes[:, which])
    ]
    return np.stack(cut)


def test_the_direction_of_the_stripes_is_the_class_and_the_checks_have_none():
    for part in data.load("marks"):
        striped, checked = squares(part, 0), squares(part, 1)
        assert striped.shape == (len(part), 8, 8)
        for pattern, side in ((striped, 1), (checked, 0)):
            down = np.abs(np.diff(pattern, axis=1)).mean(axis=(1, 2))
            along = np.abs(np.diff(pattern, axis=2)).mean(axis=(1, 2))
            if side:
                np.testing.assert_array_equal(along > 3 * down, part.labels == 1)
                np.testing.assert_array_equal(down > 3 * along, part.labels == 0)
            else:  # three or four edges within eight pixels
                np.testing.assert_allclose(down, along, rtol=0.5)
        np.testing.assert_allclose(striped.std(axis=(1, 2)), checked.std(axis=(1, 2)), atol=0.02)
        np.testing.assert_allclose(striped.mean(axis=(1, 2)), checked.mean(axis=(1, 2)), atol=0.02)
        assert abs(part.labels.mean() - 0.5) < 0.01


def test_the_squares_do_not_overlap_and_lie_anywhere():
    train = data.load("marks").train
    first, second = train.boxes[:, 0], train.boxes[:, 1]
    assert (np.abs(first[:, :2] - second[:, :2]).max(axis=1) >= 8).all()
    for box in (first, second):
        assert box.min() == 0 and box.max() == 32
        np.testing.assert_array_equal(box[:, 2:] - box[:, :2], 8)
    for label in (0, 1):  # places do not tell the class
        np.testing.assert_allclose(first[train.labels == label].mean(axis=0), first.mean(axis=0), atol=1)
