"""Tier 2: the lesson day4.dcgan, killed in the middle of its training and resumed, comes to the same end."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sprints.day4.dcgan import dcgan

ARGUMENTS = dict(
    limit=80, latent=4, filters=(6, 4), epochs=3, steps=2, batch_size=40, seed=4,
)  # fmt: skip
# A checkpoint after every epoch, so that the kill comes after one on any machine.
EVERY_EPOCH = f"""
from keras_cv_course.lesson import record
record.SECONDS_BETWEEN_CHECKPOINTS = 0
from sprints.day4.dcgan import dcgan
dcgan(**{ARGUMENTS!r})
"""


def sources(name):
    modules = [f"sprints.{name}", "tests.generate.test_dcgan_resume"]
    return {"kind": "resumed", "name": name, "modules": modules, "everything": True}


@pytest.mark.proof(sources=sources)
@pytest.mark.parametrize("name", ["day4.dcgan"])
def test_killed_and_resumed_is_uninterrupted(name, keep):
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", EVERY_EPOCH],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    for line in process.stdout:
        if "Epoch 3/3" in line:
            process.send_signal(signal.SIGKILL)
            break
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    kept = Path("runs/day4.dcgan.partial/checkpoints")
    assert (
        list(kept.glob("gan.epoch-000002.npz")) and len(list((kept / "snapshots").glob("epoch-*.npy"))) == 3
    )

    resumed = dcgan(resume=True, **ARGUMENTS)
    whole = dcgan(output="whole", saved_models="whole_models", **ARGUMENTS)
    assert resumed.values == pytest.approx(whole.values, abs=1e-6)
    for name in ("training.gif", "learning.png", "losses.png"):
        assert (resumed.folder / name).read_bytes() == (whole.folder / name).read_bytes(), name
    logs = [(run.folder / "training.gan.csv").read_text() for run in (resumed, whole)]
    assert logs[0] == logs[1] and len(logs[0].splitlines()) == 4
    keep(epochs=ARGUMENTS["epochs"])
