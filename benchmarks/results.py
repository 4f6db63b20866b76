"""Run lessons at their default preset over several seeds and write the README's table from the runs.

    python benchmarks/results.py --seeds 0 1 2
    python benchmarks/results.py --lessons day1.cnn day1.transfer

Every run is a process of its own, one at a time, start-up included. Real sets are run too where their
files are in the caches or named (KERAS_HOME, ECG_CSV, IMAGE_FOLDER, CAMVID_FOLDER, BCCD_FOLDER). Each result
is kept in benchmarks/results/, so that an interrupted measurement goes on where it was, and the table shows
all that are kept for every seed. Delete a lesson's file to measure it anew.
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
KEPT = Path(__file__).parent / "results"
# The arguments of each run on a real set, and the environment variable without which it cannot be had.
REAL = {
    "day1.cnn": [
        (["--dataset", "mnist", "--filters", "32", "64", "--units", "128", "--epochs", "4"], "KERAS_HOME")
    ],
    "day1.transfer": [
        (
            ["--dataset", "folder", "--file", "$IMAGE_FOLDER", "--backbone", "mobilenetv2", "--width", "0.35"]
            + ["--size", "224", "--counts", "5", "50", "--tuning-rate", "1e-4"],
            "IMAGE_FOLDER",
        )
    ],
    "day2.unet": [
        (
            ["--dataset", "camvid", "--file", "$CAMVID_FOLDER", "--size", "96", "--batch-size", "8"]
            + ["--steps", "800", "--filters", "16", "32", "64", "96"],
            "CAMVID_FOLDER",
        )
    ],
    "day2.yolo": [(["--dataset", "bccd", "--file", "$BCCD_FOLDER", "--batch-size", "16"], "BCCD_FOLDER")],
    "day3.denoise": [
        (["--dataset", name, "--epochs", "2"], "KERAS_HOME") for name in ("mnist", "fashion_mnist")
    ],
    "day4.pix2pix": [
        (
            ["--dataset", "camvid", "--file", "$CAMVID_FOLDER", "--size", "64", "--epochs", "12"]
            + ["--filters", "32", "64", "96", "128", "128"],
            "CAMVID_FOLDER",
        )
    ],
    "day3.anomaly": [(["--dataset", "ecg5000", "--file", "$ECG_CSV"], "ECG_CSV")],
}


def runs_of(name, real):
    """[(arguments of a run, whether it can be run)]: the default first, then one for each real set."""
    runs = [([], True)]
    for arguments, variable in REAL.get(name, []):
        words = [os.environ.get(word[1:], word) if word[0] == "$" else word for word in arguments]
        runs.append((words, real and variable in os.environ))
    return runs


def kept(name):
    """What is known of a lesson: {data set, or "default": {seed: the run's `metrics.json`}}."""
    file = KEPT / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def data_set(arguments):
    """Under which name a run is kept."""
    return arguments[arguments.index("--dataset") + 1] if arguments else "default"


def run(name, arguments, seed):
    """One run in a process and a folder of its own; its `metrics.json` is kept."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", f"sprints.{name}", *arguments, "--seed", str(seed)]
        command += ["--output", folder, "--saved-models", f"{folder}/models"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        known = kept(name)
        known.setdefault(data_set(arguments), {})[str(seed)] = catalogue.results_of(folder, name)
        write_json(KEPT / f"{name}.json", known)


def row(name, results):
    """One line of the table: metrics as mean (lowest to highest) over the seeds.

    They are the promised ones, or where nothing is promised those of which a peer is known.
    """
    cells = []
    for metric in results[0]["expected"] or dict.fromkeys(peer["metric"] for peer in results[0]["peers"]):
        values = [result["metrics"][metric] for result in results]
        cell = f"{metric} {statistics.mean(values):.4g} ({min(values):.3g} to {max(values):.3g})"
        if metric in results[0]["expected"]:
            cell += f", promised {results[0]['expected'][metric]}"
            cell += "" if all(result["reached"][metric] for result in results) else " **missed**"
        cells.append(cell)
    judged = [peer for peer in results[0]["peers"] if peer["metric"] in results[0]["expected"]]
    peers = {f"{p['name']} {p['value']:.3g} ({p['metric']})" for p in judged or results[0]["peers"]}
    seconds = statistics.mean(result["seconds"] for result in results)
    dataset = results[0].get("dataset", "")
    return f"| `{name}` | {dataset} | {'; '.join(cells)} | {'; '.join(sorted(peers))} | {seconds:.0f} |\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--lessons", nargs="+", help="only these; the table keeps what is known of others")
    parser.add_argument("--no-real", action="store_true", help="built-in data only")
    options = parser.parse_args()
    table = "| lesson | data | reached on held-out data | peer or paper | seconds |\n|---|---|---|---|---|\n"
    devices = set()
    for lessons in catalogue.days(Path(sprints.__file__).parent).values():
        for entry in lessons:
            asked = not options.lessons or entry.name in options.lessons
            for arguments, possible in runs_of(entry.name, not options.no_real):
                for seed in options.seeds if asked and possible else ():
                    if str(seed) not in kept(entry.name).get(data_set(arguments), {}):
                        run(entry.name, arguments, seed)
                known = kept(entry.name).get(data_set(arguments), {})
                if all(str(seed) in known for seed in options.seeds):
                    results = [known[str(seed)] for seed in options.seeds]
                    devices.add(results[0]["device"])
                    table += row(entry.name, results)
                    print(row(entry.name, results), end="", flush=True)
    note = f"\nMean (lowest to highest) over the seeds {', '.join(map(str, options.seeds))} on "
    note += f"{' and '.join(sorted(devices))}, made by `python benchmarks/results.py`.\n"
    marks = r"(<!-- results -->\n).*(<!-- end of results -->)"
    text = README.read_text(encoding="utf-8")
    write_text(README, re.sub(marks, lambda found: found[1] + table + note + found[2], text, flags=re.S))


if __name__ == "__main__":
    main()
