"""Tier 2: every lesson reaches its targets at the default preset, in a process of its own, as a person runs it."""

import sys
from pathlib import Path

import pytest

import sprints
from keras_cv_course.lesson import catalogue
from tests.proofs import records
from tests.proofs.lesson_process import missed, over_seeds
from tests.proofs.sources import data_sets

LESSONS = {entry.name: entry for entry in catalogue.lessons(Path(sprints.__file__).parent)}
MOST_MEMORY = 3 * 2**30  # bytes, of a lesson at its default preset


def sources(name):
    lesson = f"sprints.{name}"
    modules = [lesson, *data_sets(lesson), "keras_cv_course.lesson.batches"]
    return {"kind": "targets", "name": name, "modules": modules}


@pytest.mark.proof(sources=sources)
@pytest.mark.parametrize("name", LESSONS)
def test_targets(name, seeds, known, keep, tmp_path):
    results = over_seeds(name, seeds, tmp_path, known=known)
    assert all(result["reached"] for result in results.values())
    assert not missed(results), {seed: results[seed]["metrics"] for seed in missed(results)}
    for result in results.values():
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
