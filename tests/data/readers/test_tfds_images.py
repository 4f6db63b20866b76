"""Stand-ins of real sets, written by tensorflow_datasets' own builders into a cache of the test's."""

import io
import sys

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from keras_cv_course import data
from keras_cv_course.data.readers import tfds_cache, tfds_images
from keras_cv_course.errors import InputError
from tests.data.readers.disk_twin import same_from_disk


def prepare(name, tfds_folder, monkeypatch, **splits):
    """Let the set's own builder write these (image, label) pairs."""
    builder = tfds.builder(name, data_dir=tfds_folder, try_gcs=False)

    def examples(pairs):
        for number, (image, label) in enumerate(pairs):
            if image.ndim == 3 and image.shape[0] != 32:
                content = io.BytesIO()
                Image.fromarray(image).save(content, "JPEG", quality=95)
                image = io.BytesIO(content.getvalue())
            yield (
                number,
                {"image": image, "label": int(label), **({"id": str(number)} if name == "cifar10" else {})},
            )

    monkeypatch.setattr(
        type(builder),
        "_split_generators",
        lambda self, manager: {split: examples(pairs) for split, pairs in splits.items()},
    )
    builder.download_and_prepare()


def test_cifar10_is_what_its_builder_wrote(tfds_folder, monkeypatch):
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (220, 32, 32, 3), dtype=np.uint8), np.arange(220) % 10
    pairs = list(zip(images, labels))
    prepare("cifar10", tfds_folder, monkeypatch, train=pairs[:200], test=pairs[200:])
    train, validation, test = dataset = data.load("tfds:cifar10")
    assert [len(part) for part in dataset] == [180, 20, 20]
    assert (
        dataset.info.classes[3] == "cat"
        and (tfds_folder / "cifar10" / "3.0.2" / "dataset_info.json").exists()
    )
    label_of = {image.tobytes(): label for image, label in pairs}
    for part in dataset:
        pixels = np.round(part.images * 255).astype(np.uint8)
        assert [label_of[image.tobytes()] for image in pixels] == part.labels.tolist()
    resized = data.load("tfds:cifar10", limit=2, size=16)
    assert resized.test.images.shape == (2, 16, 16, 3)


def photographs(count, classes, shapes):
    """JPEGs of several sizes, dark outside a square in the middle whose grey says the class."""
    for number in range(count):
        height, width = shapes[number % len(shapes)]
        image, side = np.zeros((height, width, 3), np.uint8), min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        image[top : top + side, left : left + side] = 40 + 40 * (number % classes)
        yield image, number % classes


def test_photographs_of_many_sizes_become_squares(tfds_folder, monkeypatch):
    pairs = list(photographs(60, 5, [(40, 64), (72, 40), (50, 50)]))
    prepare("tf_flowers", tfds_folder, monkeypatch, train=pairs)
    dataset = data.load("tfds:tf_flowers", size=16)
    assert [len(part) for part in dataset] == [38, 10, 12] and len(dataset.info.classes) == 5
    for part in dataset:
        assert part.images.shape[1:] == (16, 16, 3) and part.images.dtype == np.float32
        assert np.ptp(np.bincount(part.labels)) <= 1
        expected = (40 + 40 * part.labels[:, None, None, None]) / 255
        assert np.abs(part.images[:, 1:-1, 1:-1] - expected).max() < 0.1  # no dark margin is left
    assert data.load("tfds:tf_flowers", limit=3).train.images.shape == (3, 128, 128, 3)
    # Means of pixels are no whole numbers: on the disk they are rounded to 8 bits.
    same_from_disk(monkeypatch, tfds_folder, "tfds:tf_flowers", tolerance=0.501 / 255, size=16)


def test_a_set_with_three_parts_keeps_them(tfds_folder, monkeypatch):
    pairs = list(photographs(24, 3, [(500, 500)]))
    prepare("beans", tfds_folder, monkeypatch, train=pairs[:12], validation=pairs[12:18], test=pairs[18:])
    dataset = data.load("tfds:beans", size=8)
    assert [len(part) for part in dataset] == [12, 6, 6] and dataset.info.classes[2] == "healthy"


@pytest.mark.parametrize("name", tfds_images.INFO)
def test_no_cache_and_no_network_says_where_to_put_it(name, tfds_folder):
    with pytest.raises(InputError, match="Network is unreachable.*TFDS_DATA_DIR") as caught:
        data.load(name)
    plain = name.removeprefix("tfds:")
    assert str(tfds_folder) in str(caught.value) and "\n" not in str(caught.value)
    assert ("Or use the other door" in str(caught.value)) == (plain in data.names())


def test_a_damaged_cache_is_named(tfds_folder, monkeypatch):
    prepare("tf_flowers", tfds_folder, monkeypatch, train=list(photographs(30, 5, [(40, 64)])))
    (record,) = (tfds_folder / "tf_flowers" / "3.0.1").glob("*.tfrecord*")
    record.write_bytes(record.read_bytes()[:-100])
    with pytest.raises(InputError, match="no readable 'tf_flowers'"):
        data.load("tfds:tf_flowers", size=8)


def test_without_tensorflow_datasets_it_is_named(tfds_folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(
        InputError, match="'beans' is read by tensorflow_datasets .* which cannot be imported"
    ):
        tfds_cache.fetch("beans", read=None)
