"""Stand-ins of the pets and of VOC 2007: tensorflow_datasets' own builders read files of the same form."""

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from keras_cv_course import data
from keras_cv_course.data.readers import tfds_scenes
from keras_cv_course.errors import InputError
from tests.data.readers.voc_devkit import lists, scene

SHAPES = ((40, 64), (72, 40), (50, 50))


def prepare(name, tfds_folder, monkeypatch, splits):
    """Let the set's own builder read the files: split -> arguments of its `_generate_examples`."""
    builder = tfds.builder(name, data_dir=tfds_folder, try_gcs=False)
    monkeypatch.setattr(
        type(builder),
        "_split_generators",
        lambda self, manager: {
            split: self._generate_examples(**arguments) for split, arguments in splits.items()
        },
    )
    builder.download_and_prepare()


def pets(root, tfds_folder, monkeypatch, change=None, breeds=37):
    """Files as the pets' archives hold them: per breed 10 to train on and 3 to test on.

    A pet is a rectangle, brighter from breed to breed, its border two pixels wide. Returns name -> trimap.
    """
    trimaps = {}
    (root / "images").mkdir(parents=True)
    (root / "annotations" / "trimaps").mkdir(parents=True)
    for split, count in (("trainval", 10), ("test", 3)):
        lines = []
        for number in range(count * breeds):
            name, breed = f"{split}_{number:03}", number % breeds
            height, width = SHAPES[number % 3]
            trimap = np.full((height, width), 2, np.uint8)
            trimap[height // 4 : -height // 4, width // 4 : -width // 4] = 3
            trimap[height // 4 + 2 : -height // 4 - 2, width // 4 + 2 : -width // 4 - 2] = 1
            image = np.where(trimap == 1, 60 + 5 * breed, 0).astype(np.uint8)
            if change is not None and name == "test_004":
                trimap = change(trimap)
            Image.fromarray(image).convert("RGB").save(root / "images" / f"{name}.jpg", quality=95)
            Image.fromarray(trimap).save(root / "annotations" / "trimaps" / f"{name}.png")
            lines.append(f"{name} {breed + 1} {1 + breed % 2} 1\n")
            trimaps[name] = trimap
        (root / "annotations" / f"{split}.txt").write_text("".join(lines))
    prepare(
        "oxford_iiit_pet", tfds_folder, monkeypatch,
        {
            split: {
                "images_dir_path": str(root / "images"),
                "annotations_dir_path": str(root / "annotations"),
                "images_list_file": str(root / "annotations" / f"{listed}.txt"),
            }
            for split, listed in (("train", "trainval"), ("test", "test"))
        },
    )  # fmt: skip
    return trimaps


def test_pets_keep_their_masks(tfds_folder, tmp_path, monkeypatch):
    trimaps = pets(tmp_path / "pets", tfds_folder, monkeypatch)
    dataset = data.load("tfds:oxford_iiit_pet", size=16)
    info = dataset.info
    assert [len(part) for part in dataset] == [296, 74, 111]
    names = tfds.builder("oxford_iiit_pet", data_dir=tfds_folder).info.features["label"].names
    assert [name.replace("_", " ") for name in names] == list(info.classes)
    assert info.extra["mask_classes"] == ("background", "pet")
    assert (tfds_folder / "oxford_iiit_pet" / info.file.parent.name / "dataset_info.json").exists()
    masks = set()  # of the three shapes of photograph, by a slow loop
    for trimap in list(trimaps.values())[:3]:
        height, width = trimap.shape
        small = [
            [trimap[int((r + 0.5) * height / 16), int((c + 0.5) * width / 16)] for c in range(16)]
            for r in range(16)
        ]
        masks.add(np.select([np.equal(small, 1), np.equal(small, 2)], [1, 0], 255).astype(np.uint8).tobytes())
    for part in dataset:
        assert set(part.fields) == set(info.fields) and len(set(np.bincount(part.labels))) == 1
        assert part.masks.dtype == np.uint8 and {mask.tobytes() for mask in part.masks} <= masks
        for image, label, mask in zip(part.images, part.labels, part.masks):
            assert np.median(image[mask == 1]) == pytest.approx((60 + 5 * label) / 255, abs=0.03)
            assert np.median(image[mask == 0]) < 0.03
    assert data.load("tfds:oxford_iiit_pet", limit=2).train.masks.shape == (2, 128, 128)


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda trimap: trimap[:-1], r"mask of test_004.jpg: expected 40x72 pixels, .*, got 40x71"),
        (lambda trimap: trimap * 0 + 7, r"mask of test_004.jpg: expected class ids 1, 2, 3, got 7"),
    ],
)
def test_a_pet_whose_mask_does_not_fit_is_named(tfds_folder, tmp_path, monkeypatch, change, message):
    pets(tmp_path / "pets", tfds_folder, monkeypatch, change, breeds=5)
    with pytest.raises(InputError, match=message) as caught:
        data.load("tfds:oxford_iiit_pet", size=8)
    assert "\n" not in str(caught.value)


@pytest.fixture
def devkit(tmp_path):
    """VOCdevkit/VOC2007 with photographs of several sizes, one of them without objects."""
    root = tmp_path / "raw" / "VOCdevkit" / "VOC2007"
    objects = [("person", 3, 5, 30, 40), ("dog!", 1, 1, 12, 17), ("tvmonitor", 17, 9, 40, 40)]
    for number in range(9):
        scene(root, f"{number:06}", objects[: number % 4], SHAPES[number % 3], ".jpg")
    names = [f"{number:06}" for number in range(9)]
    return lists(root, train=names[:4], val=names[4:6], test=names[6:])


def prepare_objects(devkit, tfds_folder, monkeypatch):
    prepare(
        "voc/2007", tfds_folder, monkeypatch,
        {
            split: {"data_path": str(devkit.parent.parent), "set_name": listed}
            for split, listed in (("train", "train"), ("validation", "val"), ("test", "test"))
        },
    )  # fmt: skip


def test_both_doors_to_voc_lead_to_the_same_boxes(tfds_folder, devkit, monkeypatch):
    prepare_objects(devkit, tfds_folder, monkeypatch)
    dataset = data.load("tfds:voc/2007", size=24)
    assert [len(part) for part in dataset] == [4, 2, 3]
    assert (tfds_folder / "voc" / "2007" / dataset.info.file.parent.name / "dataset_info.json").exists()
    builder = tfds.builder("voc/2007", data_dir=tfds_folder)
    assert builder.info.features["objects"]["label"].names == list(dataset.info.classes)
    other = data.load("voc_folder", file=devkit, size=24)
    for one, two in zip(dataset, other):
        assert set(one.fields) == set(dataset.info.fields) and one.box_classes.shape == (len(one), 3)
        two = two[np.argsort(two.files)]
        one = one[np.argsort(one.files)]
        assert [f"JPEGImages/{file}" for file in one.files] == two.files.tolist()
        np.testing.assert_allclose(one.boxes, two.boxes, atol=1e-5)
        np.testing.assert_array_equal(one.difficult, two.difficult)
        here, there = (
            [[classes[kind] if kind >= 0 else "" for kind in row] for row in part.box_classes]
            for part, classes in ((one, dataset.info.classes), (two, other.info.classes))
        )
        assert here == there
        np.testing.assert_allclose(one.images, two.images, atol=0.35)  # area beside bilinear
        assert np.abs(one.images - two.images).mean() < 0.02
    assert dataset.train.boxes.dtype == np.float32 and (dataset.train.box_classes == -1).any()


def test_boxes_of_a_squeezed_photograph_by_hand(tfds_folder, devkit, monkeypatch):
    """000001 is 40 x 72 with a person from pixel (3, 5) to (30, 40), counted from 1."""
    prepare_objects(devkit, tfds_folder, monkeypatch)
    train = data.load("tfds:voc/2007", size=20).train
    (row,) = np.flatnonzero(train.files == "000001.jpg")
    np.testing.assert_allclose(
        train.boxes[row], [[2 / 2, 4 / 3.6, 30 / 2, 40 / 3.6], [-1] * 4, [-1] * 4], rtol=1e-5
    )
    assert train.box_classes[row].tolist() == [14, -1, -1]
    assert data.load("tfds:voc/2007", limit=1).test.images.shape == (1, 128, 128, 3)


@pytest.mark.parametrize("name", tfds_scenes.INFO)
def test_no_cache_and_no_network_says_where_to_put_it(name, tfds_folder):
    with pytest.raises(InputError, match="Network is unreachable.*with a network.*TFDS_DATA_DIR") as caught:
        data.load(name)
    plain = name.removeprefix("tfds:")
    assert str(tfds_folder) in str(caught.value) and "\n" not in str(caught.value)
    assert f"copy a prepared {plain}/ folder there" in str(caught.value)


def test_a_damaged_cache_is_named(tfds_folder, devkit, monkeypatch):
    prepare_objects(devkit, tfds_folder, monkeypatch)
    for record in (tfds_folder / "voc" / "2007").glob("*/*.tfrecord*"):
        record.write_bytes(record.read_bytes()[:-100])
    with pytest.raises(InputError, match="no readable 'voc/2007'") as caught:
        data.load("tfds:voc/2007", size=8)
    assert "\n" not in str(caught.value)
