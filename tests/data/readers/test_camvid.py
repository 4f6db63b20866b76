import os

import numpy as np
import pytest
from PIL import Image

from keras_cv_course import data
from keras_cv_course.data.readers import camvid, image_files
from keras_cv_course.errors import InputError
from tests.data.readers.disk_twin import same_from_disk

COUNTS = {"train": 5, "val": 2, "test": 3}


def pair(root, part, name, seed=0, shape=(36, 48)):
    """An image of noise and a mask of the ids 0 to 11."""
    rng = np.random.default_rng(seed)
    image, mask = rng.integers(0, 256, (*shape, 3), np.uint8), rng.integers(0, 12, shape, np.uint8)
    for folder, array in ((part, image), (f"{part}annot", mask)):
        (root / folder).mkdir(parents=True, exist_ok=True)
        Image.fromarray(array).save(root / folder / f"{name}.png")
    return image, mask


@pytest.fixture
def folder(tmp_path):
    for part, count in COUNTS.items():
        for number in range(count):
            pair(tmp_path, part, f"{part}_{number}", seed=10 * len(part) + number)
    return tmp_path


def refused(folder, message, **arguments):
    with pytest.raises(InputError, match=message) as caught:
        data.load("camvid", file=folder, **arguments)
    assert "\n" not in str(caught.value)


def stored(path):
    return np.asarray(Image.open(path))


def test_images_and_masks_are_those_of_the_files(folder):
    dataset = data.load("camvid", file=folder)
    assert [len(part) for part in dataset] == [5, 2, 3] and dataset.info.file == folder
    assert dataset.info.extra["mask_classes"] == dataset.info.classes and len(dataset.info.classes) == 11
    for name, part in zip(COUNTS, dataset):
        assert sorted(part.files) == [f"{name}/{name}_{number}.png" for number in range(COUNTS[name])]
        assert part.images.dtype == np.float32 and part.masks.dtype == np.uint8
        for file, image, mask in zip(part.files, part.images, part.masks):
            np.testing.assert_allclose(image * 255, stored(folder / file), atol=1e-4)
            ids = stored(folder / file.replace(f"{name}/", f"{name}annot/"))
            np.testing.assert_array_equal(mask, np.where(ids == 11, 255, ids))


def test_every_load_gives_the_same_order_and_it_is_mixed(tmp_path):
    for number in range(12):
        for part in COUNTS:
            pair(tmp_path, part, f"{part}{number:02}", number, (8, 8))
    one, other = (data.load("camvid", file=tmp_path) for _ in range(2))
    for left, right in zip(one, other):
        np.testing.assert_array_equal(left.files, right.files)
        np.testing.assert_array_equal(left.images, right.images)
        assert list(left.files) != sorted(left.files)


@pytest.mark.parametrize("size", [12, 20, 70])
def test_resized_masks_take_the_pixel_below_the_centre(folder, size):
    """Against a slow loop; no class appears that the mask did not have."""
    part = data.load("camvid", file=folder, size=size).test
    for file, mask in zip(part.files, part.masks):
        ids = stored(folder / file.replace("test/", "testannot/"))
        for row in range(size):
            for column in range(size):
                was = ids[int((row + 0.5) * 36 / size), int((column + 0.5) * 48 / size)]
                assert mask[row, column] == (255 if was == 11 else was)


@pytest.mark.parametrize("size", [12, 20, 70])
def test_resized_images_are_bilinear_means(folder, size):
    """TensorFlow's anti-aliased bilinear resizing gives the same, to the rounding to 8 bits (twice)."""
    import tensorflow as tf

    part = data.load("camvid", file=folder, size=size).validation
    for file, image in zip(part.files, part.images):
        expected = tf.image.resize(stored(folder / file), (size, size), method="bilinear", antialias=True)
        np.testing.assert_allclose(image * 255, expected, atol=1.5)


def test_images_and_masks_stay_on_top_of_each_other(tmp_path):
    """A wall from column 24 and a kerb from row 12 on are in the same places of image and mask."""
    for part in COUNTS:
        image, mask = np.zeros((36, 48, 3), np.uint8), np.zeros((36, 48), np.uint8)
        image[12:, 24:], mask[12:, 24:] = 255, 3
        pair(tmp_path, part, "a")
        Image.fromarray(image).save(tmp_path / part / "a.png")
        Image.fromarray(mask).save(tmp_path / f"{part}annot" / "a.png")
    train = data.load("camvid", file=tmp_path, size=12).train
    np.testing.assert_array_equal(train.images[0, ..., 0] > 0.5, train.masks[0] == 3)
    assert (train.masks[0] == 3).sum() == 8 * 6


def test_palettes_grey_and_transparent_images(folder):
    mask = folder / "valannot" / "val_0.png"
    ids = stored(mask)
    coloured = Image.frombytes("P", (48, 36), ids.tobytes())
    coloured.putpalette([255 - value for value in range(256) for _ in range(3)])
    coloured.save(mask)
    for mode in ("L", "RGBA"):
        Image.open(folder / "val" / "val_1.png").convert(mode).save(folder / "val" / "val_1.png")
        part = data.load("camvid", file=folder).validation
        assert part.images.shape == (2, 36, 48, 3)
    (where,) = np.flatnonzero(part.files == "val/val_0.png")
    np.testing.assert_array_equal(part.masks[where], np.where(ids == 11, 255, ids))
    Image.fromarray(np.where(ids == 11, 255, ids)).save(mask)  # void as others write it
    np.testing.assert_array_equal(data.load("camvid", file=folder).validation.masks, part.masks)


def test_masks_of_0_and_255_are_background_and_foreground(tmp_path, capsys):
    for part in COUNTS:
        pair(tmp_path, part, "a", shape=(8, 8))
        mask = np.kron([[0, 255], [255, 255]], np.ones((4, 4))).astype("uint8")
        Image.fromarray(mask).save(tmp_path / f"{part}annot" / "a.png")
    dataset = data.load("camvid", file=tmp_path, size=4)
    assert dataset.info.extra["mask_classes"] == dataset.info.classes == ("background", "foreground")
    assert all(part.masks[0].tolist() == [[0, 0, 1, 1]] * 2 + [[1] * 4] * 2 for part in dataset)
    assert "255 is taken as the class foreground" in capsys.readouterr().err
    mask[0, 0] = 1  # with a third value, 255 is void again
    Image.fromarray(mask).save(tmp_path / "testannot" / "a.png")
    dataset = data.load("camvid", file=tmp_path)
    assert len(dataset.info.classes) == 11 and set(np.unique(dataset.train.masks)) == {0, 255}
    assert not capsys.readouterr().err


def test_masks_that_do_not_fit_are_named(folder):
    mask = folder / "testannot" / "test_1.png"
    ids = stored(mask)
    Image.fromarray(ids[:-1]).save(mask)
    refused(folder, rf"mask {mask}: expected 48x36 pixels, the size of its image, got 48x35")
    refused(folder, "got 48x35", size=12)
    Image.fromarray(np.stack([ids] * 3, axis=-1)).save(mask)
    refused(folder, rf"mask {mask}: expected one channel with class ids, got an image of mode RGB")
    for wrong in (12, 254):
        Image.fromarray(np.where(ids == 4, wrong, ids).astype(np.uint8)).save(mask)
        refused(
            folder, rf"mask {mask}: expected class ids 0 to 10, or 11 or 255 for void, got {wrong}; correct"
        )
    # One wrong pixel that the smaller mask would not show.
    ids = ids.copy()
    ids[0, 0] = 99
    Image.fromarray(ids).save(mask)
    refused(folder, "got 99", size=4)


def test_files_without_partner_missing_or_corrupt_are_named(folder):
    image, mask = folder / "val" / "val_0.png", folder / "valannot" / "val_0.png"
    whole = image.read_bytes()
    image.unlink()
    refused(folder, rf"{mask} is without its partner: expected {image}, found nothing there")
    for damage in (b"", b"no image", whole[: len(whole) // 2]):
        image.write_bytes(damage)
        refused(folder, rf"(corrupt image )?{image}(:| is an empty| is no).*; put an .* in its place")
    image.write_bytes(whole)
    saved = mask.read_bytes()
    mask.write_bytes(saved[: len(saved) // 2])
    refused(folder, rf"corrupt image {mask}")
    mask.unlink()
    refused(folder, rf"{image} is without its partner: expected {mask}, found nothing there; .*1 such files")


def test_folders_that_cannot_be_used(folder, tmp_path):
    with pytest.raises(InputError, match="'camvid' needs a folder: name it with --file; it must be a folder"):
        data.load("camvid")
    refused(
        tmp_path / "absent", "expected a folder at .*absent/train, found nothing there; name a folder with"
    )
    for path in (folder / "testannot").iterdir():
        path.unlink()
    (folder / "testannot").rmdir()
    refused(folder, "expected a folder at .*testannot, found nothing there")
    (folder / "testannot").write_text("x")
    refused(folder, "expected a folder at .*testannot, found a file there")
    (folder / "testannot").unlink()
    (folder / "testannot").mkdir()
    for path in (folder / "test").iterdir():
        path.unlink()
    (folder / "test" / ".hidden.png").write_text("x")
    refused(folder, "no images in .*test: expected .jpg, .jpeg, .jfif, .png, ")


def test_images_of_several_sizes_need_a_size(folder):
    pair(folder, "val", "val_1", shape=(30, 40))
    refused(folder, "val_1.png: expected 48x36 pixels, the size of .*train_0.png, got 40x30; name a size")
    assert data.load("camvid", file=folder, size=16).validation.masks.shape == (2, 16, 16)


def test_a_file_that_vanishes_is_named(tmp_path):
    with pytest.raises(InputError, match="there is no image .*gone.png"):
        image_files.opened(tmp_path / "gone.png")


@pytest.mark.skipif(not os.environ.get("CAMVID_FOLDER"), reason="CAMVID_FOLDER does not name the real data")
def test_real_streets():
    dataset = data.load("camvid", file=os.environ["CAMVID_FOLDER"])
    shares = {}
    for part in dataset:
        assert len(part) >= 20 and part.images.shape[1:] == (360, 480, 3)
        assert set(np.unique(part.masks)) == {*range(11), 255}
        assert part.images.min() < 0.02 and part.images.max() == 1
    for index, name in enumerate(camvid.CLASSES):
        shares[name] = np.argwhere(dataset.train.masks == index)[:, 1].mean() / 360
    # The names are those of the numbers: sky is above all, the road below.
    assert min(shares, key=shares.get) == "sky" and max(shares, key=shares.get) == "road"
    sky = dataset.train.images[dataset.train.masks == 0].mean()
    assert sky > 1.3 * dataset.train.images[dataset.train.masks == 5].mean()  # brighter than trees
    small = data.load("camvid", file=os.environ["CAMVID_FOLDER"], size=60).train
    whole, few = (
        np.bincount(masks.ravel(), minlength=256) / masks.size for masks in (dataset.train.masks, small.masks)
    )
    np.testing.assert_allclose(few, whole, atol=0.002)  # squeezing changes no class's share


@pytest.mark.parametrize("size", [None, 16])
def test_a_folder_too_large_for_memory_is_the_same_from_the_disk(folder, tmp_path, monkeypatch, size):
    same_from_disk(monkeypatch, tmp_path, "camvid", file=folder, size=size)
