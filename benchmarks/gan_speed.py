"""Training steps a second of our adversarial models, beside the loop with gradient tapes that tutorials use.

The same networks on both sides, the same images and batches: `tape_loops` has the tutorials' steps, ours is
`fit`: one loss, one Adam. Both take turns; the table shows the fastest turn of each and how many times as
fast ours is, which is to be 1 or more.

With `--target` DCGAN is also trained until the Fréchet distance of 1,000 generated digits to the validation digits
(features of the lesson's classifier) is that low: seconds of either side, each in a process of its own,
start-up included, the measuring not. The tutorial has its own Adam (1e-4, defaults) and no smoothed labels,
ours the lesson's settings; --same gives the tutorial's loop our settings, too.

    python benchmarks/gan_speed.py
    python benchmarks/gan_speed.py --target 5 --runs 1
"""

import argparse
import json
import os
import subprocess
import sys
import time

from measured import keep

STARTED = time.time()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def dcgan(size, learning_rate=1e-3, label_smoothing=0.1):
    """A DCGAN for digits of size x size pixels, built and compiled; at 16 the lesson's own."""
    import keras

    from keras_cv_course.generate.dcgan import DCGAN

    filters, latent = ((64, 32), 32) if size == 16 else ((128, 64), 100)
    model = DCGAN((size, size, 1), latent, filters, label_smoothing=label_smoothing)
    model.build((None, size, size, 1))
    model.compile(keras.optimizers.Adam(learning_rate, beta_1=0.5), steps_per_execution=10)
    return model


def comparisons():
    """{name: (function that makes our compiled model, tutorial's step, arrays of images, shape, batch size)}.

    DCGAN at 16 pixels and CycleGAN have the networks of the lessons.
    """
    import keras
    from loops import tape_loops

    from keras_cv_course.generate.cyclegan import CycleGAN
    from keras_cv_course.generate.pix2pix import Pix2Pix

    def compiled(make, size):
        model = make()
        model.build((None, size, size, 3))
        model.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), steps_per_execution=10)
        return model

    def cycle():
        return CycleGAN(3, 8, 1, (16, 32, 64), cycle_weight=10.0, identity_weight=5.0)

    return {
        "dcgan-16": (lambda: dcgan(16), tape_loops.dcgan, 1, (16, 16, 1), 64),
        "dcgan-28": (lambda: dcgan(28), tape_loops.dcgan, 1, (28, 28, 1), 64),
        "pix2pix-32": (lambda: compiled(Pix2Pix.small, 32), tape_loops.pix2pix, 2, (32, 32, 3), 4),
        "cyclegan-24": (lambda: compiled(cycle, 24), tape_loops.cyclegan, 2, (24, 24, 3), 4),
    }


def steps_per_second(make, tutorial, arrays, shape, batch_size, turns, steps):
    """Both sides in turn: {"tapes": steps a second of the fastest turn, "fit": the same}."""
    import keras
    import numpy as np
    import tensorflow as tf

    import keras_cv_course.gradient_order  # noqa: F401

    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    images = tuple(rng.random((steps * batch_size, *shape), dtype="float32") for _ in range(arrays))
    batches = (
        tf.data.Dataset.from_tensor_slices(images).batch(batch_size, drop_remainder=True).cache().prefetch(2)
    )
    ours, theirs = make(), make()
    step = tutorial(theirs, lambda: keras.optimizers.Adam(1e-3, beta_1=0.5))

    def loop():
        for images in batches:
            step(*images)

    sides = {"tapes": loop, "fit": lambda: ours.fit(batches, shuffle=False, verbose=0)}
    seconds = {side: [] for side in sides}
    for turn in range(turns + 1):
        for side, go in sides.items():
            began = time.perf_counter()
            go()
            if turn:  # the first one traces
                seconds[side].append(time.perf_counter() - began)
    return {side: steps / min(values) for side, values in seconds.items()}


def until(target, side, seed, same, most=60):
    """Seconds of this process until DCGAN's digits are that close, or NaN; an epoch is about 200 steps."""
    import keras
    import tensorflow as tf
    from loops import tape_loops

    import keras_cv_course.gradient_order  # noqa: F401
    from keras_cv_course import data
    from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
    from keras_cv_course.generate.adversarial.gan_evaluator import GANEvaluator

    train, validation, _ = data.load("handwriting", limit=3000, size=16)
    off = time.time()
    keras.utils.set_random_seed(100 + seed)
    classifier = ConvolutionalClassifier((16, 32), units=(64,))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    classifier.compile(keras.optimizers.Adam(3e-3), loss)
    classifier.fit(train.images, train.labels, batch_size=64, epochs=10, verbose=0)
    evaluator = GANEvaluator(classifier, train.images)
    away = time.time() - off

    keras.utils.set_random_seed(seed)
    model = dcgan(16)
    batches = tf.data.Dataset.from_tensor_slices(train.images).cache().shuffle(len(train)).batch(64).repeat(4)
    if side == "tapes":
        rates = dict(learning_rate=1e-3, beta_1=0.5) if same else dict(learning_rate=1e-4)
        step = tape_loops.dcgan(model, lambda: keras.optimizers.Adam(**rates), 0.1 if same else 0.0)
    distances = []
    for _ in range(most):
        if side == "fit":
            model.fit(batches, shuffle=False, verbose=0)
        else:
            for images in batches:
                step(images)
        off = time.time()
        generated = keras.ops.convert_to_numpy(model.generator(model.sample_noise(1000)))
        distances.append(evaluator.frechet(generated, validation.images))
        away += time.time() - off
        if distances[-1] <= target:
            return {"seconds": time.time() - STARTED - away, "epochs": len(distances), "best": distances[-1]}
    return {"seconds": float("nan"), "epochs": most, "best": min(distances)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", help="only these, such as dcgan-16; the number is the size")
    parser.add_argument("--steps", type=int, default=60, help="steps a turn")
    parser.add_argument("--turns", type=int, default=5, help="times that each side's turn comes")
    parser.add_argument("--target", type=float, help="also time both until this Fréchet distance")
    parser.add_argument("--same", action="store_true", help="the tutorial's loop gets our settings, too")
    parser.add_argument("--runs", type=int, default=3, help="runs with a target, seeds 0, 1, ...")
    parser.add_argument("--side", choices=("tapes", "fit"), help="(used by the script itself)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.side:
        print(json.dumps(until(options.target, options.side, options.seed, options.same)))
        return
    if options.target is None:
        print("training steps a second")
        known, found = comparisons(), {}
        for name in options.models or known:
            if name not in known:
                parser.error(f"unknown model {name!r}; choose from: {', '.join(known)}")
            compared = known[name]
            speed = steps_per_second(*compared, options.turns, options.steps)
            found[name] = speed
            cells = ", ".join(f"{side} {number:.1f}" for side, number in speed.items())
            ratio = speed["fit"] / speed["tapes"]
            print(f"{name}, batches of {compared[-1]}: {cells}, ratio {ratio:.2f}", flush=True)
        keep(__file__, found)
        return
    kept = {"tapes": [], "fit": []}
    for seed in range(options.runs):
        for side in ("tapes", "fit"):
            command = [sys.executable, __file__, "--side", side, "--seed", str(seed)]
            command += ["--target", str(options.target), *(["--same"] if options.same else [])]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"{side} failed: {done.stderr.strip().splitlines()[-1]}")
            found = json.loads(done.stdout.splitlines()[-1])
            kept[side].append(found)
            print(
                f"{side:<9} seed {seed}: {found['seconds']:6.1f} s, {found['epochs']} epochs, "
                f"distance {found['best']:.2f}",
                flush=True,
            )
    keep(__file__, kept)


if __name__ == "__main__":
    main()
