"""How training scales over processes: images a second of each of two processes, against one that is alone.

    python benchmarks/loops/cluster_speed.py

Each process has one core for itself (taskset) and 64 images of every batch, on JAX; two talk through gloo on loopback.
The networks are ResNets of 32x32 images of three widths: the ratio rises with the work of a step, since what the
processes have to tell each other grows with the weights alone, and the work with weights times pixels. One and two
processes take turns, and the best turn of each counts: two cores that others use, too, make both sides slower.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

WIDTHS = {"narrow": (8, 16), "middle": (16, 32, 64), "wide": (64, 128, 256)}
EACH, STEPS = 64, 6


def train(width):
    """Print the images a second that this process has trained on, all of its kind together."""
    from keras_cv_course.lesson.start import load_keras_quietly

    load_keras_quietly(together=True)
    import keras
    import numpy as np

    from keras_cv_course.classify.resnet import ResNet
    from keras_cv_course.lesson.batches import batches
    from keras_cv_course.lesson.devices.choice import replicas
    from keras_cv_course.lesson.devices.processes import process_count

    together = replicas(None)
    if together:
        together.enter()
    keras.utils.set_random_seed(0)
    filters = WIDTHS[width]
    model = ResNet((1,) * len(filters), filters, stem="3x3", classes=10)
    model.build((None, 32, 32, 3))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), loss)
    size = EACH * process_count()
    count = size * STEPS
    arrays = np.random.default_rng(0).random((count, 32, 32, 3), np.float32), np.arange(count) % 10
    options = arrays, size, 0, [0]
    data = together.batches(batches, *options) if together else batches(*options)
    model.fit(data, verbose=0)
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        model.fit(data, verbose=0)
        seconds.append(time.perf_counter() - began)
    print(json.dumps({"images/s": count / min(seconds), "weights": model.count_params()}), flush=True)


def measured(width, of):
    """What process 0 of so many prints, each pinned to a core of its own."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{one.getsockname()[1]}"
    cores = sorted(os.sched_getaffinity(0))
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": str(Path(__file__).parents[2])}
    started = []
    for number in range(of):
        if of > 1:
            environment |= {"JAX_COORDINATOR_ADDRESS": address, "JAX_NUM_PROCESSES": str(of)}
        command = ["taskset", "-c", str(cores[number]), sys.executable, __file__, "--train", width]
        named = {**environment, "JAX_PROCESS_ID": str(number)} if of > 1 else environment
        started.append(subprocess.Popen(command, env=named, stdout=subprocess.PIPE, text=True))
    said = [process.communicate()[0] for process in started]
    return json.loads(said[0].splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--train", choices=WIDTHS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.train:
        return train(options.train)
    load, found = os.getloadavg()[0], {}
    for width in WIDTHS:
        turns = {1: [], 2: []}
        for _ in range(options.turns):
            for of in turns:
                turns[of].append(measured(width, of))
        alone, both = (max(turn["images/s"] for turn in turns[of]) for of in (1, 2))
        found[width] = {
            "weights": turns[1][0]["weights"],
            "images/s of one process": round(alone, 1),
            "images/s of each of two": round(both / 2, 1),
            "ratio": round(both / 2 / alone, 2),
        }
        print(width, found[width], flush=True)
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from measured import keep

    sys.argv[1:] = []
    keep(
        __file__,
        {"load before": round(load, 1), "turns": options.turns, "images of each a step": EACH, **found},
    )


if __name__ == "__main__":
    main()
