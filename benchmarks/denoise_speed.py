"""Seconds until the Fashion-MNIST denoiser has a validation MSE of 0.0075: our settings, the tutorial's.

The same network on both sides (Conv2D 16, 8, stride 2, and back; noise 0.2), the same 60,000 training images, the same
10,000 for validation, the same number of threads, each run a process of its own, start-up included.

- tutorial: TensorFlow's public autoencoder tutorial: Adam with its defaults, batches of 32, arrays in memory. It is
  stopped inside an epoch, at the first of its checks, every tenth of an epoch, whose validation MSE is low enough.
- ours: a learning rate that warms up to sixteen times the default and falls to zero along a cosine, within less than
  half an epoch in batches of 16: many small steps, none of them wasted. Adam forgets old gradients sooner (beta_2 .99),
  the last bias starts at the images' mean, the eight channels in the middle start at 0.4 (at such a rate a ReLU whose
  gradient vanishes at the start never recovers, and with two of eight dead the MSE ends at 0.0080). Noise is made for
  the images that are used. The schedule has one end, where it is checked once. SETTINGS was chosen on the lesson's
  validation part (5,000 training images), not on the images it is measured on.

The clock stands still during the checks of either side. `--threads 0` leaves the number of threads to TensorFlow; as
both settings may suit one side better, both are run.

    python benchmarks/denoise_speed.py --runs 3                # one core an operation, two operations at a time
    python benchmarks/denoise_speed.py --runs 3 --threads 0
"""

import argparse
import json
import os
import subprocess
import sys
import time

from measured import keep

TARGET = 0.0075
EPOCHS, CHECKS = 10, 10  # at most; an epoch
SETTINGS = dict(
    epochs=0.44, peak=1.6e-2, warmup=0.2, beta_2=0.99, batch_size=16, steps_per_execution=75, middle=0.4
)


def load(seed, share=1.0):
    """Noisy and clean training and validation images in [0, 1], as the tutorial makes them; or a share."""
    import numpy as np

    from keras_cv_course import data
    from keras_cv_course.reconstruct.denoising import add_noise

    train, validation, test = data.load("fashion_mnist")
    clean = np.concatenate([train.images, validation.images])
    rng = np.random.default_rng(seed)
    if share < 1:
        clean = clean[rng.permutation(len(clean))[: round(share * len(clean))]]
    return add_noise(clean, 0.2, rng), clean, add_noise(test.images, 0.2, rng), test.images


def network(seed, brightness=0.5):
    """The network of both sides, built."""
    import keras

    from keras_cv_course.reconstruct.denoising import DenoisingAutoencoder

    keras.utils.set_random_seed(seed)
    model = DenoisingAutoencoder(brightness=brightness)
    model.build((None, 28, 28, 1))
    return model


def tutorial(seed):
    """Train as the tutorial does; give back (seconds at each check, validation MSE)."""
    import keras

    noisy, clean, noisy_test, clean_test = load(seed)
    model = network(seed)
    model.compile(optimizer="adam", loss="mse")
    reached = []

    class Check(keras.callbacks.Callback):
        steps, spent = 0, 0.0

        def on_train_batch_end(self, batch, logs=None):
            self.steps += 1
            if self.steps % (len(clean) // 32 // CHECKS):
                return
            began = time.time()
            mse = float(((model.predict(noisy_test, batch_size=500, verbose=0) - clean_test) ** 2).mean())
            reached.append((began - STARTED - self.spent, mse))
            self.spent += time.time() - began
            self.model.stop_training = mse <= TARGET

    model.fit(noisy, clean, epochs=EPOCHS, shuffle=True, callbacks=[Check()], verbose=0)
    return reached


def ours(seed):
    """Train with the lesson's recipe; give back the same."""
    import keras
    import numpy as np

    from keras_cv_course.training.schedules import warmup_cosine

    noisy, clean, noisy_test, clean_test = load(seed, SETTINGS["epochs"])
    model = network(seed, float(clean.mean()))
    bias = model.encoder.layers[-1].bias
    bias.assign(np.full(bias.shape, SETTINGS["middle"]))
    rate = warmup_cosine(SETTINGS["peak"], len(clean) // SETTINGS["batch_size"], SETTINGS["warmup"])
    model.compile(
        keras.optimizers.Adam(rate, beta_2=SETTINGS["beta_2"]),
        loss="mse",
        steps_per_execution=SETTINGS["steps_per_execution"],
    )
    model.fit(noisy, clean, batch_size=SETTINGS["batch_size"], shuffle=False, verbose=0)
    seconds = time.time() - STARTED
    return [(seconds, model.evaluate(noisy_test, clean_test, batch_size=500, verbose=0))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="runs of each side, in turn, seeds 0, 1, ...")
    parser.add_argument("--threads", type=int, default=1, help="of one operation; 0 leaves it to TensorFlow")
    parser.add_argument("--side", choices=("tutorial", "ours"), help="(used by the script itself)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.side:
        print(json.dumps(globals()[options.side](options.seed)))
        return
    # Two operations at a time, each on so many cores.
    threads = {"TF_NUM_INTRAOP_THREADS": str(options.threads), "TF_NUM_INTEROP_THREADS": "2"}
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **(threads if options.threads else {})}
    times = {"tutorial": [], "ours": []}
    for seed in range(options.runs):
        for side, seconds in times.items():
            command = [sys.executable, __file__, "--side", side, "--seed", str(seed)]
            done = subprocess.run(command, capture_output=True, text=True, env=environment)
            if done.returncode:
                sys.exit(f"{side} failed: {done.stderr.strip().splitlines()[-1]}")
            reached = json.loads(done.stdout.splitlines()[-1])
            best = min(mse for _, mse in reached)
            hits = [when for when, mse in reached if mse <= TARGET]
            seconds.append(hits[0] if hits else float("nan"))
            print(f"{side:<9} seed {seed}: {seconds[-1]:6.1f} s, validation MSE {best:.5f}", flush=True)
    ratios = [one / other for one, other in zip(times["ours"], times["tutorial"], strict=True)]
    print("ours / tutorial:", ", ".join(f"{ratio:.3f}" for ratio in ratios))
    keep(__file__, times)


STARTED = time.time()

if __name__ == "__main__":
    main()
