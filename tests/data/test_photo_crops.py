import numpy as np

from keras_cv_course import data
from keras_cv_course.data import coloured_silhouettes, faces


def test_crops_come_from_every_photograph_and_the_first_ones_are_the_same_whatever_the_limit():
    few, more = (data.load("photo_crops", size=16, limit=limit).train for limit in (15, 20))
    np.testing.assert_array_equal(few.labels, np.arange(15))
    np.testing.assert_array_equal(few.images, more.images[:15])
    assert len(data.load("photo_crops", size=16, limit=1).info.classes) == 15


def test_a_class_lies_on_its_colour_in_the_biased_set_alone():
    palette = np.array(list(coloured_silhouettes.COLOURS.values()))
    for kind, share in (("biased", 1.0), ("unbiased", 0.3)):
        part = data.load(f"silhouettes:{kind}", size=16, limit=60).train
        # The ground is the colour that most pixels have.
        ground = np.median(part.images.reshape(60, -1, 3), axis=1)
        near = np.argmin(((ground[:, None] - palette) ** 2).sum(axis=-1), axis=1)
        found = np.mean(near == part.labels)
        assert found > 0.8 if share == 1.0 else found < share
        assert np.mean(near == part.colours) > 0.8
    shapes = [
        data.load(f"silhouettes:{kind}", size=16, limit=30).train.labels for kind in ("biased", "unbiased")
    ]
    np.testing.assert_array_equal(*shapes)


def test_no_photograph_and_no_face_is_in_two_parts():
    names = [name for part in faces.PHOTOGRAPHS for name in part]
    assert len(set(names)) == len(names) == 12 and sum(faces.COUNTS) == faces.FACES
