# ruff: noqa: E402 -- the clock and the backend come before the imports
"""What an accelerator makes of our models: CIFAR-10 to 94 %, images a second beside plain JAX, distances of DCGANs.

    python benchmarks/gpu.py --minutes 9 --cifar10 cifar10_jpeg.npz --mnist mnist.npz --results FOLDER
    python benchmarks/gpu.py --tiny          # does it run: a minute on a CPU, no data needed, numbers mean nothing

On whatever device JAX (or PyTorch, with KERAS_BACKEND=torch: then without the comparisons) sees; no network, no
TensorFlow. The most valuable measurements come first; gpu.json is written anew after each, and none is begun that the
minutes do not admit. One that fails is noted, and the next one begins.

It needs keras, namex, optree and docstring_parser beside JAX, NumPy, SciPy, scikit-learn and Pillow. A machine without
a package index gets those four as wheels, beside the two files of data (30 MB together), in a folder that travels with
this checkout, here `.carried`:

    pip download --no-deps --only-binary=:all: --python-version 3.12 --platform manylinux_2_28_x86_64 \
        --platform manylinux2014_x86_64 -d .carried keras==3.15.1 namex optree docstring_parser
    cp cifar10_jpeg.npz mnist.npz .carried
    # and there:
    pip install --no-index --no-deps --target /tmp/site .carried/*.whl
    PYTHONPATH=/tmp/site:. python benchmarks/gpu.py --minutes 9 --cifar10 .carried/cifar10_jpeg.npz \
        --mnist .carried/mnist.npz --results "$OUT"

CIFAR-10 is a file of JPEGs (30 dB), test images, too: 94 % of these are not quite 94 % of the original ones. The
schedule is fixed before, and the test images are looked at once, at its end. Beside our seconds: airbench reaches 94 %
in 3.8 s, a plain ResNet-18 in 7 min, both on an A100 (K. Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU",
arXiv:2404.00498, and his repository).
"""

import argparse
import functools
import io
import os
import time
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
BEGAN = time.monotonic()

import keras
import numpy as np

from keras_cv_course.classify.convolutional_classifier import ConvolutionalClassifier
from keras_cv_course.classify.resnet import ResNet
from keras_cv_course.generate.adversarial.gan_evaluator import GANEvaluator
from keras_cv_course.generate.cyclegan import CycleGAN
from keras_cv_course.generate.dcgan import DCGAN
from keras_cv_course.lesson import machine
from keras_cv_course.lesson.batches import batches
from keras_cv_course.lesson.publish import write_json
from keras_cv_course.training.schedules import warmup_cosine

TARGET = 0.94
PRECISIONS = ("mixed_bfloat16", "float32")


def precisions(options):
    """Those to be measured: compiling is what takes the time of a tiny run."""
    return PRECISIONS[:1] if options.tiny else PRECISIONS


def cifar10(file, tiny):
    """Images (N, 32, 32, 3) uint8 and labels (N,), of training and of test; noise where there is no file."""
    if tiny:
        rng = np.random.default_rng(0)
        return [
            (rng.integers(0, 256, (count, 32, 32, 3), np.uint8), np.arange(count) % 10) for count in (96, 40)
        ]
    from PIL import Image

    with np.load(file) as stored:
        header, parts = stored["jpeg_header"].tobytes(), []
        for part in ("train", "test"):
            blob, ends = stored[f"{part}_jpeg"].tobytes(), stored[f"{part}_offsets"]
            files = [header + blob[begin:end] for begin, end in zip(ends[:-1], ends[1:], strict=True)]
            images = np.stack([np.asarray(Image.open(io.BytesIO(one))) for one in files])
            parts.append((images, stored[f"y_{part}"].ravel()))
    return parts


def mnist(file, tiny):
    """Images (N, 32, 32, 1) uint8 with a black margin, and labels (N,), of training and of test."""
    if tiny:
        return [(images[..., :1], labels) for images, labels in cifar10(None, True)]
    with np.load(file) as stored:
        margin = ((0, 0), (2, 2), (2, 2))
        return [
            (np.pad(stored[f"x_{part}"], margin)[..., None], stored[f"y_{part}"])
            for part in ("train", "test")
        ]


def shifted_and_flipped(images, rows, rng, reach=4):
    """Those rows of images with a margin of `reach` pixels, cut out at random places, half of them mirrored."""
    size = images.shape[1] - 2 * reach
    top, left = rng.integers(0, 2 * reach + 1, (2, len(rows), 1))
    across = np.where(rng.random((len(rows), 1)) < 0.5, np.arange(size), np.arange(size)[::-1]) + left
    down = np.arange(size) + top
    return images[rows[:, None, None], down[:, :, None], across[:, None, :]] / np.float32(255)


class Clock(keras.callbacks.Callback):
    """Tells the batches their epoch, and ends a training whose time is over."""

    def __init__(self, seconds):
        super().__init__()
        self.until, self.epoch = time.monotonic() + seconds, [0]

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch[0] = epoch

    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = time.monotonic() > self.until


def cifar10_to_94(options, seconds):
    """A ResNet-18 for small images: warm-up and cosine, Nesterov momentum, weight decay, smoothed labels."""
    (images, labels), (test, test_labels) = cifar10(options.cifar10, options.tiny)
    epochs, size = (2, 32) if options.tiny else (20, 512)
    filters = (8, 16) if options.tiny else (64, 128, 256, 512)
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = ResNet((1, 1) if options.tiny else (2, 2, 2, 2), filters, stem="3x3", classes=10)
    model.build((None, 32, 32, 3))
    padded, rng = np.pad(images, ((0, 0), (4, 4), (4, 4), (0, 0)), mode="reflect"), np.random.default_rng(0)
    clock = Clock(seconds)
    one_hot = np.eye(10, dtype=np.float32)
    training = batches((np.arange(len(images)), labels), size, 0, clock.epoch)
    training = training.map(lambda rows, y: (shifted_and_flipped(padded, rows, rng), one_hot[y]))
    rate = warmup_cosine(0.4, epochs * len(training), warmup=0.25)
    optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=5e-4 * 0.4)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    model.compile(optimizer, loss, metrics=["accuracy"])
    began = time.monotonic()
    history = model.fit(training, epochs=epochs, callbacks=[clock], verbose=0).history
    trained = time.monotonic() - began
    accuracy = model.evaluate(test / np.float32(255), one_hot[test_labels], batch_size=size, verbose=0)[1]
    return {
        "test accuracy": round(float(accuracy), 4),
        "target": TARGET,
        "seconds of training": round(trained, 1),
        "epochs": len(history["loss"]),
        "of epochs": epochs,
        "batch": size,
        "training accuracy by epoch": [round(float(one), 4) for one in history["accuracy"]],
    }


def speed_of_fit(model, arrays, size):
    """Images a second of `fit`: the best of three epochs after one that compiles."""
    began, ended = [], []
    times = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: began.append(time.perf_counter()),
        on_epoch_end=lambda epoch, logs: ended.append(time.perf_counter()),
    )
    model.fit(batches(arrays, size, 0, [0]), epochs=4, callbacks=[times], verbose=0)
    return len(arrays[0]) / min(end - begin for begin, end in zip(began[1:], ended[1:], strict=True))


def speed_of_step(step, state, arrays, size):
    """Images a second of `step(*state, x, y)` -> (*new state, loss), over the same arrays."""
    import jax

    seconds = []
    starts = range(0, len(arrays[0]), size)
    for _ in range(4):
        began = time.perf_counter()
        for start in starts:
            batch = [array[start : start + size] for array in arrays]
            *state, loss = step(*state, *batch, *[None] * (2 - len(batch)))
        jax.block_until_ready(loss)
        seconds.append(time.perf_counter() - began)
    return len(starts) * size / min(seconds[1:])


def speeds(make, arrays, size, precisions, plain=None):
    """{precision: images a second of `fit`, of a loop in JAX around the same model, and of `plain` JAX}."""
    found = {}
    for precision in precisions:
        keras.config.set_dtype_policy(precision)
        model = make()
        found[precision] = {"fit": round(speed_of_fit(model, arrays, size), 1)}
        if keras.backend.backend() == "jax":
            from loops import plain_jax

            step, state = plain_jax.loop_of(model)
            found[precision]["same model, own loop"] = round(speed_of_step(step, [state], arrays, size), 1)
            if plain:
                number = "bfloat16" if precision == "mixed_bfloat16" else "float32"
                found[precision]["plain JAX"] = round(speed_of_step(*plain(number), arrays, size), 1)
        keras.backend.clear_session()
    return {"batch": size, **found}


def resnet50_speed(options, seconds):
    """Training steps of ResNet-50 on 224x224 pixels, 1,000 classes."""
    size, pixels, steps = (4, 32, 2) if options.tiny else (128, 224, 16)
    sizes = (
        dict(blocks=(1, 1), filters=(16, 32))
        if options.tiny
        else dict(blocks=(3, 4, 6, 3), filters=(256, 512, 1024, 2048))
    )

    def make():
        model = ResNet(bottleneck=True, **sizes)
        model.build((None, pixels, pixels, 3))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(0.1, momentum=0.9), loss)
        return model

    def plain(number):
        import jax
        from loops import plain_jax

        weights = plain_jax.resnet_weights(0, sizes["blocks"], sizes["filters"])
        return plain_jax.resnet_step(number), [weights, jax.tree.map(np.zeros_like, weights)]

    rng = np.random.default_rng(0)
    count = size * steps
    arrays = rng.random((count, pixels, pixels, 3), np.float32), np.arange(count, dtype=np.int32) % 1000
    return speeds(make, arrays, size, precisions(options), plain)


def gan_speed(options, seconds, kind, pixels, size, steps):
    """Training steps of an adversarial model with the paper's networks."""
    pixels, size, steps = (32, 4, 2) if options.tiny else (pixels, size, steps)

    def make():
        if kind == "dcgan":
            model = DCGAN((pixels, pixels, 3), **(dict(filters=(16, 8)) if options.tiny else {}))
        else:
            model = CycleGAN(3, 4, 1, (8, 16)) if options.tiny else CycleGAN(3)
        model.build((None, pixels, pixels, 3))
        model.compile(keras.optimizers.Adam(2e-4, beta_1=0.5))
        return model

    images = np.random.default_rng(0).random((size * steps, pixels, pixels, 3), np.float32)
    return speeds(
        make, (images,) if kind == "dcgan" else (images, images[::-1].copy()), size, precisions(options)
    )


def dcgan_distance(options, seconds, name):
    """A DCGAN of 32x32 pixels, and the Fréchet distance of 5,000 images of it to test images.

    In the features of our own classifier of the training images, centred and scaled there: not comparable with
    published distances in InceptionV3's. What training images have as their distance stands beside it.
    """
    (images, labels), (test, _) = (mnist if name == "mnist" else cifar10)(
        getattr(options, name), options.tiny
    )
    images, test = images / np.float32(255), test / np.float32(255)
    keras.config.set_dtype_policy("float32")
    classifier = ConvolutionalClassifier(filters=(32, 64, 128), units=(128,), classes=10)
    classifier.build((None, *images.shape[1:]))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    size, rounds, chosen = (32, 1, 40) if options.tiny else (128, 5, 5000)
    classifier.compile(keras.optimizers.Adam(1e-3), loss, metrics=["accuracy"])
    classifier.fit(batches((images, labels), size, 0, [0]), epochs=rounds, verbose=0)
    evaluator = GANEvaluator(classifier, images[: 2 * chosen])
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = DCGAN(images.shape[1:], filters=(16, 8) if options.tiny else (256, 128, 64), label_smoothing=0.1)
    model.build((None, *images.shape[1:]))
    model.compile(keras.optimizers.Adam(2e-4, beta_1=0.5))
    began, clock, distances = time.monotonic(), [0], []
    training = batches((images,), size, 0, clock)
    noise = model.sample_noise(chosen)
    for epoch in range(rounds if options.tiny else 40):
        clock[0] = epoch
        model.fit(training, verbose=0)
        at = time.monotonic() - began
        if epoch % 5 == 4 or at > seconds or options.tiny:
            generated = model.generator.predict(noise, batch_size=500, verbose=0).astype(np.float32)
            distance = float(evaluator.frechet(generated, test[:chosen]))
            distances.append({"epoch": epoch + 1, "seconds": round(at, 1), "frechet": round(distance, 3)})
        if at > seconds:
            break
    return {
        "by epoch": distances,
        "training images": round(float(evaluator.frechet(images[-chosen:], test[:chosen])), 3),
    }


# Name, function, the least seconds that it needs, the most that it may train.
MEASUREMENTS = (
    ("ResNet-50, images/s", resnet50_speed, 60, 0),
    ("CIFAR-10 to 94 %", cifar10_to_94, 60, 120),
    ("DCGAN-64, images/s", functools.partial(gan_speed, kind="dcgan", pixels=64, size=128, steps=40), 30, 0),
    ("DCGAN of MNIST", functools.partial(dcgan_distance, name="mnist"), 45, 60),
    (
        "CycleGAN-256, images/s",
        functools.partial(gan_speed, kind="cyclegan", pixels=256, size=4, steps=10),
        90,
        0,
    ),
    ("DCGAN of CIFAR-10", functools.partial(dcgan_distance, name="cifar10"), 45, 90),
)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=9, help="begin nothing that would end later")
    parser.add_argument("--cifar10", type=Path, help="cifar10_jpeg.npz")
    parser.add_argument("--mnist", type=Path, help="mnist.npz, as keras.datasets keeps it")
    parser.add_argument("--results", type=Path, default=Path(__file__).parent / "results")
    parser.add_argument("--tiny", action="store_true", help="tiny networks and made-up data: does it run")
    options = parser.parse_args()
    if keras.backend.backend() == "tensorflow":
        parser.error("this runs without TensorFlow: set KERAS_BACKEND to jax or torch")
    found = {}
    about = {"date": time.strftime("%Y-%m-%d"), "device": machine.device(), "versions": machine.versions()}
    about |= {"backend": keras.backend.backend(), "tiny": options.tiny}
    for name, measure, least, most in MEASUREMENTS:
        left = 60 * options.minutes - (time.monotonic() - BEGAN)
        needs = {"CIFAR-10": options.cifar10, "MNIST": options.mnist}
        missing = [data for data, file in needs.items() if data in name and file is None and not options.tiny]
        if missing or left < least:
            found[name] = {"left out": f"no file of {missing[0]}" if missing else f"only {left:.0f} s left"}
        else:
            began = time.monotonic()
            try:
                keras.utils.set_random_seed(0)
                found[name] = measure(options, min(most, left - least / 2))
            except (
                Exception
            ) as error:  # the device's own errors, too: out of memory, a kernel that is missing
                found[name] = {"failed": f"{type(error).__name__}: {str(error)[:500]}"}
            found[name]["seconds in all"] = round(time.monotonic() - began, 1)
            keras.backend.clear_session()
        print(f"{name}: {found[name]}", flush=True)
        write_json(
            options.results / ("gpu_tiny.json" if options.tiny else "gpu.json"), {**about, "found": found}
        )


if __name__ == "__main__":
    main()
