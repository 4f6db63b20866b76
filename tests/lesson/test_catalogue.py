import subprocess
import sys
from pathlib import Path

import pytest

import sprints
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import catalogue
from keras_cv_course.lesson.publish import write_json

COURSE = Path(sprints.__file__).parent


def test_every_lesson_file_is_listed_with_its_point():
    entries = catalogue.days(COURSE)["Day 3: autoencoders"]
    assert [entry.name for entry in entries] == [
        "day3.autoencode", "day3.denoise", "day3.anomaly", "day3.manifold",
    ]  # fmt: skip
    assert all(entry.one_liner.endswith(".") for entry in entries)


def test_your_last_result_is_shown_and_a_damaged_one_is_not(tmp_path):
    result = dict(
        metrics={"gain_db": 7.123}, targets={"gain_db": "≥ 6"}, reached={"gain_db": True}, preset="default",
        date="2026-01-01 10:00:00",
    )  # fmt: skip
    write_json(tmp_path / "day3.denoise" / "metrics.json", result)
    assert "gain_db 7.123 ≥ 6 ✓" in catalogue.listing(COURSE, tmp_path)
    (tmp_path / "day3.denoise" / "metrics.json").write_text('{"half')
    assert "your last run" not in catalogue.listing(COURSE, tmp_path)


def test_the_list_imports_nothing_heavy():
    script = (
        "import runpy, sys; sys.argv = ['sprints']; runpy.run_module('sprints', run_name='__main__');"
        "heavy = {'tensorflow', 'keras', 'numpy', 'tyro', 'rich', 'matplotlib'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "day3.denoise" in done.stdout


def test_unknown_lesson():
    with pytest.raises(
        InputError, match="there is no lesson or day 'day3.denois'; did you mean 'day3.denoise'"
    ):
        catalogue.find(COURSE, "day3.denois")
