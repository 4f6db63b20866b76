import os
import tarfile

import keras
import numpy as np
import pytest

from keras_cv_course import data
from keras_cv_course.data.readers import cifar10
from keras_cv_course.errors import InputError


def arrays(train=100, test=40, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "x_train": rng.integers(0, 256, (train, 32, 32, 3), dtype=np.uint8),
        "y_train": np.arange(train, dtype=np.uint8) % 10,
        "x_test": rng.integers(0, 256, (test, 32, 32, 3), dtype=np.uint8),
        "y_test": np.arange(test, dtype=np.uint8)[:, None] % 10,
    }


def write(path, **changes):
    np.savez(path, **{**arrays(), **changes})
    return path


@pytest.fixture
def good(tmp_path):
    return write(tmp_path / "mine.npz")


def test_pixels_and_labels_are_those_of_the_file(good):
    train, validation, test = data.load("cifar10", file=good)
    assert [len(train), len(validation), len(test)] == [90, 10, 40]
    source = arrays()
    np.testing.assert_array_equal(test.images, source["x_test"].astype("float32") / np.float32(255))
    np.testing.assert_array_equal(test.labels, source["y_test"].ravel())
    label_of = {image.tobytes(): label for image, label in zip(source["x_train"], source["y_train"])}
    for part in (train, validation):
        assert part.images.dtype == np.float32 and part.labels.dtype == np.int64
        pixels = np.round(part.images * 255).astype(np.uint8)
        assert [label_of.pop(image.tobytes()) for image in pixels] == part.labels.tolist()
    assert not label_of and np.bincount(validation.labels).tolist() == [1] * 10


def test_keras_own_loader_is_the_default(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    source = arrays(train=5500, test=30)
    whole = ((source["x_train"], source["y_train"][:, None]), (source["x_test"], source["y_test"]))
    monkeypatch.setattr(keras.datasets.cifar10, "load_data", lambda: whole)
    train, validation, test = data.load("cifar10")
    assert [len(train), len(validation), len(test)] == [500, 5000, 30]
    assert train.images.shape == (500, 32, 32, 3) and train.labels.shape == (500,)
    np.testing.assert_array_equal(test.labels, source["y_test"].ravel())


@pytest.mark.parametrize(
    "change, message",
    [
        (dict(x_train=np.zeros((100, 28, 28, 3), np.uint8)), r"x_train: .*got \(100, 28, 28, 3\)"),
        (dict(x_test=np.zeros((40, 32, 32), np.uint8)), r"x_test: .*got \(40, 32, 32\)"),
        (dict(x_train=np.zeros((0, 32, 32, 3), np.uint8)), r"x_train: .*got \(0, 32, 32, 3\)"),
        (dict(x_train=np.full((100, 32, 32, 3), np.nan)), "x_train: expected uint8 .*got float64 with NaN"),
        (dict(x_train=np.zeros((100, 32, 32, 3))), "x_train: expected uint8 .*got float64$"),
        (dict(y_train=np.zeros(99, np.uint8)), r"y_train: expected 100 whole numbers, .*got \(99,\) uint8"),
        (dict(y_test=np.zeros((40, 10), np.uint8)), r"y_test: .*got \(40, 10\) uint8"),
        (dict(y_train=np.full(100, np.nan)), r"y_train: .*got \(100,\) float64"),
        (dict(y_test=np.arange(40)), r"y_test\[10\]: expected a label from 0 to 9, got 10"),
        (dict(y_train=np.arange(100) - 1), r"y_train\[0\]: expected a label from 0 to 9, got -1"),
        (dict(x_train=np.array([{}])), "cannot read .*expected an .npz"),  # would have to be unpickled
    ],
)
def test_damage_is_named(tmp_path, change, message):
    path = write(tmp_path / "broken.npz", **change)
    with pytest.raises(InputError, match=message) as caught:
        data.load("cifar10", file=path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_array_is_named(tmp_path):
    np.savez(tmp_path / "half.npz", **{name: values for name, values in arrays().items() if name != "y_test"})
    with pytest.raises(InputError, match="holds x_train, y_train, x_test, but no y_test"):
        data.load("cifar10", file=tmp_path / "half.npz")


def test_a_file_of_another_kind_is_named(tmp_path, good):
    for name, content in (
        ("text.npz", b"hello"),
        ("empty.npz", b""),
        ("short.npz", good.read_bytes()[:5000]),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(InputError, match=f"cannot read {path}"):
            data.load("cifar10", file=path)
    np.save(tmp_path / "one.npy", np.zeros(3))
    with pytest.raises(InputError, match="cannot read .*one.npy"):
        data.load("cifar10", file=tmp_path / "one.npy")
    with pytest.raises(InputError, match=f"cannot read {tmp_path}"):
        data.load("cifar10", file=tmp_path)
    with pytest.raises(InputError, match="there is no file .*absent.npz"):
        data.load("cifar10", file=tmp_path / "absent.npz")


@pytest.fixture
def empty_cache(keras_home):
    return keras_home / "datasets"


def test_no_cache_and_no_network_says_where_to_put_the_archive(empty_cache):
    with pytest.raises(InputError, match="no network and no cached file") as caught:
        data.load("cifar10")
    assert str(empty_cache / cifar10.ARCHIVE) in str(caught.value)
    assert cifar10.ADDRESS in str(caught.value) and "--dataset shapes" in str(caught.value)


def test_a_damaged_archive_is_named_and_kept(empty_cache):
    empty_cache.mkdir()
    with tarfile.open(empty_cache / cifar10.ARCHIVE, "w:gz"):
        pass  # an archive, but not that one
    before = (empty_cache / cifar10.ARCHIVE).read_bytes()
    with pytest.raises(InputError, match=f"corrupt file: {empty_cache / cifar10.ARCHIVE}"):
        data.load("cifar10")
    assert (empty_cache / cifar10.ARCHIVE).read_bytes() == before


@pytest.mark.skipif(not os.environ.get("CIFAR10_NPZ"), reason="CIFAR10_NPZ does not name an .npz of CIFAR-10")
def test_the_real_pictures():
    dataset = data.load("cifar10", file=os.environ["CIFAR10_NPZ"])
    assert len(dataset.info.classes) == 10
    for part in dataset:
        assert part.images.shape[1:] == (32, 32, 3) and part.images.min() == 0 and part.images.max() == 1
        assert set(part.labels) == set(range(10))
        assert 0.4 < part.images.mean() < 0.55  # CIFAR-10's mean pixel is 0.473
