"""A lesson in a process of its own, as a person runs it."""

import json
import os
import subprocess
import sys


def run(name, seed, folder, *words):
    """The result of a lesson, with the peak memory of its process in bytes.

    Args:
        name: the lesson, such as day3.denoise.
        seed: its `--seed`.
        folder: an empty folder for what it writes.
        *words: further words of the command.
    """
    command = [sys.executable, "-m", f"sprints.{name}", "--seed", str(seed), *words]
    command += ["--output", folder / "runs", "--saved-models", folder / "models"]
    with open(folder / "said.txt", "w", encoding="utf-8") as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # or Popen warns that it is still running
    assert process.returncode == 0, (folder / "said.txt").read_text(encoding="utf-8")[-3000:]
    result = json.loads((folder / "runs" / name / "metrics.json").read_text(encoding="utf-8"))
    return {**result, "peak_memory": 1024 * used.ru_maxrss}


def over_seeds(name, seeds, folder, *words, known=()):
    """{seed: result} of a lesson; those in `known` were measured with the same sources and are not run again."""
    results = dict(known)
    for seed in (seed for seed in seeds if str(seed) not in results):
        (folder / str(seed)).mkdir()
        results[str(seed)] = run(name, seed, folder / str(seed), *words)
    return results


def missed(results):
    """The targets that are not reached: {seed: [metric]}, empty when all is well."""
    found = {
        seed: [metric for metric, reached in result["reached"].items() if not reached]
        for seed, result in results.items()
    }
    return {seed: metrics for seed, metrics in found.items() if metrics}
