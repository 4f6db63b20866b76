"""One opener for all images: upright, in the range a person sees, by named decoders only; masks keep their numbers."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from keras_cv_course import data
from keras_cv_course.data.readers import image_files
from keras_cv_course.data.readers.image_files import (
    class_ids,
    in_folder,
    opened,
    pixels,
    square,
    upright_size,
)
from keras_cv_course.errors import InputError

RNG = np.random.default_rng(0)


def refused(path, message, read=opened):
    with pytest.raises(InputError, match=message) as caught:
        read(path)
    said = str(caught.value)
    assert str(path) in said and "\n" not in said and "delete" not in said


def grey_png(path, values, bits, size=None):
    """A grey PNG of 1, 2 or 4 bits, which Pillow does not write: by the PNG specification, section 11."""

    def chunk(kind, content):
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    rows = b""
    for row in values:
        digits = "".join(format(value, f"0{bits}b") for value in row)
        digits += "0" * (-len(digits) % 8)
        rows += b"\0" + int(digits, 2).to_bytes(len(digits) // 8, "big")
    header = struct.pack(">IIBBBBB", *(size or values.shape[::-1]), bits, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("end", ["jpg", "png", "webp", "tif"])
def test_every_orientation_is_turned_upright(tmp_path, orientation, end):
    """EXIF 2.32, tag 0x0112: where the stored first row and column lie in what one sees."""
    scene = np.zeros((16, 32, 3), np.uint8)
    scene[:8, :16, 0] = scene[:8, 16:, 1] = scene[8:, :16, 2] = 255  # red, green, blue, black
    stored = {
        1: scene,
        2: scene[:, ::-1],
        3: scene[::-1, ::-1],
        4: scene[::-1],
        5: scene.transpose(1, 0, 2),
        6: np.rot90(scene, 1),
        7: scene[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(scene, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a.{end}"
    options = {"jpg": dict(quality=95, subsampling=0), "webp": dict(lossless=True)}.get(end, {})
    Image.fromarray(np.ascontiguousarray(stored)).save(path, exif=exif, **options)
    seen = pixels(opened(path))
    assert seen.shape == scene.shape and upright_size(path) == (32, 16)
    np.testing.assert_allclose(seen[4::8, 8::16].astype(int), scene[4::8, 8::16], atol=12)


@pytest.mark.parametrize("name", ["folder", "unpaired", "camvid", "voc_folder"])
def test_every_reader_turns_the_images_of_a_phone_upright(tmp_path, name):
    """Red on top in what one sees, stored on its side; masks and boxes lie over what one sees."""
    seen = np.full((64, 48, 3), 60, np.uint8)
    seen[:32] = 220, 40, 40
    mask = np.zeros((64, 48), np.uint8)
    mask[:32] = 1
    box = "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>48</xmax><ymax>32</ymax></bndbox>"
    size = "<size><width>48</width><height>64</height></size>"
    exif = Image.Exif()
    exif[0x0112] = 6

    def save(path):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        stored = Image.fromarray(np.rot90(seen).copy())
        stored.save(tmp_path / path, exif=exif, quality=95, subsampling=0)

    def write(path, text):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    for part in ("trainA", "trainB", "testA", "testB") if name == "unpaired" else ():
        for number in range(2):
            save(f"{part}/{number}.jpg")
    for part in "ab" if name == "folder" else ():
        for number in range(4):
            save(f"{part}/{number}.JPG")
    for part in ("train", "val", "test") if name == "camvid" else ():
        save(f"{part}/0.jpg")
        (tmp_path / f"{part}annot").mkdir()
        Image.fromarray(mask).save(tmp_path / f"{part}annot/0.png")
    for part in ("train", "val", "test") if name == "voc_folder" else ():
        save(f"JPEGImages/{part}.jpg")
        write(
            f"Annotations/{part}.xml",
            f"<annotation>{size}<object><name>red</name>{box}</object></annotation>",
        )
        write(f"ImageSets/Main/{part}.txt", part)
    for part in data.load(name, file=tmp_path, size=32):
        red = part.images[..., 0] > 0.6
        assert red[:, 2:14].all() and not red[:, 18:].any()
        if name == "camvid":
            np.testing.assert_array_equal(red[:, 2:-2], part.masks[:, 2:-2] == 1)
        if name == "voc_folder":
            np.testing.assert_allclose(part.boxes[0][0], (0, 0, 32, 16))


def test_damaged_metadata_is_no_reason_to_refuse_an_image(tmp_path):
    Image.new("RGB", (8, 8), (10, 20, 30)).save(
        tmp_path / "a.jpg", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x09garbage"
    )
    np.testing.assert_allclose(pixels(opened(tmp_path / "a.jpg"))[0, 0], (10, 20, 30), atol=3)


@pytest.mark.parametrize("end", ["png", "tif"])
def test_sixteen_bits_are_scaled_by_their_range(tmp_path, end):
    numbers = RNG.integers(0, 65536, (40, 30)).astype("uint16")
    Image.fromarray(numbers).save(tmp_path / f"a.{end}")
    np.testing.assert_allclose(pixels(opened(tmp_path / f"a.{end}"))[..., 1], numbers / 257, atol=0.51)


def test_numbers_of_32_bits_are_scaled_by_the_smallest_range_that_holds_them(tmp_path):
    unit = RNG.random((20, 20), dtype="float32")
    for factor, shift, top in ((1, 0, 1), (255, 0, 255), (60_000, 0, 65535), (1e6, -5e5, None)):
        numbers = (factor * unit + shift).astype("float32")
        Image.fromarray(numbers).save(tmp_path / "a.tif")
        expected = numbers / top if top else (numbers - numbers.min()) / np.ptp(numbers)
        np.testing.assert_allclose(pixels(opened(tmp_path / "a.tif"))[..., 0], 255 * expected, atol=0.51)
    whole = (60_000 * unit).astype("int32")
    Image.fromarray(whole).save(tmp_path / "a.tif")
    np.testing.assert_allclose(pixels(opened(tmp_path / "a.tif"))[..., 0], whole / 257, atol=0.51)
    Image.fromarray(np.full((4, 4), -7, "float32")).save(tmp_path / "a.tif")
    assert pixels(opened(tmp_path / "a.tif")).max() == 0
    unit[3, 3] = np.nan
    Image.fromarray(unit).save(tmp_path / "a.tif")
    refused(tmp_path / "a.tif", "corrupt image .*NaN or infinite")


def test_transparent_pixels_show_white(tmp_path):
    half = np.zeros((2, 2, 4), np.uint8)
    half[0, 0] = 255, 0, 0, 255
    half[0, 1] = 255, 0, 0, 102  # two fifths
    expected = [[[255, 0, 0], [255, 153, 153]], [[255] * 3] * 2]
    Image.fromarray(half).save(tmp_path / "a.png")
    np.testing.assert_array_equal(pixels(opened(tmp_path / "a.png")), expected)
    Image.fromarray(half).convert("LA").save(tmp_path / "b.png")
    np.testing.assert_allclose(pixels(opened(tmp_path / "b.png"))[..., 0], [[76, 183], [255, 255]], atol=1)
    palette = Image.frombytes("P", (2, 1), bytes([0, 1]))
    palette.putpalette([0, 0, 0, 0, 0, 255])
    palette.save(tmp_path / "c.png", transparency=0)
    palette.save(tmp_path / "c.gif", transparency=0)
    Image.fromarray(np.array([[[0, 0, 0], [0, 0, 255]]], np.uint8)).save(
        tmp_path / "d.png", transparency=(0, 0, 0)
    )
    for name in ("c.png", "c.gif", "d.png"):
        np.testing.assert_array_equal(pixels(opened(tmp_path / name)), [[[255] * 3, [0, 0, 255]]])


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "RGB"])
def test_other_modes_become_red_green_blue(tmp_path, mode):
    Image.new("RGB", (4, 4), (255, 255, 255)).convert(mode).save(tmp_path / "a.tif")
    assert pixels(opened(tmp_path / "a.tif")).min() >= 254


def test_the_square_is_in_the_middle_and_resizing_means():
    image = np.zeros((4, 12, 3), np.uint8)
    image[:, 4:8] = np.arange(48).reshape(4, 4, 3) * 5
    middle = square(Image.fromarray(image))
    np.testing.assert_array_equal(np.asarray(middle), image[:, 4:8])
    np.testing.assert_array_equal(
        np.asarray(square(Image.fromarray(image.transpose(1, 0, 2)))).shape, (4, 4, 3)
    )
    assert pixels(Image.new("RGB", (9, 5), (7, 8, 9)), 3).tolist() == [[[7, 8, 9]] * 3] * 3


def test_postscript_is_never_run(tmp_path, monkeypatch):
    """Pillow would hand an EPS to Ghostscript, whatever its name says."""
    from PIL import EpsImagePlugin

    monkeypatch.setattr(
        EpsImagePlugin, "Ghostscript", lambda *_, **__: pytest.fail("Ghostscript was started")
    )
    Image.new("RGB", (8, 8)).save(tmp_path / "a.eps")
    (tmp_path / "a.jpg").write_bytes((tmp_path / "a.eps").read_bytes())
    refused(tmp_path / "a.jpg", "is a PostScript file; convert it to JPEG or PNG")


def test_other_decoders_are_not_used(tmp_path):
    for kind in ("PPM", "TGA", "PCX", "ICO", "JPEG2000"):
        Image.new("RGB", (16, 16)).save(tmp_path / "a.png", kind)
        refused(tmp_path / "a.png", "is no image")


def test_a_large_image_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    for size, words in (
        ((13_000, 13_000), "13,000 x 13,000 pixels, more than 100 million"),
        ((20_000, 10_000), "far"),
    ):
        grey_png(tmp_path / "slide.png", np.zeros((1, 8), int), 1, size)
        refused(tmp_path / "slide.png", f"is too large: {words}")
    monkeypatch.undo()
    Image.new("1", (9_500, 9_500)).save(tmp_path / "scan.png", compress_level=1)  # Pillow warns of it
    assert opened(tmp_path / "scan.png").size == (9_500, 9_500)


def test_a_file_that_is_not_usable_is_named_for_what_it_is(tmp_path):
    heic = b"\0\0\0\x18ftypheic" + b"\0" * 99
    for content, words in (
        (heic, "is a HEIC photograph; convert it"),
        (b"%PDF-1.7", "is a PDF document"),
        (b"", "is an empty file"),
        (b"PK\x03\x04abc", "is a zip archive"),
        (b"<?xml version='1.0'?><svg/>", "is an XML or SVG file"),
        (b"version https://git-lfs.github.com/spec/v1", "is a pointer of Git LFS"),
        (b"just text", r"is no image \(its first bytes are b'just tex'\)"),
    ):
        (tmp_path / "a.jpg").write_bytes(content)
        refused(tmp_path / "a.jpg", words)
    refused(tmp_path, "is a folder, not an image")
    refused(tmp_path / "gone.png", "there is no image .*gone.png")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "TIFF", "WEBP", "GIF"])
def test_damaged_files_are_named_and_never_a_traceback(tmp_path, kind):
    stream = io.BytesIO()
    Image.fromarray(RNG.integers(0, 256, (64, 64, 3), np.uint8)).save(stream, kind)
    whole = stream.getvalue()
    for share in (0.05, 0.3, 0.8):
        (tmp_path / "a.png").write_bytes(whole[: int(share * len(whole))])
        refused(tmp_path / "a.png", "corrupt image|is no image")
    for seed in range(20):  # ten bytes anywhere are others
        rng = np.random.default_rng(seed)
        broken = bytearray(whole)
        for place in rng.integers(8, len(whole), 10):
            broken[place] ^= int(rng.integers(1, 256))
        (tmp_path / "a.png").write_bytes(bytes(broken))
        try:
            pixels(opened(tmp_path / "a.png"))
        except InputError as error:
            assert str(tmp_path / "a.png") in str(error)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_masks_of_few_bits_keep_their_numbers(tmp_path, bits):
    """Pillow scales them to 8 bits: class 1 of a mask of 2 bits would be class 85."""
    ids = RNG.integers(0, 2**bits, (5, 7))
    grey_png(tmp_path / "a.png", ids, bits)
    np.testing.assert_array_equal(class_ids(tmp_path / "a.png", (5, 7)), ids)
    np.testing.assert_array_equal(pixels(opened(tmp_path / "a.png"))[..., 0], ids * 255 // (2**bits - 1))


@pytest.mark.parametrize("end", ["png", "bmp", "gif", "tif"])
def test_masks_with_palettes_hold_indices(tmp_path, end):
    ids = RNG.integers(0, 4, (6, 5)).astype("uint8")
    palettes = {
        "grey": lambda v: [v] * 3,
        "inverted": lambda v: [255 - v] * 3,
        "colours": lambda v: [v, 9 * v % 256, 0],
    }
    for colour in palettes.values():
        mask = Image.frombytes("P", (5, 6), ids.tobytes())
        mask.putpalette([channel for value in range(256) for channel in colour(value)])
        mask.save(tmp_path / f"a.{end}")
        np.testing.assert_array_equal(class_ids(tmp_path / f"a.{end}", (6, 5)), ids)


def test_masks_of_16_bits_and_upright_masks(tmp_path):
    ids = RNG.integers(0, 1000, (6, 5)).astype("uint16")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(ids).copy()).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(class_ids(tmp_path / "a.png", (6, 5)), ids)


def test_masks_that_cannot_be_used(tmp_path):
    def read(path):
        return class_ids(path, (6, 5))

    for end in ("jpg", "webp"):
        Image.new("L", (5, 6)).save(tmp_path / f"a.{end}")
        refused(tmp_path / f"a.{end}", "changes pixels a little.*save masks as PNG", read)
    Image.new("RGB", (5, 6)).save(tmp_path / "a.png")
    refused(tmp_path / "a.png", "expected one channel with class ids, got an image of mode RGB", read)
    Image.new("F", (5, 6)).save(tmp_path / "a.tif")
    refused(tmp_path / "a.tif", "got an image of mode F", read)
    Image.new("L", (6, 6)).save(tmp_path / "a.png")
    refused(tmp_path / "a.png", "expected 5x6 pixels, the size of its image, got 6x6", read)


def test_the_files_of_a_folder(tmp_path):
    for name in ("b.PNG", "a.jpeg", "c.webp", ".hidden.png", "._a.jpeg", "notes.txt", "Thumbs.db"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    assert [path.name for path in in_folder(tmp_path, "x")] == ["a.jpeg", "b.PNG", "c.webp"]
    (tmp_path / "empty").mkdir()
    for folder, words in ((tmp_path / "empty", "no images in"), (tmp_path / "gone", "found nothing there")):
        refused(folder, words, lambda path: in_folder(path, "a folder of images"))
    refused(tmp_path / "a.jpeg", "found a file there", lambda path: in_folder(path, "a folder of images"))


def test_nothing_else_in_the_project_opens_images():
    """`Image.open` stands in this file alone, so that no other one forgets orientation, alpha or the decoders."""
    root = image_files.__file__.rpartition("/data/")[0]
    from pathlib import Path

    users = {
        path.name for path in Path(root).rglob("*.py") if "Image.open(" in path.read_text(encoding="utf-8")
    }
    assert users <= {"image_files.py"}
