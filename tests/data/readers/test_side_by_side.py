import numpy as np
import pytest
from PIL import Image

from keras_cv_course import data
from keras_cv_course.errors import InputError
from tests.data.readers.disk_twin import same_from_disk


@pytest.fixture
def folder(tmp_path):
    """Left a red half as bright as its number says, right a blue one."""
    for part, count in (("train", 20), ("test", 3)):
        (tmp_path / part).mkdir()
        for number in range(count):
            image = np.zeros((10, 24, 3), np.uint8)
            image[:, :12, 0] = image[:, 12:, 2] = 100 + 5 * number
            Image.fromarray(image).save(tmp_path / part / f"{number:02d}.png")
    return tmp_path


def test_halves_belong_together(folder):
    dataset = data.load("side_by_side", file=folder, size=8)
    assert [len(part) for part in dataset] == [18, 2, 3] and dataset.info.file == folder
    seen = []
    for part in dataset:
        assert set(part.fields) == set(dataset.info.fields)
        for images, channel in ((part.images, 0), (part.inputs, 2)):
            assert images.shape[1:] == (8, 8, 3) and images.dtype == np.float32
            shades = np.array([100 + 5 * int(file[-6:-4]) for file in part.files]) / 255
            np.testing.assert_allclose(
                images[..., channel], shades[:, None, None] * np.ones((1, 8, 8)), atol=1e-6
            )
            assert images.sum() == pytest.approx(images[..., channel].sum())
        seen += part.files.tolist()
    assert len(set(seen)) == 23


def test_a_folder_val_validates(folder):
    (folder / "test").rename(folder / "val")
    with pytest.raises(InputError, match="expected a folder at .*test, found nothing"):
        data.load("side_by_side", file=folder)
    (folder / "test").mkdir()
    (folder / "val" / "00.png").rename(folder / "test" / "00.png")
    assert [len(part) for part in data.load("side_by_side", file=folder, size=8)] == [20, 2, 1]


def test_the_direction_says_which_half_is_the_input(folder):
    """BtoA is the default, as in the authors' facades; AtoB exchanges inputs and targets."""
    default, b_to_a, a_to_b = (
        data.load("side_by_side", file=folder, size=8, direction=direction)
        for direction in (None, "BtoA", "AtoB")
    )
    for first, second in zip(default, b_to_a, strict=True):
        np.testing.assert_array_equal(first.inputs, second.inputs)
    for first, second in zip(b_to_a, a_to_b, strict=True):
        np.testing.assert_array_equal(first.inputs, second.images)
        np.testing.assert_array_equal(first.images, second.inputs)
    with pytest.raises(InputError, match="direction must be one of BtoA, AtoB, got 'left'"):
        data.load("side_by_side", file=folder, direction="left")
    with pytest.raises(InputError, match="an option of 'side_by_side', not of 'label_maps'"):
        data.load("label_maps", direction="AtoB")


@pytest.mark.parametrize("size", [(10, 10), (20, 30), (14, 10)])
def test_a_single_image_is_not_cut_in_two(folder, size):
    """A square, a portrait, and a landscape that is much narrower than the pairs."""
    Image.new("RGB", size).save(folder / "train" / "single.png")
    with pytest.raises(InputError, match="single.png: .*put its pair beside it"):
        data.load("side_by_side", file=folder, size=8)


def test_pairs_of_portraits_are_pairs(folder):
    for part in ("train", "test"):
        for path in (folder / part).iterdir():
            Image.open(path).resize((14, 10)).save(path)
    assert [len(part) for part in data.load("side_by_side", file=folder, size=8)] == [18, 2, 3]


def test_what_is_wrong_is_named(folder):
    with pytest.raises(InputError, match="name it with --file"):
        data.load("side_by_side")
    Image.new("RGB", (23, 10)).save(folder / "test" / "odd.png")
    with pytest.raises(InputError, match="odd.png: expected .* an even width .* got 23x10"):
        data.load("side_by_side", file=folder)
    (folder / "test" / "odd.png").write_bytes(b"no")
    with pytest.raises(InputError, match="odd.png is no image"):
        data.load("side_by_side", file=folder)


@pytest.mark.parametrize("direction", ["BtoA", "AtoB"])
def test_a_folder_too_large_for_memory_is_the_same_from_the_disk(folder, tmp_path, monkeypatch, direction):
    same_from_disk(monkeypatch, tmp_path, "side_by_side", file=folder, size=8, direction=direction)
