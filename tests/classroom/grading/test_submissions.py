"""Whose work is what: names of every kind, folders, archives, notebooks, learning platforms, several files."""

import json
import os
import socket
import zipfile
from pathlib import Path

import pytest

from keras_cv_course.classroom.grading.submissions import collect
from keras_cv_course.errors import InputError

LESSONS = ["day3.denoise", "day4.dcgan", "day4.pix2pix"]
DENOISE = '"""day3.denoise: a title."""\n\nx = 1\n'


def write(folder, **texts):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)


def collected(folder="class", only=None):
    return {one.student: one for one in collect(Path(folder), LESSONS, only)}


def refusal(one):
    assert not one.texts, one
    return " ".join(one.refused.values())


def test_names_of_every_kind(tmp_path):
    write(tmp_path / "class" / "ada", psnr=DENOISE)
    write(tmp_path / "class", ada="x = 1\n", **{"[bold]bob": DENOISE})
    for name in (b"caf\xe9.py", b"caf\\udce9.py"):
        Path(os.fsdecode(os.fsencode(tmp_path / "class") + b"/" + name)).write_text(DENOISE)
    found = collect(Path("class"), LESSONS)
    assert len({one.student for one in found}) == len({one.key for one in found}) == 5
    names = {one.student.split(" ~")[0] for one in found}
    assert names == {"ada", "ada.py", "[bold]bob", "caf\\xe9", "caf\\udce9"} or len(names) == 5, names


@pytest.mark.parametrize(
    "names",
    [
        ("s1.py", "s1.txt", "s1.py.py", "s2.py"),
        ("x'y.py", "x_y.py", "x" * 130 + ".py", "x" * 131 + ".py"),
        ("CON.py", "aux.py", "a b.py", "a_b.py"),
    ],
)
def test_no_name_takes_the_place_of_another(names, tmp_path):
    (tmp_path / "class").mkdir()
    for name in names:
        (tmp_path / "class" / name).write_text(DENOISE)
    found = collect(Path("class"), LESSONS)
    assert len({one.key for one in found}) == len({one.student for one in found}) == len(names)
    assert all(
        len(one.key) < 100 and set(one.key) <= set("-_.") | set(filter(str.isalnum, one.key)) for one in found
    )


@pytest.mark.parametrize(
    "name",
    [
        "\x1b]0;TITLE\x07\x1b[31mred",
        "\r=cmd|' calc'!A0",
        "evil\u202egpj",
        "\u2028=1",
        "\x9b31m8bit",
        "a\x08\x08bs",
    ],
)
def test_names_are_made_printable(name, tmp_path):
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / f"{name}.py").write_text(DENOISE)
    (student,) = collected()
    assert student.isprintable() and "\\" in student


def test_folders_without_end_are_refused_and_cost_nobody_else(tmp_path):
    write(tmp_path / "class", honest=DENOISE)
    for student, depth, part in (("deep", 1100, "d"), ("long", 18, "x" * 250)):
        (tmp_path / "class" / student).mkdir()
        number = os.open(tmp_path / "class" / student, os.O_RDONLY)
        for _ in range(depth):
            os.mkdir(part, dir_fd=number)
            below = os.open(part, os.O_RDONLY, dir_fd=number)
            os.close(number)
            number = below
        os.close(number)
    (tmp_path / "class" / "wide").mkdir()
    for number in range(2100):
        (tmp_path / "class" / "wide" / f"{number}.py").touch()
    found = collected()
    assert found["honest"].texts
    assert "more than 12 deep" in refusal(found["deep"]) and "more than 12 deep" in refusal(found["long"])
    assert "more than 2,000 files" in refusal(found["wide"])
    for name in ("deep", "long"):  # shutil would break on them
        os.system(f"rm -rf {tmp_path / 'class' / name}")


def test_what_is_no_ordinary_file(tmp_path):
    folder = tmp_path / "class"
    write(folder, honest=DENOISE)
    write(folder / "day3_denoise.py", inner=DENOISE)  # a folder of that name
    (folder / "i" / "day3_denoise.py").mkdir(parents=True)
    os.mkfifo(folder / "fifo.py")
    (folder / "link.py").symlink_to("/proc/self/mem")
    (folder / "loop").symlink_to("..")
    with socket.socket(socket.AF_UNIX) as held:
        os.chdir(folder)  # the path of a socket is short
        held.bind("sock.py")
        os.chdir(tmp_path)
    with open(folder / "sparse.py", "wb") as file:
        file.truncate(10**10)
    found = collected()
    assert found["honest"].texts and found["day3_denoise.py"].texts
    assert "no Python file" in refusal(found["i"])
    assert "not an ordinary file" in refusal(found["fifo"])
    assert "symbolic link" in refusal(found["link"]) and "symbolic link" in refusal(found["loop"])
    assert "MB of source" in refusal(found["sparse"]) and refusal(found["sock"])


def test_learning_platforms_and_their_junk(tmp_path):
    folder = tmp_path / "class"
    write(folder, **{"ada_LATE_123_457_day4_dcgan": DENOISE, "ada_123_458_day3_denoise": DENOISE})
    write(folder / "Bob Smith_77_assignsubmission_file_", day3_denoise=DENOISE)
    write(folder / "__MACOSX", **{"._day3_denoise": "x"})
    for junk in (".DS_Store", "Thumbs.db", "desktop.ini"):
        (folder / junk).write_text("x")
    found = collected()
    assert set(found) == {"ada", "Bob Smith"}
    assert set(found["ada"].texts) == {"day4.dcgan", "day3.denoise"}


def test_one_student_with_files_of_two_lessons(tmp_path):
    write(tmp_path / "class", ada_day3_denoise=DENOISE, ada_day4_dcgan=DENOISE, bob_day3_denoise=DENOISE)
    found = collected()
    assert {student: sorted(one.texts) for student, one in found.items()} == {
        "ada": ["day3.denoise", "day4.dcgan"],
        "bob": ["day3.denoise"],
    }


def test_of_two_files_for_one_lesson_the_exact_name_wins_else_the_newest(tmp_path):
    write(tmp_path / "class" / "ada", **{"Copy of day3_denoise": "blank = 1\n", "day3_denoise": DENOISE})
    write(tmp_path / "class" / "bob", old_day3_denoise="old = 1\n", new_day3_denoise=DENOISE)
    os.utime("class/bob/old_day3_denoise.py", (1, 1))
    found = collected()
    for student, why in (("ada", "the one of the exact name"), ("bob", "the newest")):
        assert found[student].texts["day3.denoise"] == DENOISE
        (remark,) = found[student].remarks["day3.denoise"]
        assert why in remark and "2 files" in remark


def notebook(*cells):
    return json.dumps(
        {"cells": [{"cell_type": kind, "source": text} for kind, text in cells], "metadata": {}}
    )


def test_notebooks_and_archives(tmp_path):
    (tmp_path / "class").mkdir()
    check = "from keras_cv_course.classroom.notebooks.notebook_check import check\n\ncheck(...)"
    text = notebook(
        ("markdown", "# no"), ("code", "%matplotlib inline\nx = 1"), ("code", check), ("code", "y = 2")
    )
    (tmp_path / "class" / "ada_day3_denoise.ipynb").write_text(text)
    with zipfile.ZipFile("class/bob.zip", "w") as archive:
        archive.writestr("handed in/day3_denoise.py", DENOISE)
        archive.writestr("handed in/day4_dcgan.ipynb", text)
        archive.writestr("__MACOSX/._day3_denoise.py", "junk")
        archive.writestr("../../day4_pix2pix.py", "z = 3\n")
    (tmp_path / "class" / "eve.zip").write_bytes(b"PK no archive")
    with zipfile.ZipFile("class/bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("day3_denoise.py", "#" * 50_000_000)
    (tmp_path / "class" / "kim_day3_denoise.ipynb").write_text("{}")
    found = collected()
    assert found["ada"].texts["day3.denoise"] == "x = 1\n\n\ny = 2\n"
    assert (
        set(found["bob"].texts) == {"day3.denoise", "day4.dcgan"}
        and found["bob"].texts["day3.denoise"] == DENOISE
    )
    assert not list(tmp_path.parent.glob("day4_pix2pix.py"))
    assert "no zip archive" in refusal(found["eve"]) and "more than 500,000 bytes" in refusal(found["bomb"])
    assert "no Jupyter notebook" in refusal(found["kim"])


def test_a_folder_that_is_empty_or_none():
    with pytest.raises(InputError, match="is not a folder"):
        collect(Path("nowhere"), LESSONS)
    Path("class").mkdir()
    Path("class/.DS_Store").touch()
    with pytest.raises(InputError, match="is empty"):
        collect(Path("class"), LESSONS)
