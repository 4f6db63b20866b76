"""Tier 2: every lesson's preset full starts on JAX with 48 built-in images, is killed, resumes and saves its model.

Two epochs of one step stand for each training, and the lesson's default data set for one that would be downloaded.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import sprints
from keras_cv_course.lesson import catalogue

ROOT = Path(__file__).parents[2]
LESSONS = [entry.name for entry in catalogue.lessons(Path(sprints.__file__).parent)]


def sources(name):
    modules = ["tests.proofs.full_preset", "tests.proofs.test_full_presets", f"sprints.{name}"]
    return {"kind": "full_presets", "name": name, "modules": [*modules, "keras_cv_course.lesson.batches"]}


def words_of(name):
    """The words of the command."""
    module = __import__(f"sprints.{name}", fromlist=["lesson"])
    lesson = getattr(module, name.split(".")[1])
    words = ["--preset", "full", "--limit", "48"]
    if "dataset" in lesson.knobs:
        words += ["--dataset", lesson.knobs["dataset"].default]
    return words


@pytest.mark.proof(sources=sources, long=True)
@pytest.mark.parametrize("name", LESSONS)
def test_starts_resumes_and_saves(name, keep):
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.proofs.full_preset", name, *words_of(name)]
    killed = subprocess.run(command, capture_output=True, text=True, env={**environment, "DIES": "yes"})
    trains = killed.returncode == 9
    assert trains or killed.returncode == 0, killed.stdout[-500:] + killed.stderr[-3000:]
    if trains:
        assert list(Path("runs", f"{name}.partial", "checkpoints").glob("*.npz"))
        done = subprocess.run([*command, "--resume"], capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stdout[-500:] + done.stderr[-3000:]
    result = json.loads(Path("runs", name, "metrics.json").read_text(encoding="utf-8"))
    assert (result["preset"], result["backend"], result["limit"]) == ("full", "jax", 48) and result["metrics"]
    saved = Path("saved_models", name, "model.keras")
    assert saved.exists() or not trains
    keep(trains=trains, megabytes=round(saved.stat().st_size / 1e6, 1) if saved.exists() else None)
