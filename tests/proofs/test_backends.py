"""Tier 2: every lesson at `quick`, and one that is killed, on JAX and PyTorch where TensorFlow cannot be imported."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import sprints
from keras_cv_course.lesson import catalogue

ROOT = Path(__file__).parents[2]
DAYS = {}
for entry in catalogue.lessons(Path(sprints.__file__).parent):
    DAYS.setdefault(entry.name.split(".")[0], []).append(entry.name)


def sources(backend, day):
    return {
        "kind": "backends",
        "name": f"{backend}.{day}",
        "modules": ["tests.lesson.without_tensorflow", *(f"sprints.{name}" for name in DAYS[day])],
        "everything": True,
    }


def without_tensorflow(backend, *words):
    """What a process said that has this backend of Keras and no TensorFlow."""
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.lesson.without_tensorflow", *words]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
    return done.stdout


def there(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")


@pytest.mark.proof(sources=sources)
@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_lessons_without_tensorflow(backend, day, keep, tmp_path):
    there(backend)
    ran, versions = {}, {}
    for name in DAYS[day]:
        said = without_tensorflow(backend, f"sprints.{name}", "--preset", "quick")
        result = json.loads((tmp_path / "runs" / name / "metrics.json").read_text(encoding="utf-8"))
        assert result["backend"] == backend and result["metrics"]
        saved = tmp_path / "saved_models" / name
        assert not saved.exists() or ("No SavedModel is written" in said and (saved / "model.keras").exists())
        ran[name] = result["seconds"]
        versions = {package: result["versions"][package] for package in ("python", "keras", backend, "numpy")}
    keep(seconds_by_lesson=ran, versions=versions)


def resume_sources(backend):
    return {
        "kind": "backends",
        "name": f"{backend}.resume",
        "modules": ["tests.lesson.without_tensorflow", "tests.lesson.test_resume", "sprints.day3.denoise"],
        "everything": True,
    }


@pytest.mark.proof(sources=resume_sources)
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_resume(backend, keep):
    """Killed in the third of six epochs, a lesson ends with the metrics of one that was not."""
    there(backend)
    lesson = ["sprints.day3.denoise", "--limit", "128", "--epochs", "6", "--seed", "4"]
    killed = [sys.executable, "-u", "-c", KILLED, *lesson[1:]]
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT)}
    assert subprocess.run(killed, capture_output=True, env=environment).returncode == 9
    without_tensorflow(backend, *lesson, "--resume")
    without_tensorflow(backend, *lesson, "--output", "whole", "--saved-models", "whole_models")
    resumed, whole = (
        json.loads(Path(folder, "day3.denoise", "metrics.json").read_text(encoding="utf-8"))["metrics"]
        for folder in ("runs", "whole")
    )
    assert resumed == pytest.approx(whole, abs=1e-5)
    keep(resumed=resumed, whole=whole)


def export_sources(name):
    return {
        "kind": "backends",
        "name": f"jax.export.{name}",
        "modules": [f"sprints.{name}"],
        "everything": True,
    }


@pytest.mark.proof(sources=export_sources)
@pytest.mark.parametrize("name", ["day3.denoise", "day4.cyclegan"])
def test_export_from_jax(name, keep):
    """Beside TensorFlow, JAX exports what was built for one size; a CycleGAN was built for all."""
    command = [sys.executable, "-m", f"sprints.{name}", "--preset", "quick"]
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    served = Path("saved_models", name, "serve", "saved_model.pb").exists()
    assert served == (name == "day3.denoise") == ("No SavedModel is written" not in done.stdout)
    assert ("tf.saved_model" in Path("saved_models", name, "README.md").read_text(encoding="utf-8")) == served
    keep(served=served)


KILLED = """
import os, sys
from tests.lesson.without_tensorflow import hide_tensorflow
hide_tensorflow()
from keras_cv_course.lesson import record
record.SECONDS_BETWEEN_CHECKPOINTS = 0
before = record.Record.on_epoch_end
def then_dies(self, epoch, logs=None):
    before(self, epoch, logs)
    if epoch == 2:
        os._exit(9)
record.Record.on_epoch_end = then_dies
from sprints.day3.denoise import denoise
denoise.main()
"""
