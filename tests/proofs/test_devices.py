"""Tier 2: two virtual CPUs give what one gives: losses, weights, batch normalisation, after a resume, too."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


def sources(backend):
    modules = ["tests.lesson.devices.two_devices", f"keras_cv_course.lesson.devices.{backend}_replicas"]
    return {"kind": "devices", "name": backend, "modules": modules, "everything": True}


@pytest.mark.proof(sources=sources)
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_two_devices_train_as_one(backend, keep, tmp_path):
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.lesson.devices.two_devices", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
    cases = json.loads((tmp_path / "found.json").read_text())
    assert {case: left["devices"] for case, left in cases.items()} == {
        "one": None, "two": 2, "resumed": 2, "one, Keras' loss": None, "two, Keras' loss": 2,
    }  # fmt: skip
    differences = {}
    for one, other in (("one", "two"), ("one", "resumed"), ("one, Keras' loss", "two, Keras' loss")):
        ours, theirs = cases[other], cases[one]
        assert ours["history"].keys() == theirs["history"].keys()
        for metric, values in theirs["history"].items():
            np.testing.assert_allclose(ours["history"][metric], values, rtol=1e-4, err_msg=metric)
        pairs = [
            *zip(ours["weights"], theirs["weights"], strict=True),
            (ours["predicted"], theirs["predicted"]),
        ]
        differences[other] = max(float(np.abs(np.subtract(a, b)).max()) for a, b in pairs)
    assert max(differences.values()) < 1e-4
    keep(largest_difference_of_a_weight=differences, history=cases["two"]["history"])
