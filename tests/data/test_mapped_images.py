import os

import numpy as np
import pytest

from keras_cv_course.data import mapped_images
from keras_cv_course.data.mapped_images import MappedImages, MappedPart, part_of
from keras_cv_course.data.part import Part
from keras_cv_course.errors import InputError


@pytest.fixture
def pair(tmp_path):
    """Images on disk in an order of their own, and the float32 array that they stand for."""
    rng = np.random.default_rng(0)
    stored = rng.integers(0, 256, (40, 5, 7, 3), dtype=np.uint8)
    np.save(tmp_path / "images.npy", stored)
    numbers = rng.permutation(40)[:30]
    return MappedImages(tmp_path / "images.npy", numbers), (stored / np.float32(255))[numbers]


def test_it_says_of_itself_what_the_array_says(pair):
    mapped, array = pair
    for name in ("shape", "dtype", "ndim", "size"):
        assert getattr(mapped, name) == getattr(array, name)
    assert len(mapped) == 30 and mapped.mean() == array.mean() and mapped.max() == array.max()
    assert not hasattr(mapped, "images") and not hasattr(mapped, "__array_interface__")


KEYS = {
    "one": 3,
    "one of NumPy's": np.int64(4),
    "from the end": -2,
    "slice": slice(4, 20),
    "steps": slice(None, None, -3),
    "none": slice(0, 0),
    "indices": np.array([5, 0, 5, 29]),
    "list": [1, 2],
    "table of indices": np.arange(6).reshape(2, 3),
    "mask": np.arange(30) % 3 == 0,
    "channel": (slice(None), ..., 0),
    "one's channel": (3, ..., 0),
    "last axis": (..., 1),
    "new axis": (None, 2),
    "window": (slice(2, 9), slice(1, 4), slice(None, None, 2)),
    "window of indices": (np.array([3, 1]), slice(1, 4), 2),
    "pixels": (np.array([3, 1]), np.array([0, 4]), np.array([6, 2])),
    "mask of pixels": np.random.default_rng(1).random((30, 5, 7, 3)) > 0.5,
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_indexing_gives_the_arrays_numbers(pair, key):
    mapped, array = pair
    found = mapped[key]
    assert type(found) is type(array[key]) and found.dtype == np.float32
    np.testing.assert_array_equal(found, array[key])


@pytest.mark.parametrize("key", [30, -31, np.array([30])], ids=str)
def test_no_such_image(pair, key):
    with pytest.raises(IndexError):
        pair[0][key]


def test_numpy_takes_it_for_an_array(pair):
    mapped, array = pair
    same = np.testing.assert_array_equal
    same(np.asarray(mapped), array)
    same(np.pad(mapped, 1), np.pad(array, 1))
    same(np.concatenate([mapped, mapped]), np.concatenate([array, array]))
    same(np.stack([image + 1 for image in mapped]), array + 1)
    for ours, theirs in zip(np.array_split(mapped, 4), np.array_split(array, 4), strict=True):
        same(ours, theirs)
    same(1 - mapped * 2, 1 - array * 2)
    same(mapped == array, True)
    same(mapped.reshape(30, -1), array.reshape(30, -1))
    assert np.asarray(mapped, "float64").dtype == np.float64
    with pytest.raises(ValueError, match="always a copy"):
        np.array(mapped, copy=False)


def test_every_backend_takes_it_for_an_array(pair):
    import keras

    mapped, array = pair
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(keras.ops.convert_to_tensor(mapped)), array)


def test_rows_of_rows_read_nothing(pair, monkeypatch):
    mapped, array = pair
    with monkeypatch.context() as patch:
        patch.setattr(MappedImages, "_read", None)
        chosen = mapped.rows(slice(3, 20)).rows(np.array([4, 0])).rows(np.array([True, False]))
        assert chosen.shape == (1, 5, 7, 3)
    np.testing.assert_array_equal(chosen[0], array[7])


def test_columns_of_rows(pair):
    mapped, array = pair
    some = mapped.rows(slice(5, 20)).columns(slice(2, 5))
    assert some.shape == (15, 5, 3, 3)
    np.testing.assert_array_equal(some, array[5:20, :, 2:5])
    np.testing.assert_array_equal(some.rows([3])[0, 1:], array[8, 1:, 2:5])
    assert mapped.shape == array.shape


def test_a_part_of_them_chooses_rows_as_a_part_in_memory_does(pair, monkeypatch):
    mapped, array = pair
    other = dict(labels=np.arange(30), boxes=[np.full((number, 4), number) for number in range(30)])
    ours, theirs = part_of(images=mapped, **other), part_of(images=array, **other)
    assert type(ours) is MappedPart and type(theirs) is Part
    for rows in (slice(0, 7), np.arange(30) % 2 == 0, np.random.default_rng(0).permutation(30)):
        with monkeypatch.context() as patch:
            patch.setattr(MappedImages, "_read", None)
            chosen = ours[rows][:5]
        expected = theirs[rows][:5]
        assert type(chosen) is MappedPart and list(chosen.fields) == list(expected.fields)
        np.testing.assert_array_equal(chosen.images, expected.images)
        np.testing.assert_array_equal(chosen.labels, expected.labels)
        assert [len(boxes) for boxes in chosen.boxes] == [len(boxes) for boxes in expected.boxes]
    with pytest.raises(InputError, match="equally long"):
        part_of(images=mapped, labels=np.arange(3))


def test_what_was_read_does_not_stay_in_the_process(pair, tmp_path, monkeypatch):
    """The pages of the file that count as this process' memory, as Linux reports them."""

    def resident():
        with open("/proc/self/smaps", encoding="utf-8") as file:
            lines = file.read().splitlines()
        start = next(number for number, line in enumerate(lines) if line.endswith("large.npy"))
        return next(int(line.split()[1]) for line in lines[start:] if line.startswith("Rss:"))

    if not os.path.exists("/proc/self/smaps"):
        pytest.skip("there is no /proc here")
    np.save(tmp_path / "large.npy", np.ones((64, 128, 128, 3), np.uint8))
    mapped = MappedImages(tmp_path / "large.npy")
    np.asarray(mapped)
    assert resident() > 2500
    monkeypatch.setattr(mapped_images, "RELEASED_AFTER", 2**20)
    for start in range(0, 64, 16):
        assert (mapped[start : start + 16] == np.float32(1 / 255)).all()
    assert resident() < 1500


def test_another_file_is_refused(tmp_path):
    np.save(tmp_path / "floats.npy", np.zeros((2, 3, 3, 1)))
    with pytest.raises(ValueError, match="uint8"):
        MappedImages(tmp_path / "floats.npy")
    np.save(tmp_path / "cut.npy", np.zeros((20, 32, 32, 3), np.uint8))
    os.truncate(tmp_path / "cut.npy", 5000)
    with pytest.raises(ValueError):
        MappedImages(tmp_path / "cut.npy")
