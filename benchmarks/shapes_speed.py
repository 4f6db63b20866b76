"""Scenes a second that `data.scenes` draws on one core: images, labels, masks and boxes together.

    taskset -c 0 python benchmarks/shapes_speed.py

The runs take turns, and the best of each is stated beside the median: other work on the machine can only
make a run slower.
"""

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import statistics
import time

from measured import keep

from keras_cv_course.data.scenes.scenes import scenes

SETTINGS = {
    "one object, 64x64": dict(size=64),
    "one to five objects, 64x64": dict(size=64, objects=(1, 5)),
    "one object, 32x32": dict(size=32),
    "one to five objects, 32x32": dict(size=32, objects=(1, 5)),
    "one object, 128x128": dict(size=128),
}


def seconds(count, settings):
    """Wall time of one call."""
    began = time.perf_counter()
    scenes(count, **settings)
    return time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--count", type=int, default=1024, help="scenes a run")
    options = parser.parse_args()
    times = {name: [] for name in SETTINGS}
    for _ in range(options.runs):
        for name, settings in SETTINGS.items():
            times[name].append(seconds(options.count, settings))
    print(f"{'scenes a second':<30} {'best':>8} {'median':>8}")
    found = {}
    for name, runs in times.items():
        best, median = options.count / min(runs), options.count / statistics.median(runs)
        found[name] = dict(best=best, median=median)
        print(f"{name:<30} {best:8,.0f} {median:8,.0f}")
    keep(__file__, found)


if __name__ == "__main__":
    main()
