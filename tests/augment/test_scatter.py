"""`scattered`: nothing of an image is lost, and every place is taken."""

import numpy as np
import pytest

from keras_cv_course.augment.scatter import scattered
from keras_cv_course.data.part import Part
from keras_cv_course.errors import InputError


def test_every_image_whole_at_every_place():
    images = np.random.default_rng(0).random((200, 3, 4, 2), dtype="float32")
    part = scattered(Part(images=images, labels=np.arange(200)), padding=2, seed=1)
    assert part.images.shape == (200, 5, 6, 2) and (part.labels == np.arange(200)).all()
    places = set()
    for image, larger in zip(images, part.images):
        found = [
            (top, left)
            for top in range(3)
            for left in range(3)
            if (larger[top : top + 3, left : left + 4] == image).all()
        ]
        assert len(found) == 1 and np.isclose(larger.sum(), image.sum())
        places.update(found)
    assert len(places) == 9
    again = scattered(Part(images=images, labels=np.arange(200)), padding=2, seed=1)
    assert (again.images == part.images).all()


def test_no_padding():
    part = Part(images=np.ones((2, 3, 3, 1)), labels=np.arange(2))
    assert scattered(part, padding=0, seed=0) is part
    with pytest.raises(InputError, match="0 pixels or more, received -1"):
        scattered(part, padding=-1, seed=0)
