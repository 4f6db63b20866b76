"""Training images a second of our U-Net, beside a plain functional one of the same sizes.

The peer is written below with `keras.layers` alone, in the way Keras' public examples write a U-Net: one
function, "same" padding, batch normalisation, transposed convolutions, concatenation. Both have the same
number of weights, the same images and batches, the same optimizer and loss, and take turns; the table shows
the fastest turn of each and how many times as fast ours is, which is to be 1 or more.

    python benchmarks/unet_speed.py
    python benchmarks/unet_speed.py --filters 16 32 64 128 --size 128 --precision mixed_bfloat16
"""

import argparse
import os
import time

from measured import keep

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def plain(filters, classes, size):
    """The peer: a functional U-Net."""
    import keras
    from keras import layers

    def pair(maps, count):
        for _ in range(2):
            maps = layers.Conv2D(count, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(
                maps
            )
            maps = layers.BatchNormalization(momentum=0.9)(maps)
            maps = layers.Activation("relu")(maps)
        return maps

    inputs = keras.Input((size, size, 3))
    maps, skips = pair(inputs, filters[0]), []
    for count in filters[1:]:
        skips.append(maps)
        maps = pair(layers.MaxPooling2D(2)(maps), count)
    for count, skip in zip(filters[-2::-1], reversed(skips), strict=True):
        maps = layers.Conv2DTranspose(count, 2, strides=2, kernel_initializer="he_normal")(maps)
        maps = pair(layers.Concatenate()([skip, maps]), count)
    return keras.Model(inputs, layers.Conv2D(classes, 1, dtype="float32")(maps))


def ours(filters, classes, size):
    from keras_cv_course.segment.unet import UNet

    model = UNet(filters, classes, padding="same", batch_norm=True, dropout=0.0)
    model.build((None, size, size, 3))
    return model


def measure(filters, classes, size, batch_size, steps, turns, precision):
    """{side: (images a second of the fastest turn, seconds until the first step is done)}."""
    import keras
    import numpy as np
    import tensorflow as tf

    keras.config.set_dtype_policy(precision)
    rng = np.random.default_rng(0)
    images = rng.random((steps * batch_size, size, size, 3), dtype="float32")
    masks = rng.integers(0, classes, images.shape[:3], "uint8")
    batches = tf.data.Dataset.from_tensor_slices((images, masks)).batch(batch_size).cache().prefetch(2)
    models, first, seconds = {}, {}, {"plain": [], "ours": []}
    for side, make in (("plain", plain), ("ours", ours)):
        keras.utils.set_random_seed(0)
        models[side] = make(filters, classes, size)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        models[side].compile(keras.optimizers.Adam(1e-3), loss, steps_per_execution=steps)
        began = time.perf_counter()
        models[side].fit(batches, verbose=0)
        first[side] = time.perf_counter() - began
    counts = {side: model.count_params() for side, model in models.items()}
    assert counts["plain"] == counts["ours"], counts
    for _ in range(turns):
        for side, model in models.items():
            began = time.perf_counter()
            model.fit(batches, verbose=0)
            seconds[side].append(time.perf_counter() - began)
    rates = {side: steps * batch_size / min(values) for side, values in seconds.items()}
    return {side: (rates[side], first[side]) for side in models}, counts["ours"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--filters", type=int, nargs="+", default=(8, 16, 32, 64))
    parser.add_argument("--classes", type=int, default=11)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--steps", type=int, default=10, help="steps a turn")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--precision", default="float32", help="float32, mixed_bfloat16 or mixed_float16")
    options = parser.parse_args()
    rates, weights = measure(
        tuple(options.filters), options.classes, options.size, options.batch_size, options.steps,
        options.turns, options.precision,
    )  # fmt: skip
    size = f"{options.size}x{options.size} pixels, batches of {options.batch_size}"
    print(f"{size}, {options.precision}, {weights:,} weights")
    for side, (rate, first) in rates.items():
        print(f"{side:<6} {rate:8.1f} images/s  {first:6.1f} s for the first {options.steps} steps")
    print(f"ratio  {rates['ours'][0] / rates['plain'][0]:8.3f}")
    keep(__file__, {side: dict(images_per_second=rate, first=first) for side, (rate, first) in rates.items()})


if __name__ == "__main__":
    main()
