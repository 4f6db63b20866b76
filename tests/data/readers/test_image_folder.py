import os
import sys
import warnings
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from keras_cv_course import data
from keras_cv_course.data.readers import decoded_images
from keras_cv_course.errors import InputError
from tests.data.readers.disk_twin import same_from_disk


def save_image(path, colour=(200, 30, 30), shape=(40, 60), mode="RGB"):
    """A plain image with a dark left edge; its colour is known again after resizing."""
    pixels = np.full((*shape, 3), colour, np.uint8)
    pixels[:, :4] = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).convert(mode).save(path)


def classes(root, count=20, names=("apple", "banana", "cherry")):
    colours = {"apple": (200, 30, 30), "banana": (220, 220, 40), "cherry": (120, 0, 60)}
    for name in names:
        for number in range(count):
            save_image(root / name / f"{number:02}.png", colours[name], shape=(30 + number, 50))
    return root


def test_one_level_is_split_by_class(tmp_path):
    dataset = data.load("folder", file=classes(tmp_path), size=16)
    assert dataset.info.classes == ("apple", "banana", "cherry") and dataset.info.file == tmp_path
    assert [len(part) for part in dataset] == [38, 10, 12]
    for part in dataset:
        assert part.images.shape[1:] == (16, 16, 3) and part.images.dtype == np.float32
        assert part.labels.dtype == np.int64 and np.ptp(np.bincount(part.labels)) <= 1
        assert len(set(part.labels[:6])) > 1  # mixed
        for image, label, file in zip(part.images, part.labels, part.files, strict=True):
            assert file.startswith(dataset.info.classes[label])
            np.testing.assert_allclose(
                image[8, 8] * 255, np.array(Image.open(tmp_path / file))[15, 25], atol=0.01
            )
    names = Counter(file for part in dataset for file in part.files)
    assert len(names) == 60 and set(names.values()) == {1}


def test_the_split_is_always_the_same(tmp_path):
    classes(tmp_path)
    for one, other in zip(
        data.load("folder", file=tmp_path, size=8), data.load("folder", file=tmp_path, size=8)
    ):
        np.testing.assert_array_equal(one.files, other.files)
        np.testing.assert_array_equal(one.images, other.images)


def test_train_and_val_are_taken_as_they_are_and_a_fifth_of_train_validates(tmp_path):
    classes(tmp_path / "train")
    classes(tmp_path / "val", count=7)
    train, validation, test = dataset = data.load("folder", file=tmp_path, size=8)
    assert [len(part) for part in dataset] == [48, 12, 21]
    assert np.bincount(validation.labels).tolist() == [4, 4, 4]
    assert sorted(test.files) == [
        f"{name}/{number:02}.png" for name in dataset.info.classes for number in range(7)
    ]
    assert len(set(train.files) | set(validation.files)) == 60
    assert len(set(test.labels[:7])) > 1


def test_train_val_and_test_are_taken_as_they_are(tmp_path):
    for part, count in (("train", 9), ("valid", 4), ("test", 5)):
        classes(tmp_path / part, count)
    assert [len(part) for part in data.load("folder", file=tmp_path, size=8)] == [27, 12, 15]


def test_nothing_is_squeezed_and_the_middle_is_kept(tmp_path):
    pixels = np.zeros((40, 120, 3), np.uint8)
    pixels[:, 40:80] = np.indices((40, 40)).sum(axis=0)[..., None] * 3
    for name in "ab":
        for number in range(8):
            (tmp_path / name).mkdir(exist_ok=True)
            Image.fromarray(pixels).save(tmp_path / name / f"{number}.png")
    train = data.load("folder", file=tmp_path, size=10).train
    middle = Image.fromarray(pixels[:, 40:80]).resize((10, 10), Image.Resampling.BILINEAR)
    np.testing.assert_allclose(train.images[0], np.asarray(middle) / 255, atol=1e-6)
    # Shrunk by 4, a linear ramp is the ramp of its means: no pixel of the image is left out.
    means = pixels[:, 40:80].reshape(10, 4, 10, 4, 3).mean(axis=(1, 3)) / 255
    np.testing.assert_allclose(train.images[0, 1:-1, 1:-1], means[1:-1, 1:-1], atol=1 / 255)


def test_grey_transparent_and_palette_images_become_three_channels(tmp_path):
    classes(tmp_path, count=6, names=("apple", "banana"))
    for mode, end in (
        ("L", "png"),
        ("L", "jpg"),
        ("RGBA", "png"),
        ("P", "png"),
        ("P", "gif"),
        ("L", "bmp"),
        ("RGB", "JPG"),
    ):
        save_image(tmp_path / "apple" / f"{mode}.{end}", mode=mode)
    dataset = data.load("folder", file=tmp_path, size=8)
    assert sum(map(len, dataset)) == 12 + 7 and dataset.info.classes == ("apple", "banana")
    images = {file: image for part in dataset for file, image in zip(part.files, part.images)}
    assert (images["apple/L.png"] == images["apple/L.png"][..., :1]).all()
    np.testing.assert_allclose(images["apple/RGBA.png"], images["apple/00.png"], atol=0.2)


def test_every_format_is_read_and_what_is_left_out_is_counted(tmp_path, capsys):
    classes(tmp_path, count=6, names=("apple", "banana"))
    for end in ("jpg", "JPEG", "jfif", "webp", "bmp", "gif", "tif", "TIFF"):
        Image.new("RGB", (20, 20), (9, 9, 9)).save(
            tmp_path / "banana" / f"a.{end}", "JPEG" if end == "jfif" else None
        )
    for name in ("notes.txt", "raw.heic", "more.txt", "README"):
        (tmp_path / "apple" / name).write_text("no image")
    dataset = data.load("folder", file=tmp_path, size=8)
    assert sum(map(len, dataset)) == 12 + 8
    said = capsys.readouterr().err
    assert (
        said.count("\n") == 1
        and "2 classes (apple, banana); images to train, validate, test: 13, 3, 4" in said
    )
    assert said.endswith("left out: 1 .heic, 2 .txt, 1 without ending\n")


def test_hidden_files_and_junk_are_left_out_at_every_depth(tmp_path, capsys):
    for part in ("train", "test"):
        classes(tmp_path / part, count=6, names=("apple", "banana"))
    before = data.load("folder", file=tmp_path, size=8)
    for folder in (
        tmp_path,
        tmp_path / "test",
        tmp_path / "test" / "apple",
        tmp_path / "test" / "apple" / "more",
    ):
        for junk in (".ipynb_checkpoints", "__MACOSX", ".git"):
            save_image(folder / junk / "00.png")
        for junk in ("._00.png", "Thumbs.db", "desktop.ini", ".DS_Store"):
            (folder / junk).parent.mkdir(exist_ok=True)
            (folder / junk).write_bytes(b"\0\5\x16\7")
    capsys.readouterr()
    after = data.load("folder", file=tmp_path, size=8)
    assert "left out" not in capsys.readouterr().err
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one.files, other.files)


@pytest.mark.parametrize(
    "names",
    [
        "Training Testing",
        "Train Test Valid",
        "seg_train seg_test",
        "train_set test_set",
        "TRAIN VAL",
        "trainset Dev",
    ],
)
def test_parts_are_known_by_the_names_that_people_give_them(tmp_path, names):
    for number, name in enumerate(names.split()):
        classes(tmp_path / name, 5 + number, ("apple", "cherry"))
    dataset = data.load("folder", file=tmp_path, size=8)
    assert dataset.info.classes == ("apple", "cherry")
    counts = [8, 2, 12] if len(names.split()) == 2 else [10, 14, 12]
    assert [len(part) for part in dataset] == counts
    assert not set(dataset.train.files) & set(dataset.validation.files) or len(names.split()) == 3


def test_parts_that_archives_wrap_once_more(tmp_path, capsys):
    """Intel's scenes: seg_train/seg_train/forest, seg_test/seg_test/forest, and seg_pred without labels."""
    for name in ("seg_train", "seg_test"):
        classes(tmp_path / "archive" / name / name, 5)
    save_image(tmp_path / "archive" / "seg_pred" / "0.png")
    assert [len(part) for part in data.load("folder", file=tmp_path, size=8)] == [12, 3, 15]
    assert "left out: 1 folder seg_pred" in capsys.readouterr().err


def test_classes_may_be_called_like_parts(tmp_path):
    classes(tmp_path, 6, ("apple", "banana"))
    (tmp_path / "apple").rename(tmp_path / "train")
    assert data.load("folder", file=tmp_path, size=8).info.classes == ("banana", "train")


def test_folders_of_a_class_may_have_folders(tmp_path):
    classes(tmp_path / "inside" / "x", 4, ("apple", "cherry"))
    for name in ("apple", "cherry"):
        (tmp_path / "set" / name).mkdir(parents=True)
        (tmp_path / "inside" / "x" / name).rename(tmp_path / "set" / name / "images")
    assert sum(map(len, data.load("folder", file=tmp_path / "set", size=8))) == 8


@pytest.mark.parametrize("damage", [b"", b"not an image at all", None])
def test_a_corrupt_image_is_named(tmp_path, damage):
    message = {b"": "is an empty file", None: "corrupt image"}.get(damage, "is no image")
    classes(tmp_path, count=6)
    for path in (tmp_path / "banana" / "03.png", tmp_path / "banana" / "photo.jpg"):
        save_image(path, shape=(200, 200))
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
        with pytest.raises(InputError, match=message) as caught:
            data.load("folder", file=tmp_path, size=8)
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)
        assert "delete" not in str(caught.value)
        path.write_bytes(whole)


def test_folders_that_cannot_be_used(tmp_path):
    def refused(message, root=tmp_path, **arguments):
        with pytest.raises(InputError, match=message) as caught:
            data.load("folder", file=root, **arguments)
        assert "\n" not in str(caught.value)

    with pytest.raises(InputError, match="needs a folder: name it with --file"):
        data.load("folder")
    refused("found nothing there", tmp_path / "absent")
    (tmp_path / "file").write_text("x")
    refused("found a file there", tmp_path / "file")
    refused("two or more subfolders in .*, one a class, got none")
    (tmp_path / "apple").mkdir()
    refused("got apple; name a folder with one subfolder")
    (tmp_path / "banana").mkdir()
    refused(
        f"no images in {tmp_path}: expected .jpg, .jpeg, .jfif, .png, .webp, .bmp, .gif, .tif, .tiff files"
    )
    classes(tmp_path, 6, ("apple",))
    refused(f"no images in {tmp_path / 'banana'}: .*move the folder away if it is no class")
    classes(tmp_path, 2, ("banana",))
    refused("at least 3 examples of every class .*got 2 of banana")
    refused("size is a number of pixels, 1 or more", size=0)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' file names are text")
def test_a_class_whose_name_is_no_text(tmp_path):
    classes(tmp_path, 6)
    os.mkdir(os.fsencode(tmp_path) + b"/\xe9mu")
    with pytest.raises(InputError, match=r"\\xe9mu' has a name that is not UTF-8; rename it"):
        data.load("folder", file=tmp_path)


def test_train_and_val_that_do_not_fit(tmp_path):
    classes(tmp_path / "train", 6)
    assert data.load("folder", file=tmp_path, size=8).info.file == tmp_path / "train"  # it lies alone: cut it
    (tmp_path / "more").mkdir()
    with pytest.raises(InputError, match="has train/, but neither val/ nor test/"):
        data.load("folder", file=tmp_path)
    (tmp_path / "more").rmdir()
    classes(tmp_path / "Training", 6)
    with pytest.raises(InputError, match="are both called like the train part"):
        data.load("folder", file=tmp_path)
    (tmp_path / "Training").rename(tmp_path / "first")
    (tmp_path / "train").rename(tmp_path / "second")
    with pytest.raises(
        InputError, match=r"every subfolder of .* \(first, second\) holds the same subfolders, apple"
    ):
        data.load("folder", file=tmp_path)
    (tmp_path / "second").rename(tmp_path / "test")
    with pytest.raises(InputError, match="has test/, but no train/"):
        data.load("folder", file=tmp_path)
    (tmp_path / "first").rename(tmp_path / "train")
    (tmp_path / "test").rename(tmp_path / "sorted")
    classes(tmp_path / "val", 6, ("apple", "banana"))
    with pytest.raises(
        InputError,
        match=r"expected the classes of the training part, apple, banana, cherry, in .*val, got apple, banana",
    ):
        data.load("folder", file=tmp_path)


@pytest.mark.skipif(
    not os.environ.get("IMAGE_FOLDER"), reason="IMAGE_FOLDER does not name a folder of images"
)
def test_real_photographs():
    dataset = data.load("folder", file=os.environ["IMAGE_FOLDER"], size=64)
    for part in dataset:
        assert len(part) >= 20 and set(part.labels) == set(range(len(dataset.info.classes)))
        assert part.images.min() >= 0 and part.images.max() <= 1 and 0.2 < part.images.mean() < 0.7
        assert part.images.std(axis=(1, 2, 3)).min() > 0.02
    assert not set(dataset.train.files) & set(dataset.validation.files)


def test_a_folder_too_large_for_memory_is_the_same_from_the_disk(tmp_path, monkeypatch):
    for part, count in (("train", 12), ("val", 4)):
        classes(tmp_path / "images" / part, count)
    same_from_disk(monkeypatch, tmp_path, "folder", file=tmp_path / "images", size=8, limit=20)


def test_a_changed_image_is_decoded_again(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_CV_COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(decoded_images, "MOST_IN_MEMORY", 0)
    before = data.load("folder", file=classes(tmp_path / "images"), size=8)
    save_image(tmp_path / "images" / "apple" / "03.png", (1, 2, 3), shape=(35, 55))
    after = data.load("folder", file=tmp_path / "images", size=8)
    changed = [
        file
        for ours, theirs in zip(after, before)
        for file, one, other in zip(ours.files, ours.images, theirs.images)
        if (one != other).any()
    ]
    assert changed == ["apple/03.png"]


def test_a_corrupt_image_is_named_from_the_threads_too(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_CV_COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(decoded_images, "MOST_IN_MEMORY", 0)
    (classes(tmp_path / "images") / "banana" / "07.png").write_bytes(b"nothing")
    filters = list(warnings.filters)
    with pytest.raises(InputError, match="banana/07.png is no image"):
        data.load("folder", file=tmp_path / "images", size=8)
    assert warnings.filters == filters
