"""Every lesson runs at `quick`, as the cells of its notebook do; one also as a person runs it, and as Jupyter does."""

import importlib
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import sprints
from keras_cv_course.lesson import catalogue
from keras_cv_course.lesson.notebook import notebook, steps

WITHOUT_MODEL = ("day2.boxes", "day2.proposals", "day5.filters")
LESSONS = [entry.name for entry in catalogue.lessons(Path(sprints.__file__).parent)]


def lesson(name):
    return getattr(importlib.import_module(f"sprints.{name}"), name.split(".")[-1])


def run_cells(made):
    """What the code cells of a notebook leave behind, run from top to bottom in one namespace of their own."""
    names = {"__name__": "notebook"}
    for number, cell in enumerate(made.cells):
        if cell.cell_type == "code":
            exec(compile(cell.source, f"cell {number}", "exec"), names)
    return names


@pytest.mark.parametrize("name", LESSONS)
def test_quick(name, roomy):
    """The notebook's code is the lesson's own, so the lesson runs where the cells run."""
    run = run_cells(notebook(lesson(name), preset="quick", seed=1))["run"]
    kept = json.loads((run.folder / "metrics.json").read_text())
    assert kept["metrics"] == run.values and run.values and run.figures
    for figure, alt in run.figures.items():
        assert (run.folder / figure).read_bytes().startswith((b"\x89PNG", b"GIF89a")) and alt
    assert set(lesson(name).targets_of(run.arguments)) <= set(run.values)
    if name in WITHOUT_MODEL:
        assert run.saved is None
        return
    model = keras.saving.load_model(run.saved_folder / "model.keras")
    for one, other in zip(model.weights, run.saved["model"].weights):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
    card = (run.saved_folder / "README.md").read_text()
    assert type(model).__name__ in card and "tf.saved_model.load" in card


def test_jupyter_gives_the_metrics_of_the_script(tmp_path):
    script = lesson("day3.denoise")(preset="quick", seed=2)
    made = notebook(
        lesson("day3.denoise"), preset="quick", seed=2, output=tmp_path / "n", saved_models=tmp_path
    )
    nbformat.validate(made)
    NotebookClient(made, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    kept = json.loads((tmp_path / "n" / "day3.denoise" / "metrics.json").read_text())
    assert kept["metrics"] == pytest.approx(script.values, abs=1e-6)
    shown = [o for cell in made.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert len(shown) == len(script.figures)


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
    assert "\b" not in done.stdout and "\r" not in done.stdout  # no bar where nobody looks on
    images = np.random.default_rng(0).random((5, 32, 20, 1), dtype="float32")
    np.save("inputs.npy", images)
    subprocess.run([sys.executable, "-c", SERVE], check=True, cwd=tmp_path)
    import keras_cv_course.reconstruct.denoising  # noqa: F401 (registers the class)

    model = keras.saving.load_model("saved_models/day3.denoise/model.keras")
    np.testing.assert_allclose(np.load("served.npy"), model.predict(images, verbose=0), atol=1e-5)


@pytest.mark.parametrize("name", LESSONS)
def test_every_metric_is_described_and_every_step_has_a_text(name):
    described = lesson(name).documentation.metrics
    for targets in lesson(name).targets.values():
        assert set(targets) <= set(described)
    silent = [
        heading
        for heading, text, _ in steps(inspect.getsource(lesson(name).function))
        if heading and not text
    ]
    assert not silent
