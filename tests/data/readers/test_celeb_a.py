"""A stand-in of CelebA, written by tensorflow_datasets' own builder into a cache of the test's."""

import io

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from keras_cv_course import data
from keras_cv_course.data.readers import celeb_a
from keras_cv_course.errors import InputError
from tests.data.readers.disk_twin import same_from_disk


def prepare(tfds_folder, monkeypatch, counts):
    """Faces whose middle square is grey by their number, under and over a black margin."""
    builder = tfds.builder("celeb_a", data_dir=tfds_folder, try_gcs=False)
    fields = builder.info.features

    def faces(count):
        for number in range(count):
            face, content = np.zeros((218, 178, 3), "uint8"), io.BytesIO()
            face[20:198] = 40 + 10 * number
            Image.fromarray(face).save(content, "JPEG", quality=95)
            has = dict.fromkeys(fields["attributes"].keys(), False)
            has |= {"Smiling": number % 2 == 1, "Eyeglasses": number % 4 >= 2}
            yield (
                number,
                {
                    "image": io.BytesIO(content.getvalue()),
                    "attributes": has,
                    "landmarks": dict.fromkeys(fields["landmarks"].keys(), 0),
                    "identity": dict.fromkeys(fields["identity"].keys(), number),
                },
            )

    monkeypatch.setattr(
        type(builder),
        "_split_generators",
        lambda self, manager: {split: faces(count) for split, count in counts.items()},
    )
    builder.download_and_prepare()


def test_faces_are_cut_to_squares_and_labelled_by_smile_and_glasses(tfds_folder, monkeypatch):
    prepare(tfds_folder, monkeypatch, dict(train=12, validation=4, test=8))
    monkeypatch.setitem(celeb_a.MOST, "train", 10)
    dataset = data.load("tfds:celeb_a", size=16)
    assert [len(part) for part in dataset] == [10, 4, 8] and len(dataset.info.classes) == 4
    for part in dataset:
        number = np.round((part.images[:, 8, 8, 0] * 255 - 40) / 10).astype(int)
        assert part.labels.tolist() == (number % 4).tolist() and len(set(number)) == len(part)
        assert np.ptp(part.images, axis=(1, 2, 3)).max() < 0.05  # no black margin is left
    assert data.load("tfds:celeb_a", limit=2).train.images.shape == (2, 64, 64, 3)
    same_from_disk(monkeypatch, tfds_folder, "tfds:celeb_a", tolerance=0.501 / 255, size=16)


def test_no_cache_and_no_network_says_where_to_put_it(tfds_folder):
    with pytest.raises(InputError, match="Network is unreachable.*TFDS_DATA_DIR") as caught:
        data.load("tfds:celeb_a")
    assert str(tfds_folder) in str(caught.value) and "\n" not in str(caught.value)
