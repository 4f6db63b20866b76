"""Shards and their merging: the same results as one grading of the whole class."""

import io
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from rich.console import Console

from keras_cv_course.classroom.grading.grading import grade
from keras_cv_course.classroom.grading.grading_key import open_key
from keras_cv_course.classroom.grading.merging import merge
from keras_cv_course.classroom.grading.shard import Shard
from keras_cv_course.classroom.sandbox.bubblewrap import bubblewrap
from keras_cv_course.classroom.sandbox.own_user import FIRST_USER, can_run_python
from keras_cv_course.classroom.skeleton import skeleton
from keras_cv_course.errors import InputError
from keras_cv_course.file_lock import locked
from tests.classroom.grading.hostile_class import SHORT, of

OPTIONS = dict(lesson="day3.denoise", seed=3, jobs=1, limits=SHORT)


def quiet():
    return Console(file=io.StringIO(), width=100)


@pytest.fixture(scope="module")
def graded(psnr_course, psnr_exercises, honest, tmp_path_factory):
    """A class of five, graded at once into `whole`, by two shards into `shared`, by two others into `first` and
    `second`. Only to be read."""
    if bubblewrap() is None and os.getuid() == 0 and not can_run_python(FIRST_USER):
        pytest.skip("there is no sandbox here, and root grades without one only as another user")
    root = tmp_path_factory.mktemp("shards")
    (root / "class").mkdir()
    blank = skeleton(psnr_exercises)
    for number, text in enumerate([honest, blank, honest, "1 +", honest]):
        (root / "class" / f"student_{number}.py").write_text(text)
    options = dict(OPTIONS, console=quiet(), sandbox=bubblewrap() is not None)
    for output, shard in (
        ("whole", None),
        ("shared", "1/2"),
        ("shared", "2/2"),
        ("first", "1/2"),
        ("second", "2/2"),
    ):
        shard = None if shard is None else Shard.parse(shard)
        grade(psnr_course, root / "class", root / output, shard=shard, **options)
    return root


@pytest.fixture
def shards(graded, tmp_path):
    """A copy of all of it; the class stays where it is."""
    for name in ("whole", "shared", "first", "second"):
        shutil.copytree(graded / name, tmp_path / name)
    return tmp_path


def results_of(folder):
    """What one grading and another of the same class have in common."""
    students = json.loads((folder / "grades.json").read_text(encoding="utf-8"))["students"]
    return [{**result, "seconds": None, "seal": None} for result in students.values()]


def times(folder):
    return {path.name: path.stat().st_mtime_ns for path in (folder / "students").iterdir()}


def test_the_results_do_not_depend_on_the_number_of_shards(psnr_course, shards):
    assert not (shards / "shared" / "grades.csv").exists()
    results = merge(psnr_course, shards / "shared", limits=SHORT)
    assert list(of(results).values()) == [2, 0, 2, 0, 2]
    assert results_of(shards / "shared") == results_of(shards / "whole")
    for name in ("grades.csv",):
        assert (shards / "shared" / name).read_bytes() == (shards / "whole" / name).read_bytes()
    assert "student_4" in (shards / "shared" / "index.html").read_text(encoding="utf-8")


def test_shards_with_folders_of_their_own_are_copied_together(psnr_course, graded, shards):
    merge(psnr_course, shards / "all", [shards / "first", shards / "second"], limits=SHORT)
    assert results_of(shards / "all") == results_of(shards / "whole")
    before = times(shards / "all")
    sandbox = bubblewrap() is not None
    again = grade(psnr_course, graded / "class", shards / "all", console=quiet(), sandbox=sandbox, **OPTIONS)
    assert (
        times(shards / "all") == before and len(again) == 5
    )  # a grading goes on from there, with nothing to do


def test_a_shard_grades_its_own_alone_and_goes_on_where_it_was(psnr_course, graded, shards):
    assert {name[:9] for name in times(shards / "first")} == {"student_0", "student_2", "student_4"}
    before = times(shards / "first")
    next((shards / "first" / "students").glob("student_2*")).unlink()
    options = dict(OPTIONS, console=quiet(), sandbox=bubblewrap() is not None)
    grade(psnr_course, graded / "class", shards / "first", shard=Shard(1, 2), **options)
    changed = {name for name, time in times(shards / "first").items() if before[name] != time}
    assert {name[:9] for name in changed} == {"student_2"}
    with locked(shards / "first" / ".lock-1-of-2", "busy"):
        with pytest.raises(InputError, match="shard 1/2 is going on in .*first"):
            grade(psnr_course, graded / "class", shards / "first", shard=Shard(1, 2), **options)


def test_what_is_missing_is_named_with_its_shard(psnr_course, shards):
    next((shards / "shared" / "students").glob("student_3*")).unlink()
    with pytest.raises(InputError, match="1 of 5 .* student_3; run --shard 2/2 again"):
        merge(psnr_course, shards / "shared", limits=SHORT)
    with pytest.raises(InputError, match="2 of 5 .* student_1; run --shard 2/2 again"):
        merge(psnr_course, shards / "first", limits=SHORT)
    assert not (shards / "shared" / "grades.csv").exists()


def test_a_forged_result_is_not_merged(psnr_course, shards):
    forged = next((shards / "shared" / "students").glob("student_1*"))
    forged.write_text(forged.read_text().replace('"points": 0', '"points": 2'))
    with pytest.raises(InputError, match="1 of 5 .* student_1"):
        merge(psnr_course, shards / "shared", limits=SHORT)


def test_shards_that_do_not_belong_together(psnr_course, shards):
    notes = shards / "second" / "grading.2-of-2.json"
    notes.write_text(notes.read_text().replace('"lesson": "day3.denoise"', '"lesson": null'))
    with pytest.raises(InputError, match="different options: lesson was 'day3.denoise' and None"):
        merge(psnr_course, shards / "first", [shards / "second"], limits=SHORT)
    (shards / "other").mkdir()
    shutil.copy(shards / "whole" / "grading.json", shards / "other")
    open_key(shards / "other", seed=4)
    with pytest.raises(InputError, match="different secrets.*--seed"):
        merge(psnr_course, shards / "first", [shards / "other"], limits=SHORT)
    with pytest.raises(InputError, match="no shard has graded into .*nowhere"):
        merge(psnr_course, shards / "nowhere")
    assert not (shards / "nowhere").exists()
    notes.write_text("{")
    with pytest.raises(InputError, match="2-of-2.json is damaged"):
        merge(psnr_course, shards / "second", limits=SHORT)


def test_shards_that_begin_at_once_draw_one_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: open_key(tmp_path / "grades"), range(64)))
    assert len(keys) == 1 and [path.name for path in (tmp_path / "grades").iterdir()] == ["grading.key"]
    assert (tmp_path / "grades" / "grading.key").stat().st_mode & 0o777 == 0o600


def test_more_shards_than_students(psnr_course, graded, tmp_path):
    options = dict(OPTIONS, console=quiet(), sandbox=bubblewrap() is not None)
    assert grade(psnr_course, graded / "class", tmp_path / "grades", shard=Shard(7, 9), **options) == {}
    assert not Path(tmp_path / "grades" / "students").exists()


def test_the_command(psnr_course, shards, capsys):
    from keras_cv_course.classroom.grading import commands

    console = quiet()
    with pytest.raises(InputError, match="5 of 5"):  # the limits of the shards were short ones
        commands.merge(psnr_course, shards / "shared", console=console)
    with pytest.raises(InputError, match="such as 3/8"):
        commands.grade(psnr_course, shards, shards / "x", shard="3", console=console)
