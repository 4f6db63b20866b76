import os
import re

import numpy as np
import pytest

from keras_cv_course import data
from keras_cv_course.errors import InputError
from tests.data.readers.disk_twin import same_from_disk
from tests.data.readers.voc_devkit import lists, scene

OBJECTS = {
    "one": [("RBC", 9, 5, 24, 20), ("Platelets!", 41, 33, 48, 40)],
    "two": [("WBC", 1, 1, 80, 60)],
    "none": [],
    "four": [("RBC", 65, 41, 80, 60)],
    "five": [("WBC", 17, 13, 18, 60), ("RBC", 33, 1, 40, 4), ("RBC", 57, 1, 64, 4)],
}


@pytest.fixture
def folder(tmp_path):
    for stem, objects in OBJECTS.items():
        scene(tmp_path, stem, objects)
    return lists(tmp_path, train=("one", "two", "none"), val=("four",), test=("five",))


def by_file(dataset):
    """File name without ending -> the rows of its image."""
    return {
        os.path.basename(str(file))[:-4]: part[[row]]
        for part in dataset
        for row, file in enumerate(part.files)
    }


def refused(folder, message, name="bccd"):
    with pytest.raises(InputError, match=message) as caught:
        data.load(name, file=folder, size=16)
    assert "\n" not in str(caught.value)


def test_parts_fields_and_rows_of_minus_one(folder):
    dataset = data.load("bccd", file=folder)
    assert [len(part) for part in dataset] == [3, 1, 1]
    assert dataset.info.classes == ("RBC", "WBC", "Platelets") and dataset.info.file == folder
    for part in dataset:
        assert part.images.shape[1:] == (256, 256, 3) and part.boxes.shape[1:] == (3, 4)
        assert set(part.fields) == set(dataset.info.fields)
    rows = by_file(dataset)
    assert rows["one"].box_classes.tolist() == [[0, 2, -1]]
    assert rows["one"].difficult.tolist() == [[False, True, False]]
    assert rows["five"].box_classes.tolist() == [[1, 0, 0]]
    assert rows["one"].files.tolist() == ["JPEGImages/one.png"]
    # An image without objects is kept.
    assert (rows["none"].boxes == -1).all() and rows["none"].box_classes.tolist() == [[-1, -1, -1]]
    assert not rows["none"].images.any()


def test_corners_count_from_one_and_boxes_are_edges(folder):
    """At the image's own width nothing is scaled in x, and y by 80 / 60."""
    rows = by_file(data.load("bccd", file=folder, size=80))
    np.testing.assert_allclose(rows["two"].boxes[0, 0], [0, 0, 80, 80])  # the whole image
    np.testing.assert_allclose(rows["one"].boxes[0, 0], [8, 4 * 4 / 3, 24, 20 * 4 / 3], rtol=1e-6)
    np.testing.assert_allclose(rows["five"].boxes[0, 0], [16, 16, 18, 80])  # two pixels wide


@pytest.mark.parametrize("size", [20, 40, 80])
def test_boxes_stay_on_their_objects_when_the_image_is_resized(tmp_path, size):
    """The bright pixels' bounds, found in the resized image, are the box."""
    objects = {"a": ("RBC", 9, 9, 24, 40), "b": ("WBC", 33, 1, 80, 16), "c": ("RBC", 1, 41, 16, 80)}
    for stem, one in objects.items():
        scene(tmp_path, stem, [one], shape=(160, 80))
    lists(tmp_path, train="a", val="b", test="c")
    for part in data.load("bccd", file=tmp_path, size=size):
        bright = part.images[0, ..., 0] > 0.5
        columns, lines = np.flatnonzero(bright.any(axis=0)), np.flatnonzero(bright.any(axis=1))
        bounds = [columns[0], lines[0], columns[-1] + 1, lines[-1] + 1]
        np.testing.assert_allclose(part.boxes[0, 0], bounds, atol=1e-5)


def test_every_load_gives_the_same_order_and_it_is_mixed(tmp_path):
    stems = [f"{number:02}" for number in range(30)]
    for stem in stems:
        scene(tmp_path, stem, [("RBC", 1, 1, 1 + int(stem), 9)] if int(stem) else [])
    lists(tmp_path, train=stems[:20], val=stems[20:25], test=stems[25:])
    one, other = (data.load("bccd", file=tmp_path, size=8) for _ in range(2))
    for left, right in zip(one, other):
        for field in left.fields:
            np.testing.assert_array_equal(left.fields[field], right.fields[field])
    assert sorted(one.train.files) == [f"JPEGImages/{stem}.png" for stem in stems[:20]]
    assert list(one.train.files) != sorted(one.train.files)
    for part in one:
        for file, box in zip(part.files, part.boxes[:, 0]):  # boxes go with their images
            number = int(file[-6:-4])
            assert box[2] == pytest.approx((1 + number) / 10 if number else -1)


def test_images_of_several_sizes_formats_and_of_ones_own_classes(tmp_path):
    scene(tmp_path, "a", [("zebra", 1, 1, 40, 30), ("ant", 1, 1, 8, 8)], ending=".jpg")
    scene(tmp_path, "b", [("ant", 1, 1, 50, 50)], shape=(100, 50), size=False)  # no <size>
    scene(tmp_path, "c", [("zebra", 1, 1, 15, 10)], shape=(10, 30))
    lists(tmp_path, train=("a", "", "  "), val=("b",), test=("c",))
    train, validation, test = dataset = data.load("voc_folder", file=tmp_path, size=10)
    assert dataset.info.classes == ("ant", "zebra") and train.box_classes.tolist() == [[1, 0]]
    assert train.boxes[0, 0].tolist() == [0, 0, 5, 5] and validation.boxes[0].tolist() == [
        [0, 0, 10, 5],
        [-1] * 4,
    ]
    assert test.boxes[0, 0].tolist() == [0, 0, 5, 10]
    scene(tmp_path, "b", [("bee", 1, 1, 9, 9)])
    refused(tmp_path, r"b\.xml: unknown class 'bee'; expected one of ant, zebra", "voc_folder")
    scene(tmp_path, "a", [], ending=".jpg")
    refused(tmp_path, "no objects in the annotations of .*train.txt", "voc_folder")


def test_boxes_without_extent_are_left_out_with_one_line(folder, capsys):
    scene(folder, "one", [("RBC", 5, 7, 5, 7), ("WBC", 3, 4, 9, 4), ("RBC", 1, 1, 4, 4)])
    scene(folder, "five", [("WBC", 17, 13, 17, 60)])
    dataset = data.load("bccd", file=folder, size=16)
    assert by_file(dataset)["one"].box_classes.tolist() == [[0]]  # K is 1 now
    assert by_file(dataset)["five"].box_classes.tolist() == [[-1]]
    said = capsys.readouterr()
    path = folder / "Annotations" / "one.xml"
    five = folder / "Annotations" / "five.xml"
    assert said.out == "" and len(said.err.splitlines()) == 1
    assert "boxes without extent" in said.err and "and 2 more" in said.err
    assert set(dataset.info.extra["left out"]) == {
        f"{path}, object 1 (RBC at 5, 7)",
        f"{path}, object 2 (WBC at 3, 4)",
        f"{five}, object 1 (WBC at 17, 13)",
    }


def test_a_folder_without_any_object_keeps_one_empty_row(folder):
    for stem in OBJECTS:
        scene(folder, stem, [])
    for part in data.load("bccd", file=folder, size=16):
        assert part.boxes.shape == (len(part), 1, 4) and (part.boxes == -1).all()
        assert (part.box_classes == -1).all() and not part.difficult.any()


def test_nothing_is_printed_when_nothing_is_left_out(folder, capsys):
    assert data.load("bccd", file=folder, size=16).info.extra["left out"] == ()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("</annotation>", "", r"one\.xml is not well-formed XML: .*correct it or copy it again"),
        ("annotation>", "note>", r"one\.xml: expected <annotation> .* got <note>"),
        ("<width>80", "<width>81", r"one\.xml: expected the size of its image, 80x60, got 81x60"),
        ("<name>RBC</name>", "", r"one\.xml, object 1: expected its class in <name>, got none"),
        ("<name>RBC", "<name>cell", r"one\.xml: unknown class 'cell'; expected one of RBC, WBC, Platelets"),
        ("<ymin>33</ymin>", "", r"one\.xml, object 2: expected a number .*<ymin>, got none"),
        ("<ymin>33", "<ymin>top", r"one\.xml, object 2: expected a number .*<ymin>, got 'top'"),
        ("<xmin>9<", "<xmin>25<", r"object 1: expected 1 <= xmin <= xmax <= 80 .* got xmin 25, .* xmax 24"),
        ("<xmax>48", "<xmax>81", r"object 2: expected 1 <= xmin <= xmax <= 80 .* xmax 81"),
        ("<ymax>40", "<ymax>61", r"object 2: .*1 <= ymin <= ymax <= 60.*ymax 61; correct the box or remove"),
        ("<xmin>9<", "<xmin>-1<", r"object 1: .*xmin -1"),
        ("<xmin>9<", "<xmin>nan<", r"object 1: .*xmin nan"),
        ("<xmax>24", "<xmax>inf", r"object 1: .*xmax inf"),
    ],
)
def test_a_damaged_annotation_is_named(folder, old, new, message):
    path = folder / "Annotations" / "one.xml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    refused(folder, message)
    path.write_text(text)
    data.load("bccd", file=folder, size=16)


def test_corners_that_are_fractions_of_the_image_are_refused(folder):
    path = folder / "Annotations" / "two.xml"
    for name, value in (("xmin", "0.1"), ("ymin", "0.2"), ("xmax", "0.42"), ("ymax", "1")):
        path.write_text(re.sub(rf"<{name}>.*?<", f"<{name}>{value}<", path.read_text()))
    message = r"two\.xml, object 1: expected corners in pixels.* xmin 0\.1, ymin 0\.2, xmax 0\.42, ymax 1, "
    refused(folder, message + r"which are fractions .* width \(80\) and y by its height \(60\)")


@pytest.mark.parametrize(
    "size", ["<width>80.0</width><height>60.0</height>", "<width>0</width><height>0</height>"]
)
def test_sizes_as_programs_write_them(folder, size):
    path = folder / "Annotations" / "one.xml"
    path.write_text(path.read_text().replace("<width>80</width><height>60</height>", size))
    data.load("bccd", file=folder, size=16)
    path.write_text(path.read_text().replace(size, "<width>wide</width><height>60</height>"))
    refused(folder, "expected the size of its image, 80x60, got widex60")


def test_endings_in_capitals_names_with_endings_and_a_byte_order_mark(folder):
    (folder / "JPEGImages" / "one.png").rename(folder / "JPEGImages" / "one.PNG")
    path = folder / "ImageSets" / "Main" / "train.txt"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"two", b"two.png"))
    files = data.load("bccd", file=folder, size=16).train.files
    assert sorted(files) == ["JPEGImages/none.png", "JPEGImages/one.PNG", "JPEGImages/two.png"]


def test_classes_that_differ_in_case_only_are_told(tmp_path, capsys):
    for stem, name in (("a", "Cell"), ("b", "cell"), ("c", "cell"), ("d", "Cell")):
        scene(tmp_path, stem, [(name, 1, 1, 9, 9)])
    lists(tmp_path, train=("a", "b"), val=("c",), test=("d",))
    assert data.load("voc_folder", file=tmp_path, size=8).info.classes == ("Cell", "cell")
    assert (
        "differ in upper and lower case only: Cell and cell; are they one class?" in capsys.readouterr().err
    )


def test_an_edge_counted_from_zero_is_the_edge(folder):
    path = folder / "Annotations" / "two.xml"
    path.write_text(path.read_text().replace("<xmin>1<", "<xmin>0<").replace("<ymin>1<", "<ymin>0.0<"))
    assert by_file(data.load("bccd", file=folder, size=16))["two"].boxes[0, 0].tolist() == [0, 0, 16, 16]


def test_files_that_are_missing_or_corrupt_are_named(folder):
    image, xml = folder / "JPEGImages" / "two.png", folder / "Annotations" / "two.xml"
    whole = image.read_bytes()
    for damage in (b"", b"no image", whole[: len(whole) // 2]):
        image.write_bytes(damage)
        refused(folder, rf"(corrupt image )?{image}(:| is an empty| is no).*; put an .* in its place")
    image.unlink()
    refused(folder, rf"there is no image {image.with_suffix('.jpg')}; put it there or take it off its list")
    image.write_bytes(whole)
    xml.write_bytes(b"\x00\xff\xfe")
    refused(folder, rf"{xml} is not well-formed XML")
    xml.unlink()
    refused(folder, rf"there is no annotation {xml}; put it there")


def test_folders_and_lists_that_cannot_be_used(folder, tmp_path):
    with pytest.raises(InputError, match="'bccd' needs a folder: name it with --file; .*ImageSets/Main"):
        data.load("bccd")
    refused(
        tmp_path / "absent", "expected a folder at .*absent, found nothing there; name a folder with JPEG"
    )
    (tmp_path / "file").write_text("x")
    refused(tmp_path / "file", "found a file there")
    path = folder / "ImageSets" / "Main" / "val.txt"
    path.write_text("one\n")
    refused(folder, r"one is in .*train\.txt and again in .*val\.txt; an image belongs to one part")
    path.write_text(" \n")
    refused(folder, rf"no names in {path}; expected")
    path.write_bytes(b"\xff\xfe\x00")
    refused(folder, rf"cannot read the list {path}")
    path.unlink()
    refused(folder, rf"there is no list {path}; name a folder with JPEGImages/")


@pytest.mark.skipif(not os.environ.get("BCCD_FOLDER"), reason="BCCD_FOLDER does not name the real data")
def test_real_blood_cells(capsys):
    """The published counts: 364 images; 4,155, 372 and 361 cells, of which two RBC have no extent."""
    dataset = data.load("bccd", file=os.environ["BCCD_FOLDER"], size=128)
    assert [len(part) for part in dataset] == [205, 87, 72]
    kinds = np.concatenate([part.box_classes.ravel() for part in dataset])
    assert np.bincount(kinds[kinds >= 0]).tolist() == [4155 - 2, 372, 361]
    names = " ".join(dataset.info.extra["left out"])
    assert (
        "BloodImage_00338" in names
        and "BloodImage_00343" in names
        and len(dataset.info.extra["left out"]) == 2
    )
    assert len(capsys.readouterr().err.splitlines()) == 1
    for part in dataset:
        boxes = part.boxes[part.box_classes >= 0]
        assert (boxes[:, 2:] - boxes[:, :2]).min() > 3 and boxes.min() >= 0 and boxes.max() <= 128
    # White cells are stained: inside their boxes the image is far less green than as a whole.
    inside, whole = [], []
    for image, boxes, kinds in zip(dataset.train.images, dataset.train.boxes, dataset.train.box_classes):
        for left, top, right, bottom in boxes[kinds == 1].astype(int):
            inside.append(image[top:bottom, left:right, 1].mean())
            whole.append(image[..., 1].mean())
    assert np.mean(np.array(inside) < np.array(whole)) > 0.95


def test_a_folder_too_large_for_memory_is_the_same_from_the_disk(folder, tmp_path, monkeypatch):
    same_from_disk(monkeypatch, tmp_path, "bccd", file=folder, size=16)
