"""A lesson runs to its end where TensorFlow is not installed."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORDS = ["--preset", "quick", "--limit", "64", "--epochs", "2", "--seed", "3"]


def run(*words):
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.lesson.without_tensorflow", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_a_lesson_on_jax_without_tensorflow(tmp_path):
    done = run("sprints.day3.anomaly", *WORDS)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert (
        "No SavedModel is written: that is TensorFlow's format, and TensorFlow is not installed"
        in done.stdout
    )
    kept = json.loads(Path("runs/day3.anomaly/metrics.json").read_text())
    assert kept["backend"] == "jax" and kept["metrics"]["roc_auc"] > 0
    saved = Path("saved_models/day3.anomaly")
    assert sorted(path.name for path in saved.iterdir()) == ["README.md", "model.keras"]
    assert "tf.saved_model" not in (saved / "README.md").read_text()
