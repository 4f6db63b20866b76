"""Tier 2: benchmarks/gpu.py runs on a CPU at tiny settings, without TensorFlow; every measurement gives numbers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = ("classify.resnet", "classify.convolutional_classifier", "generate.cyclegan", "generate.dcgan")


def sources(settings):
    modules = ["tests.lesson.without_tensorflow", "keras_cv_course.generate.adversarial.gan_evaluator"]
    modules += [f"keras_cv_course.{name}" for name in MODULES]
    files = [ROOT / "benchmarks" / name for name in ("gpu.py", "loops/plain_jax.py")]
    return {"kind": "benchmarks", "name": f"gpu_{settings}", "modules": modules, "files": files}


@pytest.mark.proof(sources=sources, long=True)
@pytest.mark.parametrize("settings", ["tiny"])
def test_every_measurement_gives_numbers(settings, keep, tmp_path):
    environment = {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'benchmarks'}",
    }
    command = [sys.executable, "-m", "tests.lesson.without_tensorflow", "benchmarks.gpu"]
    command += [f"--{settings}", "--minutes", "30", "--results", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads((tmp_path / f"gpu_{settings}.json").read_text(encoding="utf-8"))["found"]
    assert not {name: one for name, one in found.items() if "failed" in one or "left out" in one}
    for name in ("ResNet-50, images/s", "DCGAN-64, images/s", "CycleGAN-256, images/s"):
        assert min(found[name]["mixed_bfloat16"].values()) > 0
        assert len(found[name]["mixed_bfloat16"]) == (3 if "ResNet" in name else 2)
    assert found["CIFAR-10 to 94 %"]["epochs"] == 2
    for name in ("DCGAN of MNIST", "DCGAN of CIFAR-10"):
        assert found[name]["by epoch"][-1]["frechet"] > found[name]["training images"]
    keep(found=found)
