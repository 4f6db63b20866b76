import functools
import os

import numpy as np
import pytest

from keras_cv_course import data
from keras_cv_course.data.part import Part, split
from keras_cv_course.data.scenes.shapes import VARIANTS
from keras_cv_course.errors import InputError

BUILT_IN = (
    "digits",
    "handwriting",
    "beats",
    "swiss_roll",
    "photos",
    "marks",
    "faces",
    "photo_crops",
    "silhouettes:biased",
    "silhouettes:unbiased",
    *VARIANTS,
    "stripes",
    "label_maps",
)
CACHED = {
    "mnist": "KERAS_HOME",
    "fashion_mnist": "KERAS_HOME",
    "tfds:mnist": "TFDS_DATA_DIR",
    "ecg5000": "ECG_CSV",
    "cifar10": "CIFAR10_NPZ",
    "folder": "IMAGE_FOLDER",
    "camvid": "CAMVID_FOLDER",
    "bccd": "BCCD_FOLDER",
}
FILES = (
    "ecg5000",
    "cifar10",
    "folder",
    "camvid",
    "bccd",
)  # what the variable names is the file or folder itself


@functools.lru_cache(1)  # all of them together take gigabytes
def load(name):
    """A data set, or a skip where its real files are not on this machine; CI has them."""
    if name in CACHED and CACHED[name] not in os.environ:
        pytest.skip(f"{CACHED[name]} does not name the real data")
    file = os.environ[CACHED[name]] if name in FILES else None
    size = 32 if name.startswith("shapes") else None  # smaller than usual, to be quick
    return data.load(name, file=file, size=size)


@pytest.mark.parametrize("name", [*BUILT_IN, *CACHED])
def test_every_set_keeps_its_word(name):
    """Fields, dtypes, ranges and classes are those of `Info`, and all numbers finite."""
    train, validation, test = dataset = load(name)
    assert dataset.info.name == name and dataset.info.source and dataset.info.licence
    for part in dataset:
        assert set(part.fields) == set(dataset.info.fields)
        for field, values in part.fields.items():
            assert values.shape[1:] == train.fields[field].shape[1:]
            kind = "str" if values.dtype.kind == "U" else str(values.dtype)
            assert kind in dataset.info.fields[field]
            assert kind == "str" or np.isfinite(values).all()
        if "images" in part.fields:
            assert part.images.dtype == np.float32 and part.images.min() >= 0 and part.images.max() <= 1
            photographs = name in ("photos", "folder", "camvid", "bccd")
            assert photographs or (part.images.min() == 0 and part.images.max() == 1)
        if "labels" in part.fields:
            assert part.labels.dtype == np.int64
            classes = set(np.unique(part.fields.get("box_classes", part.labels))) - {-1}
            assert set(np.unique(part.labels)) <= classes == set(range(len(dataset.info.classes)))
    assert len(train) > len(validation)


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_load_gives_the_same_parts(name):
    size = load(name).train.images.shape[1] if name.startswith("shapes") else None
    for one, other in zip(data.load(name, size=size), load(name)):
        for field in one.fields:
            np.testing.assert_array_equal(one.fields[field], other.fields[field])


@pytest.mark.parametrize("name", [*BUILT_IN, *CACHED])
def test_no_example_is_in_two_parts(name):
    seen = set()
    doubles = 0
    for part in load(name):
        rows = next(iter(part.fields.values()))
        keys = {hash(row.tobytes()) for row in rows}
        doubles += len(seen & keys)
        seen |= keys
    # A few images of Fashion-MNIST and digits are there twice in the source.
    assert doubles <= len(seen) / 2000


def test_both_doors_to_mnist_lead_to_the_same_images():
    door, second = load("mnist"), load("tfds:mnist")
    for one, other in zip(door, second):
        assert one.images.sum(dtype="float64") == pytest.approx(other.images.sum(dtype="float64"), rel=0.02)
    assert {i.tobytes() for i in door.test.images} == {i.tobytes() for i in second.test.images}


def test_published_sizes():
    assert [len(part) for part in load("digits")] == [1257, 180, 360]
    assert [len(part) for part in load("mnist")] == [55_000, 5_000, 10_000]
    assert np.bincount(load("fashion_mnist").test.labels).tolist() == [1000] * 10


def test_limit_keeps_the_first_examples_of_each_part():
    whole, few = data.load("digits"), data.load("digits", limit=7)
    for one, other in zip(whole, few):
        np.testing.assert_array_equal(one.images[:7], other.images)


def test_size_is_bilinear():
    from scipy.ndimage import zoom

    small, large = data.load("digits", limit=2), data.load("digits", limit=2, size=32)
    assert large.train.images.shape == (2, 32, 32, 1) and large.train.images.dtype == np.float32
    for one, other in zip(small.train.images, large.train.images):
        expected = zoom(one[..., 0], 4, order=1, grid_mode=True, mode="nearest")
        np.testing.assert_allclose(other[4:-4, 4:-4, 0], expected[4:-4, 4:-4], atol=1e-5)
    assert data.load("digits", limit=2, size=8).train.images.shape == (2, 8, 8, 1)


def test_part():
    part = Part(images=np.arange(12).reshape(4, 3), boxes=[[], [1], [2, 3], []])
    assert len(part) == 4 and part.boxes[1] == [1]
    chosen = part[np.array([True, False, True, False])]
    assert chosen.boxes == [[], [2, 3]] and chosen.images.tolist() == [[0, 1, 2], [6, 7, 8]]
    assert part[1:2].boxes == [[1]]
    with pytest.raises(AttributeError, match="this needs data with masks; what was loaded has images, boxes"):
        _ = part.masks
    with pytest.raises(InputError, match="equally long"):
        Part(images=np.zeros(3), labels=np.zeros(2))
    with pytest.raises(InputError, match="at least one example"):
        Part(images=np.zeros((0, 2)))


def test_split_is_disjoint_complete_and_stratified():
    groups = np.repeat([0, 1, 2], [60, 30, 10])
    parts = split(100, (20, 30), seed=1, groups=groups)
    assert sorted(np.concatenate(parts)) == list(range(100))
    assert [len(part) for part in parts] == [50, 20, 30]
    for part in parts:
        shares = np.bincount(groups[part], minlength=3)
        assert np.abs(shares - len(part) * np.array([0.6, 0.3, 0.1])).max() <= 1
    np.testing.assert_array_equal(split(100, (20,), seed=1)[1], split(100, (20,), seed=1)[1])


def test_unknown_name():
    with pytest.raises(
        InputError, match="unknown data set 'nope'; choose one of: digits, handwriting, beats"
    ):
        data.load("nope")
