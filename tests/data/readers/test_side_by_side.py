import numpy as np
import pytest
from PIL import Image

from keras_cv_course import data
from keras_cv_course.errors import InputError


@pytest.fixture
def folder(tmp_path):
    """Left a red half as bright as its number says, right a blue one."""
    for part, count in (("train", 20), ("test", 3)):
        (tmp_path / part).mkdir()
        for number in range(count):
            picture = np.zeros((10, 24, 3), np.uint8)
            picture[:, :12, 0] = picture[:, 12:, 2] = 100 + 5 * number
            Image.fromarray(picture).save(tmp_path / part / f"{number:02d}.png")
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


def test_what_is_wrong_is_named(folder):
    with pytest.raises(InputError, match="name it with --file"):
        data.load("side_by_side")
    Image.new("RGB", (13, 10)).save(folder / "test" / "odd.png")
    with pytest.raises(InputError, match="odd.png: .* even width, got 13x10"):
        data.load("side_by_side", file=folder)
    (folder / "test" / "odd.png").write_bytes(b"no")
    with pytest.raises(InputError, match="odd.png is no image"):
        data.load("side_by_side", file=folder)
