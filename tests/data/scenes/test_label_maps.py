import numpy as np
import pytest

from keras_cv_course import data
from keras_cv_course.data.scenes.label_maps import PALETTE, coloured
from keras_cv_course.errors import InputError


def test_every_class_has_its_colours():
    """Orange, grey, green, and a blue ground, whatever the pattern; objects have two shades."""
    part, _, _ = data.load("label_maps")
    means = np.array([part.images[part.masks == kind].mean(axis=0) for kind in range(4)])
    assert means[0].argmax() == 2 and means[1].argmax() == 0 and means[3].argmax() == 1
    assert np.ptp(means[2]) < 0.1
    for kind in (1, 2, 3):
        large = [
            (image, mask == kind) for image, mask in zip(part.images, part.masks) if np.sum(mask == kind) > 60
        ]
        spread = [image[own].mean(axis=-1).std() for image, own in large]
        assert np.median(spread) > 0.1


def test_maps_are_painted_class_by_class():
    masks = np.array([[[0, 1], [3, 255]]], "uint8")
    np.testing.assert_array_equal(coloured(masks, 4)[0], [[PALETTE[0], PALETTE[1]], [PALETTE[3], [0, 0, 0]]])
    colours = coloured(np.arange(14, dtype="uint8").reshape(1, 2, 7), 14).reshape(14, 3)
    gaps = np.abs(colours[:, None] - colours).sum(axis=-1) + 9 * np.eye(14)
    assert colours.dtype == np.float32 and gaps.min() > 0.15
    with pytest.raises(InputError, match=r"0 to 2, or 255 for none, got \[3\]"):
        coloured(masks, 3)
    with pytest.raises(InputError, match="1 to 14 classes, got 15"):
        coloured(masks, 15)
