"""Tier 2: every lesson reaches its targets at the default preset, in a process of its own, as a person runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import sprints
from keras_cv_course import data
from keras_cv_course.lesson import catalogue
from keras_cv_course.lesson.outline import outline
from tests.proofs import records

LESSONS = {entry.name: entry for entry in catalogue.lessons(Path(sprints.__file__).parent)}
MOST_MEMORY = 3 * 2**30  # bytes, of a lesson at its default preset


def sources(name):
    dataset = outline(LESSONS[name].path).knobs["dataset"].default
    modules = [
        f"sprints.{name}",
        f"keras_cv_course.data.{data.MODULES[dataset]}",
        "keras_cv_course.lesson.batches",
    ]
    return {"kind": "targets", "name": name, "modules": modules}


def run(name, seed, folder):
    """The result of a lesson and its process' peak memory in bytes."""
    command = [sys.executable, "-m", f"sprints.{name}", "--seed", str(seed)]
    command += ["--output", folder / "runs", "--saved-models", folder / "models"]
    with open(folder / "said.txt", "w", encoding="utf-8") as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
    assert status == 0, (folder / "said.txt").read_text(encoding="utf-8")[-3000:]
    result = json.loads((folder / "runs" / name / "metrics.json").read_text(encoding="utf-8"))
    return result, 1024 * used.ru_maxrss


@pytest.mark.proof(sources=sources)
@pytest.mark.parametrize("name", LESSONS)
def test_targets(name, seeds, keep, tmp_path):
    results = {}
    for seed in seeds:
        folder = tmp_path / str(seed)
        folder.mkdir()
        result, memory = run(name, seed, folder)
        results[str(seed)] = {**result, "peak_memory": memory}
    for seed, result in results.items():
        missed = [metric for metric, reached in result["reached"].items() if not reached]
        assert result["reached"] and not missed, f"seed {seed} misses {missed}: {result['metrics']}"
        assert result["peak_memory"] < MOST_MEMORY, f"{result['peak_memory'] / 2**30:.1f} GiB"
    keep(runs=results)


@pytest.mark.parametrize("name", LESSONS)
def test_records_hold_the_targets_of_today(name):
    """Tier 1: what the last proof measured reaches the targets as they stand now, whatever has changed since."""
    record = records.read("targets", name)
    if record is None:
        pytest.skip("never proved; pytest --proofs does")
    for result in record["runs"].values():
        lesson = sys.modules.get(f"sprints.{name}") or __import__(f"sprints.{name}", fromlist=["x"])
        targets = getattr(lesson, name.split(".")[-1]).targets_of(result)
        assert targets and all(
            target.reached(result["metrics"][metric]) for metric, target in targets.items()
        )
