import numpy as np
import pytest
from PIL import Image
from skimage.data import coffee

from keras_cv_course import data
from keras_cv_course.data import photos
from keras_cv_course.errors import InputError


def test_a_photograph_is_the_square_in_its_middle():
    train = data.load("photos", size=400).train  # as many pixels as coffee is high
    (place,) = np.flatnonzero(train.names == "coffee")
    np.testing.assert_allclose(train.images[place], coffee()[:, 100:500] / 255, atol=1e-6)


def test_every_photograph_has_its_credit_and_is_unlike_the_others():
    dataset = data.load("photos", size=16)
    names = [name for part in dataset for name in part.names]
    assert list(dataset.info.extra["credits"]) == names and len(set(names)) == len(names) == 15
    images = np.concatenate([part.images for part in dataset]).reshape(15, -1)
    assert np.corrcoef(images)[~np.eye(15, dtype=bool)].max() < 0.9


def test_the_network_is_not_asked(no_network, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))  # nor the cache of scikit-image
    assert len(data.load("photos", size=8).train) == 8


def test_a_missing_file_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(photos, "_path", lambda folder, file: tmp_path / file)
    with pytest.raises(InputError, match="there is no image .*chelsea.png"):
        data.load("photos")
    Image.new("L", (30, 20), 128).save(tmp_path / "chelsea.png")
    with pytest.raises(InputError, match="there is no image .*coffee.png"):
        data.load("photos")
