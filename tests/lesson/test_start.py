"""What is said in the first seconds, in every encoding, on every backend; what stops a process in one line."""

import os
import pwd
import subprocess
import sys

import pytest

from keras_cv_course.data.readers.cache_folder import cache_folder
from keras_cv_course.errors import InputError
from keras_cv_course.lesson.command_line import people_can_read
from keras_cv_course.lesson.start import load_keras_quietly


def run(*words, **environment):
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", **environment}
    return subprocess.run([sys.executable, *words], capture_output=True, env=environment)


@pytest.mark.parametrize("encoding", ["cp1252", "cp949", "ascii"])
def test_the_list_goes_into_a_file_of_any_encoding(encoding):
    done = run("-m", "sprints", PYTHONIOENCODING=encoding)
    assert done.returncode == 0 and done.stderr == b""
    assert "day3.denoise" in done.stdout.decode(encoding)


def test_a_lesson_writes_into_a_file_of_any_encoding():
    words = ("-m", "sprints.day3.denoise", "--preset", "quick", "--limit", "64", "--epochs", "1")
    done = run(*words, PYTHONIOENCODING="ascii")
    assert done.returncode == 0 and done.stderr == b"" and b"gain_db" in done.stdout


@pytest.mark.parametrize(
    "backend, says",
    [
        ("theano", "Keras has the backends tensorflow, jax, torch, got KERAS_BACKEND=theano"),
        ("openvino", "Keras has the backends tensorflow, jax, torch, got KERAS_BACKEND=openvino"),
    ],
)
def test_a_backend_that_is_not_there(backend, says):
    done = run("-m", "sprints.day3.denoise", "--preset", "quick", KERAS_BACKEND=backend)
    assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", f"day3.denoise: {says}\n")


def test_a_backend_that_is_not_installed(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(
        InputError, match=r"torch \(KERAS_BACKEND\), which is not installed: pip install torch"
    ):
        load_keras_quietly()


CHANNELS = """
from keras_cv_course.lesson.start import load_keras_quietly
load_keras_quietly()
import keras
print(keras.layers.Conv2D(3, 1)(keras.ops.ones((1, 4, 5, 2))).shape)
"""


def test_a_keras_json_with_channels_first_is_overruled(tmp_path):
    (tmp_path / "keras.json").write_text('{"image_data_format": "channels_first"}')
    done = run("-c", CHANNELS, KERAS_HOME=str(tmp_path))
    assert done.stdout.split() == b"(1, 4, 5, 3)".split(), done.stderr


def test_a_keras_json_that_keras_refuses_is_named(tmp_path):
    (tmp_path / "keras.json").write_text('{"image_data_format": "rows_first"}')
    done = run("-m", "sprints.day3.denoise", KERAS_HOME=str(tmp_path))
    assert done.returncode == 2 and str(tmp_path / "keras.json") in done.stderr.decode().splitlines()[-1]
    assert b"Traceback" not in done.stderr


# Ctrl-C while a module is read: the signal comes from inside, so that its moment is the same on every machine.
INTERRUPTED = """
import sys
sys.argv = ["-m"]
sys.orig_argv = ["python", "-m", "sprints.day3.denoise"]
import builtins, signal, os
true = builtins.__import__
def interrupting(name, *rest):
    if name == "keras":
        builtins.__import__ = true
        os.kill(os.getpid(), signal.SIGINT)
    return true(name, *rest)
builtins.__import__ = interrupting
import sprints
"""


def test_ctrl_c_while_keras_is_imported():
    done = run("-c", INTERRUPTED)
    assert done.returncode == 130 and b"Traceback" not in done.stderr
    assert b"day3.denoise: interrupted; the same command with --resume goes on" in done.stderr


def test_a_user_without_a_home(monkeypatch):
    monkeypatch.delenv("HOME")
    monkeypatch.setenv("KERAS_HOME", "")
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    with pytest.raises(InputError, match="this user has no home folder; set KERAS_HOME"):
        cache_folder("KERAS_HOME", ".keras")


def nested():
    return nested()


def refused():
    class ResourceExhaustedError(Exception):
        """As TensorFlow's."""

    raise ResourceExhaustedError("OOM when allocating tensor")


def too_large():
    return bytearray(2**62)


@pytest.mark.parametrize(
    "act, says",
    [
        (nested, "the input is nested too deeply"),
        (refused, "the memory of this machine is not enough"),
        (too_large, "the memory of this machine is not enough"),
    ],
)
def test_what_is_too_large_is_one_line(act, says, capsys):
    with pytest.raises(SystemExit) as stop, people_can_read("day0.x"):
        act()
    said = capsys.readouterr().err
    assert stop.value.code == 2 and said.count("\n") == 1 and said.startswith("day0.x: ") and says in said


def test_a_mistake_of_ours_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError), people_can_read("day0.x"):
        1 / 0  # noqa: B018
