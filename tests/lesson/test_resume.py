"""A run that is killed leaves the last good results alone, and goes on to the same end."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sprints.day3.denoise import denoise

ARGUMENTS = dict(limit=128, epochs=6, seed=4)
# A checkpoint after every epoch, so that the kill comes after one on any machine.
EVERY_EPOCH = """
from keras_cv_course.lesson import record
record.SECONDS_BETWEEN_CHECKPOINTS = 0
from sprints.day3.denoise import denoise
denoise.main(["--limit", "128", "--epochs", "6", "--seed", "4"])
"""


def contents(folder):
    """The files of finished runs; what an interrupted one keeps beside them, its lock too, left out."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.relative_to(folder): path.read_bytes()
        for path in paths
        if not unfinished(path.relative_to(folder))
    }


def unfinished(path):
    return path.parts[0].endswith((".partial", ".lock"))


@pytest.mark.parametrize("moment", ["Epoch 3/6", "Epoch 6/6"])
def test_sigkill_then_resume(moment, tmp_path):
    denoise(preset="quick")
    good = contents(Path("runs")), contents(Path("saved_models"))
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", EVERY_EPOCH],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    for line in process.stdout:
        if moment in line:
            process.send_signal(signal.SIGKILL)
            break
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL

    final = Path("runs/day3.denoise")
    assert (contents(Path("runs")), contents(Path("saved_models"))) == good

    resumed = denoise(resume=True, **ARGUMENTS)
    log = (final / "training.model.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in log[1:]] == list("012345")
    whole = denoise(output="whole", saved_models="whole_models", **ARGUMENTS)
    assert resumed.values == pytest.approx(whole.values, abs=1e-6)
    assert json.loads((final / "metrics.json").read_text())["metrics"] == resumed.values
    assert sorted(os.listdir("runs")) == sorted(os.listdir("saved_models")) == ["day3.denoise"]


DISK_FULL = """
import resource, signal, sys
from sprints.day3.denoise import denoise
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
denoise.main(["--preset", "quick"])
"""


def test_disk_full():
    """A limit on file size stands in for the full disk: the write fails in the same place."""
    denoise(preset="quick")
    good = contents(Path("runs")), contents(Path("saved_models"))
    done = subprocess.run([sys.executable, "-c", DISK_FULL], capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr and "day3.denoise: " in done.stderr
    assert contents(Path("runs/day3.denoise")) == {
        p.relative_to("day3.denoise"): b for p, b in good[0].items()
    }
    assert contents(Path("saved_models")) == good[1]
