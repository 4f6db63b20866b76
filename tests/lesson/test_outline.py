"""What is read from a lesson's file without importing it is what importing it gives."""

import importlib
import re
import subprocess
import sys
import typing
from pathlib import Path

import pytest

import sprints
from keras_cv_course.errors import InputError
from keras_cv_course.lesson import catalogue
from keras_cv_course.lesson.command_line import parse
from keras_cv_course.lesson.definition import PRESETS
from keras_cv_course.lesson.documentation import KnobRange, range_of
from keras_cv_course.lesson.outline import outline

LESSONS = catalogue.lessons(Path(sprints.__file__).parent)


@pytest.mark.parametrize("entry", LESSONS, ids=lambda entry: entry.name)
def test_the_outline_of_a_file_is_the_lesson(entry):
    lesson = getattr(importlib.import_module(f"{entry.course}.{entry.name}"), entry.path.stem)
    read = outline(entry.path)
    for same in ("name", "course", "command", "knobs", "presets", "documentation", "one_liner"):
        assert getattr(read, same) == getattr(lesson, same), same
    for function in ("image_figure", "image_model"):
        assert (getattr(read, function) is None) == (getattr(lesson, function) is None)


@pytest.mark.parametrize("entry", LESSONS, ids=lambda entry: entry.name)
def test_every_knob_is_described_and_nothing_else(entry):
    read = outline(entry.path)
    assert list(read.documentation.knobs) == list(read.own_knobs)


@pytest.mark.parametrize("entry", LESSONS, ids=lambda entry: entry.name)
def test_no_knob_takes_a_number_outside_of_its_range(entry):
    read = outline(entry.path)
    for name, knob in read.own_knobs.items():
        if float in (knob.annotation, *typing.get_args(knob.annotation)):
            allowed = range_of(read.documentation.knobs[name])
            beyond = [str(end + step) for end in (allowed.low, allowed.high) for step in (-0.1, 0.0, 0.1)]
            outside = [number for number in (*beyond, "nan", "inf") if float(number) not in allowed]
            assert len(outside) >= 3  # one below, and none of both that are not finite
            for number in outside:
                words = [number] * 2 if typing.get_origin(knob.annotation) is tuple else [number]
                with pytest.raises(
                    InputError, match=f"^{name} must be a (finite )?number .*received .*{number}"
                ):
                    parse(read, [f"--{name.replace('_', '-')}", *words])
    for preset in PRESETS:
        read.check_numbers(read.defaults(preset))


@pytest.mark.parametrize("entry", LESSONS, ids=lambda entry: entry.name)
def test_probabilities_and_rates_state_their_range(entry):
    read = outline(entry.path)
    for name, knob in read.own_knobs.items():
        if knob.annotation is float and re.search("rate|threshold|dropout|alpha|smoothing|probab", name):
            allowed = range_of(read.documentation.knobs[name])
            assert allowed != KnobRange(), f"{name}: end its description with '; in [0, 1].' or '; above 0.'"
            assert allowed.low == 0 and (allowed.high <= 1 or name.endswith("_rate") and 0 not in allowed)


def test_a_file_without_a_lesson(tmp_path):
    (tmp_path / "none.py").write_text('"""Nothing."""\n')
    with pytest.raises(LookupError, match="no function under @lesson"):
        outline(tmp_path / "none.py")


@pytest.mark.parametrize("words, code", [(["--help"], 0), (["--nois", "1"], 2), (["--epochs", "x"], 2)])
def test_help_and_wrong_options_are_answered_before_keras_is_imported(words, code):
    script = (
        "import atexit, runpy, sys\n"
        "heavy = {'tensorflow', 'keras', 'numpy', 'sklearn', 'jax'}\n"
        "atexit.register(lambda: print('IMPORTED', sorted(heavy & set(sys.modules)), file=sys.stderr))\n"
        "sys.argv = ['-m', *sys.argv[1:]]\n"
        "sys.orig_argv = ['python', '-m', 'sprints.day3.denoise', *sys.argv[1:]]\n"
        "import sprints\n"
    )
    done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True)
    assert done.returncode == code and "IMPORTED []" in done.stderr, done.stderr
