import numpy as np

from keras_cv_course import data
from keras_cv_course.baselines.single_features import best_single_features, haar_features
from keras_cv_course.data.part import Part


def test_a_haar_like_feature_by_hand():
    image = np.zeros((1, 4, 4, 1))
    image[0, :2] = 1  # two bright rows above two dark ones
    found = haar_features(image)[0]
    assert found.max() == 1 and found.min() >= 0


def test_a_class_that_one_pixel_tells_is_told_by_one_pixel():
    rng = np.random.default_rng(0)

    def part(count):
        images = rng.random((count, 25, 25, 1), dtype="float32")
        labels = np.arange(count) % 2
        images[:, 12, 7, 0] = np.where(labels, 0.1, 0.9)  # darker: the sign has to be found, too
        return Part(images=images, labels=labels)

    found = best_single_features(part(60), part(20), part(40))
    assert found["a pixel"] == 1 and found["a cell of HOG"] < 1


def test_faces_are_not_told_by_brightness_and_in_one_part_each():
    train, validation, test = data.load("faces")
    images = np.concatenate([part.images for part in (train, validation, test)]).reshape(400, -1)
    assert np.ptp(images.mean(axis=1)) < 0.1
    assert len(np.unique(images, axis=0)) == 400
    assert [part.labels.mean() for part in (train, validation, test)] == [0.25] * 3
