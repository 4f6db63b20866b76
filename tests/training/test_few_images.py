import numpy as np
import pytest

from keras_cv_course.data.part import Part
from keras_cv_course.errors import InputError
from keras_cv_course.training.few_images import few_of_each_class, mirrored, shrunk

rng = np.random.default_rng(20261128)
LABELS = np.repeat([0, 1, 2], (9, 5, 7))
PART = Part(images=rng.random((21, 4, 6, 3), dtype="float32"), labels=LABELS, place=np.arange(21))


def test_each_set_has_as_many_of_each_class_and_is_part_of_the_next():
    parts = few_of_each_class(PART, (4, 1, 80), shots=2, seed=3)
    assert list(parts) == [1, 2, 4, 5]  # the smallest class has five
    for count, part in parts.items():
        assert np.bincount(part.labels).tolist() == [count] * 3
        np.testing.assert_array_equal(part.labels, LABELS[part.place])
        assert set(parts[1].place) <= set(part.place) <= set(parts[5].place)
    again, other = (few_of_each_class(PART, (4,), 4, seed)[4].place for seed in (3, 4))
    np.testing.assert_array_equal(again, parts[4].place)
    assert (again != other).any()


def test_what_cannot_be_cut_is_refused():
    with pytest.raises(InputError, match="in colour, received 1 channel"):
        few_of_each_class(Part(images=np.zeros((2, 4, 4, 1)), labels=np.arange(2)), (1,), 1, 0)
    for part, counts, shots in ((PART, (0,), 1), (PART, (1,), 0), (PART[LABELS != 1], (1,), 1)):
        with pytest.raises(InputError, match="an image or more of each class, received 0"):
            few_of_each_class(part, counts, shots, 0)


def test_mirror_images_follow_their_image():
    twice = mirrored(PART)
    np.testing.assert_array_equal(twice.images[::2], PART.images)
    np.testing.assert_array_equal(twice.images[1::2], PART.images[..., ::-1, :])
    np.testing.assert_array_equal(twice.labels, np.repeat(LABELS, 2))


def test_smaller_copies_are_means_of_blocks():
    images = rng.random((2, 9, 7, 3))
    small = shrunk(images, side=3)
    assert small.shape == (2, 3, 2, 3)
    np.testing.assert_allclose(small[1, 2, 1], images[1, 6:9, 3:6].mean(axis=(0, 1)))
    np.testing.assert_array_equal(shrunk(images), images)
