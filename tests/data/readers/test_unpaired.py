"""Folders trainA, trainB, testA, testB, and the same as tensorflow_datasets keeps them."""

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from keras_cv_course import data
from keras_cv_course.errors import InputError
from tests.data.readers.disk_twin import same_from_disk

COUNTS = {"trainA": 12, "trainB": 21, "testA": 3, "testB": 4}


def drawn(split, number, height=20, width=28):
    """Dark, but for the square in the middle: red for A, blue for B, its brightness the number's."""
    image, left = np.zeros((height, width, 3), np.uint8), (width - height) // 2
    image[:, left : left + height, 0 if split.endswith("A") else 2] = 100 + 5 * number
    return image


@pytest.fixture
def folder(tmp_path):
    for split, count in COUNTS.items():
        (tmp_path / split).mkdir()
        for number in range(count):
            Image.fromarray(drawn(split, number)).save(tmp_path / split / f"{number:03d}.png")
    return tmp_path


def keeps_its_word(dataset):
    assert [len(part) for part in dataset] == [11 + 19, 1 + 2, 3 + 4]
    for part in dataset:
        assert set(part.fields) == set(dataset.info.fields)
        assert part.images.dtype == np.float32 and part.images.shape[1:] == (8, 8, 3)
        assert part.labels.dtype == np.int64
        red, green, blue = np.moveaxis(part.images, -1, 0)
        own, other = np.where(part.labels[:, None, None] == 0, (red, blue), (blue, red))
        assert own.min() > 0.38 and other.max() == 0 and green.max() == 0  # nothing of the dark sides is left
    # Of 12 and 21 images none is in two parts, and none is lost.
    shades = [
        {(label, round(float(image.max() * 255))) for image, label in zip(part.images, part.labels)}
        for part in dataset
    ]
    assert len(shades[0] | shades[1]) == 33 and not shades[0] & shades[1]


def test_a_folder_of_two_domains(folder):
    dataset = data.load("unpaired", file=folder, size=8)
    keeps_its_word(dataset)
    for part in dataset:
        named = np.array([int(file.split("/")[0].endswith("B")) for file in part.files])
        np.testing.assert_array_equal(named, part.labels)
    assert len(np.unique(data.load("unpaired", file=folder).train.labels[:12])) == 2  # they are shuffled


def test_a_folder_too_large_for_memory_is_the_same_from_the_disk(folder, tmp_path, monkeypatch):
    same_from_disk(monkeypatch, tmp_path, "unpaired", file=folder, size=8)


def test_cyclegans_own_sets(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    builder = tfds.builder("cycle_gan/horse2zebra", data_dir=tmp_path, try_gcs=False)

    def examples(split):
        for number in range(COUNTS[split]):
            yield number, {"image": drawn(split, number, 20, 20), "label": split[-1]}

    splits = {split: examples(split) for split in COUNTS}
    monkeypatch.setattr(type(builder), "_split_generators", lambda self, manager: splits)
    # JPEG would change the shades.
    monkeypatch.setattr(builder.info.features["image"], "_encoding_format", "png", raising=False)
    builder.download_and_prepare()
    dataset = data.load("tfds:cycle_gan/horse2zebra", size=8)
    assert dataset.info.classes == ("horse", "zebra")
    keeps_its_word(dataset)
    same_from_disk(monkeypatch, tmp_path, "tfds:cycle_gan/horse2zebra", size=8)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda root: (root / "trainB").rename(root / "B"), "expected a folder at .*trainB, found nothing"),
        (lambda root: [file.unlink() for file in (root / "testA").iterdir()], "no images in .*testA"),
        (lambda root: (root / "testB" / "001.png").write_bytes(b"no"), "testB/001.png is no image"),
        (
            lambda root: [(root / "trainA" / f"{number:03d}.png").unlink() for number in range(1, 12)],
            "2 images or more in trainA of unpaired, got 1",
        ),
    ],
)
def test_what_is_wrong_is_named(folder, spoil, message):
    spoil(folder)
    with pytest.raises(InputError, match=message) as caught:
        data.load("unpaired", file=folder, size=8)
    assert "\n" not in str(caught.value)


def test_a_folder_is_for_the_folder_only(tmp_path):
    with pytest.raises(InputError, match="name it with --file"):
        data.load("unpaired")
    with pytest.raises(InputError, match="is not read from a folder"):
        data.load("tfds:cycle_gan/horse2zebra", file=tmp_path)
