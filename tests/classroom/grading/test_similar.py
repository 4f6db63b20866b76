import csv
import re
from pathlib import Path

import pytest

from keras_cv_course.classroom.grading.similar import LIBRARY, Pair, clusters, similar
from keras_cv_course.classroom.grading.submissions import collect
from keras_cv_course.classroom.skeleton import skeleton
from sprints.commands import main

ADA = {
    "psnr": """\
if truth.shape != estimate.shape:
    raise InputError("shapes differ")
count = len(truth)
errors = np.square(truth.reshape(count, -1) - estimate.reshape(count, -1)).mean(axis=1)
decibels = -10 * np.log10(errors)
return float(decibels.mean())""",
    "add_noise": """\
if noise < 0:
    raise InputError("negative noise")
grain = rng.standard_normal(size=images.shape).astype(images.dtype)
result = images + noise * grain
result[result > 1] = 1
result[result < 0] = 0
return result.astype(images.dtype)""",
    "drop_pixels": """\
if rate < 0 or rate >= 1:
    raise InputError("bad rate")
result = images.copy()
lost = rng.random(images.shape[:3]) < rate
result[lost] = 0
return result""",
}
EVE = {
    "psnr": """\
total = 0
if tuple(truth.shape) != tuple(estimate.shape): raise InputError(f"{truth.shape}, {estimate.shape}")
for one, other in zip(truth, estimate):
    difference = (one - other).ravel()
    total += 10 * math.log10(difference.size / np.dot(difference, difference))
return total / truth.shape[0]""",
    "add_noise": """\
if not noise >= 0:
    raise InputError(noise)
return np.minimum(np.maximum(rng.normal(images, noise, images.shape), 0), 1).astype("float32")""",
    "drop_pixels": """\
if 0 <= rate < 1:
    shape = (*images.shape[:-1], 1)
    return np.where(rng.uniform(size=shape) < rate, 0, images).astype(images.dtype)
else:
    raise InputError("rate")""",
}
NAMES = {"errors": "mse", "count": "n", "decibels": "db", "grain": "z", "result": "out", "lost": "holes"}


@pytest.fixture
def folder(tmp_path, denoise, fill):
    """Ada's work, Bob's copy of it, Eve's own, and two who have done nothing."""
    given = skeleton(denoise)
    ada = eve = given
    for name in ADA:
        ada, eve = fill(ada, name, ADA[name]), fill(eve, name, EVE[name])
    bob = ada
    for name, other in NAMES.items():
        bob = re.sub(rf"\b{name}\b", other, bob)
    bob = re.sub(r"(?m)^(    return .*)$", r"    # the answer\n\1\n", bob)
    folder = tmp_path / "class"
    folder.mkdir()
    texts = {
        "ada": ada,
        "bob": bob,
        "eve": eve,
        "kim": given,
        "leo": given,
        "max": "not Python: (",
        "nil": "",
    }
    for student, text in texts.items():
        (folder / f"{student}_day3_denoise.py").write_text(text)
    return folder


def test_a_copy_with_other_names_is_found_and_own_work_is_not(folder, denoise):
    submissions = collect(folder, ["day3.denoise"])
    (pair,) = similar(submissions, {"day3.denoise": denoise})
    assert (pair.first, pair.second) == ("ada", "bob")
    assert 0.9 <= pair.similarity <= 1 and pair.lesson == "day3.denoise"
    # Nobody is at all like Eve, or like those who have done nothing, or so little that it says nothing.
    assert similar(submissions, {"day3.denoise": denoise}, least=0.3) == [pair]


def test_who_hands_in_the_library_is_like_the_library(folder, denoise):
    (folder / "pat_day3_denoise.py").write_text(skeleton(denoise, only=[]))
    pairs = similar(collect(folder, ["day3.denoise"]), {"day3.denoise": denoise})
    assert {(pair.first, pair.second) for pair in pairs} == {("ada", "bob"), ("pat", LIBRARY)}


def test_groups_of_those_who_are_similar_by_way_of_others():
    def pair(first, second, lesson="day1.cnn"):
        return Pair(first, second, lesson, 0.9, 50, ("", ""), ([], []))

    pairs = [pair("a", "b"), pair("c", "d"), pair("b", "c"), pair("e", "f"), pair("a", "z", "day3.denoise")]
    assert clusters(pairs) == [
        ("day1.cnn", ("a", "b", "c", "d")), ("day1.cnn", ("e", "f")), ("day3.denoise", ("a", "z")),
    ]  # fmt: skip


def test_the_command_lists_them_and_writes_a_table(folder, capsys):
    main(["similar", str(folder), "--lesson", "day3.denoise", "-o", "similar.csv"])
    said = capsys.readouterr().out
    assert "ada, bob" in said and "eve" not in said and "Similar is no proof" in said
    with open("similar.csv", encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert list(row)[:4] == ["similarity", "lesson", "first", "second"] and row["first"] == "ada"


def test_the_page_shows_both_files_and_escapes_them(folder):
    for name in ("ada", "bob"):
        path = folder / f"{name}_day3_denoise.py"
        path.write_text(path.read_text() + '\nTITLE = "<script>alert(1)</script>\x1b[2J"\n')
    main(["similar", str(folder), "--lesson", "day3.denoise", "-o", "similar.html"])
    page = Path("similar.html").read_text(encoding="utf-8")
    assert "<script>" not in page and "&lt;script&gt;" in page and "\x1b" not in page
    assert "<mark>" in page and "errors = np.square" in page and "mse = np.square" in page
    with pytest.raises(SystemExit):
        main(["similar", str(folder), "-o", "similar.txt"])
