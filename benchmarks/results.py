"""Run every lesson at its default preset over several seeds and write the README's table from the runs.

    python benchmarks/results.py --seeds 0 1 2

Every run is a process of its own, one at a time, start-up included. Real sets are run too where their
files are in the caches (KERAS_HOME, ECG_CSV). Each result is kept in runs/results/, so that an interrupted
measurement goes on where it was; delete the folder to measure anew.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import sprints
from keras_cv_course.lesson import catalogue
from keras_cv_course.lesson.publish import write_json, write_text

README = Path(__file__).parents[1] / "README.md"
KEPT = Path("runs/results")
REAL = {
    "day3.denoise": [["--epochs", "2", "--dataset", name] for name in ("mnist", "fashion_mnist")],
    "day3.anomaly": [["--dataset", "ecg5000"]],
}


def arguments_of(name, real):
    """The argument lists to run a lesson with: none for the default, one more for each real set."""
    lists = [[]]
    for arguments in REAL.get(name, []) if real else []:
        if arguments[-1] == "ecg5000":
            if "ECG_CSV" in os.environ:
                lists.append([*arguments, "--file", os.environ["ECG_CSV"]])
        elif "KERAS_HOME" in os.environ:
            lists.append(arguments)
    return lists


def run(name, arguments, seed):
    """One run in a process and a folder of its own; give back its `metrics.json`, a kept one if there is."""
    dataset = arguments[arguments.index("--dataset") + 1] if arguments else "default"
    kept = KEPT / name / dataset / f"{seed}.json"
    if not kept.exists():
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", f"sprints.{name}", *arguments, "--seed", str(seed)]
            command += ["--output", folder, "--saved-models", f"{folder}/models"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            write_json(kept, catalogue.results_of(folder, name))
    return json.loads(kept.read_text(encoding="utf-8"))


def row(name, results):
    """One line of the table: the promised metrics as mean (lowest to highest) over the seeds."""
    cells = []
    for metric, bar in results[0]["expected"].items():
        values = [result["metrics"][metric] for result in results]
        mark = "" if all(result["reached"][metric] for result in results) else " **missed**"
        spread = f"{min(values):.3g} to {max(values):.3g}"
        cells.append(f"{metric} {statistics.mean(values):.4g} ({spread}), promised {bar}{mark}")
    judged = [peer for peer in results[0]["peers"] if peer["metric"] in results[0]["expected"]]
    peers = {f"{p['name']} {p['value']:.3g} ({p['metric']})" for p in judged or results[0]["peers"]}
    seconds = statistics.mean(result["seconds"] for result in results)
    dataset = results[0].get("dataset", "")
    return f"| `{name}` | {dataset} | {'; '.join(cells)} | {'; '.join(sorted(peers))} | {seconds:.0f} |\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--lessons", nargs="+", help="only these, printed, and the README left alone")
    parser.add_argument("--no-real", action="store_true", help="built-in data only")
    options = parser.parse_args()
    table = "| lesson | data | reached on held-out data | peer or paper | seconds |\n|---|---|---|---|---|\n"
    for lessons in catalogue.days(Path(sprints.__file__).parent).values():
        for entry in lessons:
            if options.lessons and entry.name not in options.lessons:
                continue
            for arguments in arguments_of(entry.name, not options.no_real):
                results = [run(entry.name, arguments, seed) for seed in options.seeds]
                table += row(entry.name, results)
                print(row(entry.name, results), end="", flush=True)
    if not options.lessons:
        note = f"\nMean (lowest to highest) over the seeds {', '.join(map(str, options.seeds))} on "
        note += f"{results[0]['device']}, made by `python benchmarks/results.py`.\n"
        marks = r"(<!-- results -->\n).*(<!-- end of results -->)"
        text = README.read_text(encoding="utf-8")
        write_text(README, re.sub(marks, lambda found: found[1] + table + note + found[2], text, flags=re.S))


if __name__ == "__main__":
    main()
