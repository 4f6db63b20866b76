"""Images a second of our augmentations, beside those of Keras and of keras-cv, in one run.

Ours work on NumPy batches, the layers on tensors within `tf.data`, which is where each is at its fastest. All
three take turns, several times; the table shows each one's best turn and how many times as fast ours is.
Seconds are those of the processor, all threads together, so that other programs on the machine matter little.

All do the same work: a crop is padding by 4 pixels, then a window of its own for each image. Keras' `RandomCrop` cuts
one window for a whole batch, so that crops of layers run on single images, which are then put together.

    taskset -c 0 python benchmarks/augment_speed.py
"""

import argparse
import os
import time

from measured import keep

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
CLASSES, PADDING = 10, 4
SIDES = ("ours", "Keras", "keras-cv")


def ours():
    """{transform: function (batch, rng) -> batch}."""
    from functools import partial

    from keras_cv_course.augment.affine import random_affine, random_rotation
    from keras_cv_course.augment.brightness import random_brightness
    from keras_cv_course.augment.crop import random_crop
    from keras_cv_course.augment.cutmix import random_cutmix
    from keras_cv_course.augment.cutout import random_cutout
    from keras_cv_course.augment.flip import random_flip
    from keras_cv_course.augment.mixup import random_mixup
    from keras_cv_course.augment.randaugment import random_augment

    return {
        "brightness": random_brightness,
        "flip": random_flip,
        "crop": random_crop,
        "rotation": random_rotation,
        "affine": random_affine,
        "cutout": random_cutout,
        "mixup": random_mixup,
        "cutmix": random_cutmix,
        "randaugment": partial(random_augment, operations=2, magnitude=5),
    }


def layers_of_keras(size):
    """{transform: layer}, with the same knobs as near as they go."""
    from keras import layers

    black = dict(fill_mode="constant")
    return {
        "brightness": layers.RandomBrightness(0.2, value_range=(0, 1)),
        "flip": layers.RandomFlip("horizontal"),
        "crop": [layers.ZeroPadding2D(PADDING), layers.RandomCrop(size, size)],
        "rotation": layers.RandomRotation(15 / 360, **black),
        "cutout": layers.RandomErasing(1.0, scale=(1 / 16, 1 / 16), value_range=(0, 1)),
        "mixup": layers.MixUp(0.2),
        "cutmix": layers.CutMix(),
        "randaugment": layers.RandAugment((0, 1), num_ops=2, factor=0.5),
    }


def layers_of_keras_cv(size):
    """{transform: layer}, with the same knobs as near as they go."""
    from keras.layers import ZeroPadding2D
    from keras_cv import layers

    black = dict(fill_mode="constant")
    return {
        "brightness": layers.RandomBrightness((-0.2, 0.2), value_range=(0, 1)),
        "flip": layers.RandomFlip("horizontal"),
        "crop": [ZeroPadding2D(PADDING), layers.RandomCrop(size, size)],
        "rotation": layers.RandomRotation(15 / 360, **black),
        "cutout": layers.RandomCutout(0.25, 0.25),
        "mixup": layers.MixUp(0.2),
        "cutmix": layers.CutMix(),
        "randaugment": layers.RandAugment((0, 1), augmentations_per_image=2, magnitude=0.5),
    }


def source(layer, batch):
    """An endless iterator of the batches of a layer, or of a list of layers."""
    import tensorflow as tf

    if isinstance(layer, list):
        pad, crop = layer
        images = tf.data.Dataset.from_tensor_slices(batch["images"]).repeat()
        cropped = images.map(lambda image: crop(pad(image[None]), training=True)[0])
        return iter(cropped.batch(len(batch["images"])))
    mixes = type(layer).__name__ in ("MixUp", "CutMix")
    given = batch if mixes else batch["images"]
    call = layer if mixes else lambda images: layer(images, training=True)
    return iter(tf.data.Dataset.from_tensors(given).repeat().map(call))


def seconds(step, least=0.15):
    """The processor's seconds a step, over as many steps as fill a little time."""
    steps, began = 0, time.process_time()
    while time.process_time() - began < least:
        step()
        steps += 1
    return (time.process_time() - began) / steps


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=32, help="height and width of the images")
    parser.add_argument("--batch", type=int, default=128, help="images a batch")
    parser.add_argument("--turns", type=int, default=5, help="times that each one's turn comes")
    options = parser.parse_args()

    import numpy as np

    rng = np.random.default_rng(0)
    batch = {
        "images": rng.random((options.batch, options.size, options.size, 3), dtype="float32"),
        "labels": np.eye(CLASSES, dtype="float32")[rng.integers(0, CLASSES, options.batch)],
    }
    steps = {name: {"ours": lambda f=f: f(batch, rng)} for name, f in ours().items()}
    for library, made in (
        ("Keras", layers_of_keras(options.size)),
        ("keras-cv", layers_of_keras_cv(options.size)),
    ):
        for name, layer in made.items():
            stream = source(layer, batch)
            steps[name][library] = lambda stream=stream: next(stream)

    size = f"{options.size} x {options.size} x 3"
    print(f"batches of {options.batch} images of {size}, images a second of one core")
    print(f"{'':<12}" + "".join(f"{title:>15}" for title in (*SIDES, "ours/Keras", "ours/keras-cv")))
    found = {}
    for name, sides in steps.items():
        for step in sides.values():  # traced and warmed up
            step()
            step()
        times = {side: [] for side in sides}
        for _ in range(options.turns):
            for side, step in sides.items():
                times[side].append(seconds(step))
        speed = {side: options.batch / min(values) for side, values in times.items()}
        found[name] = speed
        ratios = {side: speed["ours"] / value for side, value in speed.items()}
        cells = [f"{speed[side]:,.0f}" if side in speed else "-" for side in SIDES]
        cells += [f"{ratios[side]:.2f}" if side in ratios else "-" for side in SIDES[1:]]
        print(f"{name:<12}" + "".join(f"{cell:>15}" for cell in cells), flush=True)
    keep(__file__, found)


if __name__ == "__main__":
    main()
