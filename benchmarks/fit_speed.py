"""What makes `model.fit` slow on two cores: images a second of small networks, one setting changed at a time.

    python benchmarks/fit_speed.py

A classifier of two convolutions on 12x12 pixels, and one of three on 32x32; on networks so small most of the
time goes into everything but the arithmetic. All settings take turns and the best epoch of each counts.
The lessons take what is fastest here: `run.batches`, several steps an execution, no XLA, float32.
"""

import argparse
import tempfile
import time

from measured import keep

BASE = dict(batch_size=64, steps_per_execution=10, pipeline="run.batches", jit_compile=False, dtype="float32")
CHANGES = (
    {},
    dict(steps_per_execution=1),
    dict(steps_per_execution=50),
    dict(pipeline="arrays"),
    dict(pipeline="tf.data, one by one"),
    dict(batch_size=16),
    dict(batch_size=256),
    dict(jit_compile=True),
    dict(dtype="mixed_bfloat16"),
)
SIZES = {"12x12 pixels, 16 and 32 kernels": (12, (16, 32)), "32x32 pixels, 16, 32, 64": (32, (16, 32, 64))}
IMAGES = 6400


def trainer(setting, size, filters, folder):
    """A function that trains one epoch, compiled already; `folder` is for what its run keeps."""
    import keras
    import numpy as np
    import tensorflow as tf

    from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
    from keras_cv_course.lesson import lesson

    @lesson(quick={}, full={}, targets={})
    def empty(run):
        """Nothing.

        Args:
            run: gives batches.
        """

    keras.config.set_dtype_policy(setting["dtype"])
    rng = np.random.default_rng(0)
    images = rng.random((IMAGES, size, size, 1), dtype="float32")
    labels = rng.integers(0, 10, IMAGES)
    model = ConvolutionalClassifier(filters, units=(64,), classes=10)
    model.build((None, size, size, 1))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    options = {name: setting[name] for name in ("steps_per_execution", "jit_compile")}
    model.compile(keras.optimizers.Adam(1e-3), loss, **options)
    if setting["pipeline"] == "arrays":
        data = dict(x=images, y=labels, batch_size=setting["batch_size"])
    elif setting["pipeline"] == "run.batches":
        runs = empty.start(output=f"{folder}/run", saved_models=f"{folder}/models")
        data = dict(x=runs.batches(images, labels, batch_size=setting["batch_size"]))
    else:
        rows = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(IMAGES)
        data = dict(x=rows.batch(setting["batch_size"]).prefetch(2))
    model.fit(**data, epochs=1, verbose=0)
    keras.config.set_dtype_policy("float32")
    return lambda: model.fit(**data, epochs=1, verbose=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    found = {}
    for name, (size, filters) in SIZES.items():
        with tempfile.TemporaryDirectory() as folder:
            trainers = [
                trainer(BASE | change, size, filters, f"{folder}/{number}")
                for number, change in enumerate(CHANGES)
            ]
        times = [[] for _ in CHANGES]
        for _ in range(options.turns):
            for kept, train in zip(times, trainers):
                began = time.perf_counter()
                train()
                kept.append(time.perf_counter() - began)
        print(f"\n{name}: {', '.join(f'{key} {value}' for key, value in BASE.items())}")
        for change, kept in zip(CHANGES, times):
            words = ", ".join(f"{key} {value}" for key, value in change.items()) or "as said above"
            found.setdefault(name, {})[words] = IMAGES / min(kept)
            print(
                f"{words:<34}{IMAGES / min(kept):10,.0f} images/s  x{min(times[0]) / min(kept):.2f}",
                flush=True,
            )
    keep(__file__, found)


if __name__ == "__main__":
    main()
