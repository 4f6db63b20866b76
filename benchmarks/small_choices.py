"""What small choices in the code are worth: the time of the other way divided by the time of ours, in one run.

    python benchmarks/small_choices.py

- `augment/brightness.py` cuts at 1 by comparing with an array, not with a number;
- `data/scenes/outlines.py` takes sqrt(x x + y y), not `np.hypot`;
- `layers/upsampling_conv2d.py` computes a transposed convolution as one of 2x2 pixels;
- `gradient_order.py` turns one optimization of TensorFlow's graphs off, which must cost nothing (a ratio near 1).

Both ways take turns; the quickest run of each counts, since other work on the machine can only make one slower.
"""

import argparse
import functools
import time

import numpy as np
from measured import keep


def brightness(rng):
    """Pixels of 64 images, compared with an array of ones or with the number 1."""
    images, white = rng.random((64, 64, 64, 3), dtype="float32"), np.ones((1, 64, 64, 3), "float32")
    out = np.empty_like(images)
    return lambda: np.minimum(images, white, out=out), lambda: np.minimum(images, 1, out=out)


def outlines(rng):
    """Distances of the pixels of 64 scenes."""
    x, y = rng.normal(size=(2, 64, 64, 64)).astype("float32")
    return lambda: np.sqrt(x * x + y * y), lambda: np.hypot(x, y)


def upsampling(rng, factor):
    """A step through the layer and back: 32 images of 64x64 pixels and five classes; the same numbers come out."""
    import keras
    import tensorflow as tf

    from keras_cv_course.layers.upsampling_conv2d import UpsamplingConv2D

    maps = tf.constant(rng.normal(size=(32, 64 // factor, 64 // factor, 5)).astype("float32"))
    ours = UpsamplingConv2D(5, factor)
    theirs = keras.layers.Conv2DTranspose(5, 2 * factor, strides=factor, padding="same")
    for layer in (ours, theirs):
        layer.build(maps.shape)
    theirs.set_weights(ours.get_weights())
    np.testing.assert_allclose(ours(maps), theirs(maps), atol=1e-4)

    def step_of(layer):
        @tf.function
        def step():
            with tf.GradientTape() as tape:
                tape.watch(maps)
                loss = tf.reduce_sum(layer(maps) ** 2)
            return tape.gradient(loss, [maps, *layer.trainable_weights])

        return step

    return step_of(ours), step_of(theirs)


def gradient_order(rng):
    """An epoch of `fit` of a small convolutional network, without and with the optimization.

    The switch is TensorFlow's own for the whole process; it is read when a function is traced.
    """
    import keras
    import tensorflow as tf

    images = rng.random((1280, 16, 16, 3), dtype="float32")
    labels = rng.integers(0, 10, 1280)

    def epoch_with(optimization):
        layers = keras.layers
        model = keras.Sequential(
            [layers.Conv2D(32, 3, activation="relu"), layers.Flatten(), layers.Dense(10)]
        )
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("sgd", loss, steps_per_execution=10, jit_compile=False)

        def epoch():
            tf.config.optimizer.set_experimental_options({"dependency_optimization": optimization})
            model.fit(images, labels, batch_size=64, verbose=0)

        return epoch

    return epoch_with(False), epoch_with(True)


CHOICES = {"brightness": brightness, "outlines": outlines}
CHOICES |= {
    f"upsampling by {factor}": functools.partial(upsampling, factor=factor) for factor in (2, 4, 8, 16, 32)
}
CHOICES |= {"gradient order": gradient_order}


def best_times(ways, runs):
    """The quickest of some runs of each way, in seconds, after one that does not count."""
    best = [float("inf")] * len(ways)
    for run in range(runs + 1):
        for index, way in enumerate(ways):
            began = time.perf_counter()
            way()
            if run:
                best[index] = min(best[index], time.perf_counter() - began)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=50)
    options = parser.parse_args()
    rng, found = np.random.default_rng(0), {}
    for name, ways in CHOICES.items():
        ours, other = best_times(ways(rng), options.runs)
        found[name] = dict(ours=ours, other=other, ratio=other / ours)
        print(f"{name:<18} ours {1e3 * ours:8.3f} ms   other {1e3 * other:8.3f} ms   {other / ours:.2f}")
    keep(__file__, found)


if __name__ == "__main__":
    main()
