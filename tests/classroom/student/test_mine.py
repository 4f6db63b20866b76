"""A lesson with the student's own definitions in place of the library's."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from keras_cv_course.classroom.skeleton import skeleton
from keras_cv_course.classroom.student.mine import Mine
from keras_cv_course.reconstruct.denoising import CORRUPTIONS
from sprints.day3.denoise import denoise as lesson

HALF_THE_NOISE = """\
noisy = images + noise / 2 * rng.standard_normal(images.shape, dtype="float32")
return np.clip(noisy, 0.0, 1.0).astype(images.dtype)"""


@pytest.fixture
def blank(denoise):
    return skeleton(denoise)


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch):
    """A student's file registers its classes under the library's names; here they are put back."""
    known = keras.saving.get_custom_objects()
    before = dict(known)
    monkeypatch.setitem(sys.modules, "mine", None)
    yield
    known.clear()
    known.update(before)


def refused(text, capsys, *arguments):
    """The one line on standard error of a run with a student's file that ends with exit code 2."""
    Path("mine.py").write_text(text)
    with pytest.raises(SystemExit) as stop:
        lesson.main(["--preset", "quick", "--mine", "mine.py", *arguments])
    said = capsys.readouterr().err
    assert stop.value.code == 2 and said.count("\n") == 1 and said.startswith("day3.denoise: "), said
    left = [path.name for path in Path().rglob("*") if path.is_file()]
    assert left == ["mine.py"]
    assert lesson.function.__globals__["CORRUPTIONS"] is CORRUPTIONS
    return said


def test_one_finished_exercise_is_used_and_the_others_are_the_references(blank, fill):
    Path("mine.py").write_text(fill(blank, "add_noise", HALF_THE_NOISE))
    command = [sys.executable, "-m", "sprints.day3.denoise", "--preset", "quick", "--mine", "mine.py"]
    environment = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert (
        "with your own code from mine.py: noise; from the reference: psnr, dropout, autoencoder"
        in done.stdout
    )
    kept = json.loads(Path("runs/day3.denoise/metrics.json").read_text())
    assert kept["stand_in"].startswith("mine.py ") and len(kept["stand_in"].split()[1]) == 12
    # Noise of 0.2 on pixels that are not clipped is 14 dB, of 0.1 it is 20 dB.
    noisy = [other["value"] for other in kept["baselines"] if other["name"] == "noisy"]
    assert noisy[0] > 19


def test_an_error_names_the_students_line(blank, fill, capsys):
    text = fill(blank, "add_noise", "wide = 2\nreturn images + wdie * noise")
    number = text.splitlines().index("    return images + wdie * noise") + 1
    said = refused(text, capsys)
    assert (
        f"with mine.py: line {number} (return images + wdie * noise): NameError: name 'wdie' is not" in said
    )
    assert "python -m sprints check day3.denoise --file mine.py" in said


def test_an_error_at_the_top_of_the_file_names_its_line(blank, fill, capsys):
    text = fill(blank, "add_noise", "return images") + "\n\nprint(1 / 0)\n"
    number = len(text.splitlines())
    assert f"line {number} (print(1 / 0)): ZeroDivisionError" in refused(text, capsys)


def test_a_wrong_answer_is_said_to_be_the_files(blank, fill, capsys):
    assert "with mine.py: " in refused(fill(blank, "add_noise", "return None"), capsys)


def test_all_blank_is_refused(blank, capsys):
    assert "every exercise of day3.denoise has blanks yet" in refused(blank, capsys)


def test_what_is_not_python_is_refused(blank, capsys):
    assert "mine.py, line 1, is not Python" in refused("def (:\n" + blank, capsys)


def test_other_mistakes_are_not_blamed_on_the_file(blank, fill, capsys):
    said = refused(fill(blank, "add_noise", HALF_THE_NOISE), capsys, "--dataset", "digit")
    assert "unknown data set 'digit'" in said and "mine.py" not in said


def test_a_class_with_one_method_left_blank_is_the_references(denoise, fill):
    text = skeleton(denoise, only=[denoise.called("noise")])
    text = fill(text, "DenoisingAutoencoder.call", "raise NotImplementedError('later')")
    Path("mine.py").write_text(text)
    mine = Mine(lesson, "mine.py")
    assert mine.own == ["psnr", "dropout"] and mine.borrowed == ["noise", "autoencoder"]
    images = np.zeros((1, 8, 8, 1), "float32")
    assert mine.module.DenoisingAutoencoder(filters=(2, 2))(images).shape == (1, 8, 8, 1)
