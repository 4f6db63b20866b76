"""Every lesson runs at `quick`, keeps its bar at its default preset, and serves what it saved."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import sprints
from keras_cv_course.lesson import catalogue

WITHOUT_MODEL = ("day2.boxes",)
LESSONS = [entry.name for day in catalogue.days(Path(sprints.__file__).parent).values() for entry in day]


def lesson(name):
    return getattr(importlib.import_module(f"sprints.{name}"), name.split(".")[-1])


@pytest.mark.parametrize("name", LESSONS)
def test_quick(name):
    run = lesson(name)(preset="quick", seed=1)
    kept = json.loads((run.folder / "metrics.json").read_text())
    assert kept["metrics"] == run.values and run.values and run.figures
    for figure in run.figures:
        assert (run.folder / figure).read_bytes().startswith((b"\x89PNG", b"GIF89a"))
    assert set(lesson(name).targets_of(run.arguments)) <= set(run.values)
    if name in WITHOUT_MODEL:
        assert run.saved is None
        return
    model = keras.saving.load_model(run.saved_folder / "model.keras")
    for one, other in zip(model.weights, run.saved["model"].weights):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
    card = (run.saved_folder / "README.md").read_text()
    assert type(model).__name__ in card and "tf.saved_model.load" in card


SERVE = """
import sys, numpy as np, tensorflow as tf
served = tf.saved_model.load("saved_models/day3.denoise/serve")
np.save("served.npy", served.serve(tf.constant(np.load("inputs.npy"))).numpy())
assert "keras_cv_course" not in sys.modules
"""


def test_the_main_job_as_a_person_runs_it(tmp_path):
    """`python -m sprints.day3.denoise`, then its export in a process that has TensorFlow only."""
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow"}
    command = [sys.executable, "-m", "sprints.day3.denoise", "--preset", "quick"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert "gain_db" in done.stdout and "Epoch 2/2" in done.stdout
    images = np.random.default_rng(0).random((5, 32, 20, 1), dtype="float32")
    np.save("inputs.npy", images)
    subprocess.run([sys.executable, "-c", SERVE], check=True, cwd=tmp_path)
    model = keras.saving.load_model("saved_models/day3.denoise/model.keras")
    np.testing.assert_allclose(np.load("served.npy"), model.predict(images, verbose=0), atol=1e-5)


@pytest.mark.bar
@pytest.mark.parametrize("name", LESSONS)
def test_bar(name):
    """The default preset reaches what it promises, with a seed that changes with the lesson's name only."""
    run = lesson(name)(seed=sum(name.encode()))
    assert run.result["reached"] and all(run.result["reached"].values()), run.result["metrics"]
