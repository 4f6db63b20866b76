"""Tier 2: two processes on loopback train as one process does; when one is killed, the run fails and can be resumed."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
LESSON = ["-m", "tests.lesson.devices.small_lesson", "--epochs", "3"]
DENOISE = ["-m", "sprints.day3.denoise", "--preset", "quick"]


def launch(number, of, port, *words):
    """A process of a run, as docs/cluster.md starts it by hand."""
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": str(ROOT)}
    if of > 1:
        environment |= {
            "JAX_COORDINATOR_ADDRESS": f"127.0.0.1:{port}", "JAX_NUM_PROCESSES": str(of), "JAX_PROCESS_ID": str(number),
        }  # fmt: skip
    command = [sys.executable, *words]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(processes):
    """[(exit code, standard output, standard error)] of processes, when all have ended."""
    said = [process.communicate(timeout=300) for process in processes]
    return [(process.returncode, *words) for process, words in zip(processes, said, strict=True)]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def together(*words):
    """Both processes of a run."""
    port = free_port()
    return ended([launch(number, 2, port, *words) for number in range(2)])


def left(folder, lesson="devices.small_lesson", file="found.json"):
    return json.loads(Path(folder, lesson, file).read_text(encoding="utf-8"))


def same(ours, theirs):
    assert ours["history"].keys() == theirs["history"].keys()
    for metric, values in theirs["history"].items():
        np.testing.assert_allclose(ours["history"][metric], values, rtol=1e-4, err_msg=metric)
    for one, other in zip(ours["weights"], theirs["weights"], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def sources(name):
    modules = [
        "tests.lesson.devices.small_lesson",
        "keras_cv_course.lesson.run",
        "keras_cv_course.lesson.start",
    ]
    modules += ["keras_cv_course.lesson.devices.choice", "keras_cv_course.lesson.devices.jax_replicas"]
    lessons = ["sprints.day3.denoise"] if name == "denoise" else []
    return {"kind": "cluster", "name": name, "modules": [*modules, *lessons], "everything": True}


@pytest.mark.proof(sources=sources)
@pytest.mark.parametrize("name", ["killed"])
def test_two_processes_train_as_one(name, keep):
    """Process 1 is killed in the second of three epochs, process 0 says so, and a resumed run ends as a whole one."""
    [(code, _, errors)] = ended([launch(0, 1, 0, *LESSON, "--output", "one", "--saved-models", "one_models")])
    assert code == 0, errors
    whole = together(*LESSON)
    assert [code for code, _, _ in whole] == [0, 0], whole
    assert "reached" in whole[0][1] and whole[1][1] == ""
    assert left("runs", file="metrics.json")["devices"] == 2
    same(left("runs"), left("one"))

    port = free_port()
    killed = ended([launch(0, 2, port, *LESSON), launch(1, 2, port, "-c", KILLED, *LESSON[2:])])
    assert killed[1][0] == 9
    assert killed[0][0] == 1 and "Traceback" not in killed[0][2], killed[0]
    assert "another process of this run has ended" in killed[0][2] and "--resume" in killed[0][2]
    same(left("runs"), left("one"))  # the last good results stay
    Path("runs/devices.small_lesson/found.json").unlink()
    resumed = together(*LESSON, "--resume")
    assert [code for code, _, _ in resumed] == [0, 0], resumed
    same(left("runs"), left("one"))
    keep(said=killed[0][2].strip().splitlines()[-1], history=left("runs")["history"])


@pytest.mark.proof(sources=sources)
@pytest.mark.parametrize("name", ["denoise"])
def test_a_lesson_in_two_processes(name, keep):
    """The commands of docs/cluster.md, without a launcher; all metrics are those of one process."""
    [(code, _, errors)] = ended(
        [launch(0, 1, 0, *DENOISE, "--output", "one", "--saved-models", "one_models")]
    )
    assert code == 0, errors
    both = together(*DENOISE)
    assert [code for code, _, _ in both] == [0, 0], both
    ours, theirs = (left(folder, "day3.denoise", "metrics.json")["metrics"] for folder in ("runs", "one"))
    assert ours == pytest.approx(theirs, rel=1e-3)
    assert sorted(path.name for path in Path("runs").iterdir() if not path.name.startswith(".")) == [
        "day3.denoise"
    ]
    keep(metrics=ours)


KILLED = """
import os
from keras_cv_course.lesson.start import load_keras_quietly
load_keras_quietly(together=True)
from keras_cv_course.lesson import record
before = record.Record.on_epoch_end
def then_dies(self, epoch, logs=None):
    before(self, epoch, logs)
    if epoch == 1:
        os._exit(9)
record.Record.on_epoch_end = then_dies
from tests.lesson.devices.small_lesson import small
small.main()
"""
