"""Seconds of a training step: our DeepLabv3+ and keras-cv's, of about as many weights, in one process.

**These are two networks, not one**: keras-cv offers `DeepLabV3Plus` on ResNets, MobileNets and the like, ours has the
paper's modified Xception of separable convolutions at output stride 16. Theirs stands on a narrow ResNet V2 of 18
layers, built by its numbers, as the named ones ask the network. The weights, and the floating-point operations of a
forward pass that are printed beside the seconds, say how far the two are alike; the seconds compare the models as
a user gets them, not two programs for the same arithmetic.

Both see the same images (128x128, batches of 8, 21 classes), are compiled alike (Adam, cross-entropy, no XLA) and take
turns, so that whatever else the machine does meets both. A step is a call of `train_on_batch`; the first ones, which
compile, do not count.

    python benchmarks/deeplab_speed.py --steps 20
"""

import argparse
import statistics
import time

from measured import keep

SHAPE, CLASSES = (128, 128, 3), 21


def ours():
    """Our network, built."""
    from keras_cv_course.segment.deeplab import DeepLab

    model = DeepLab((64, 128, 256, 512), stem_filters=32, block_depth=3, pyramid_filters=256, classes=CLASSES)
    model.build((None, *SHAPE))
    return model


def theirs():
    """keras-cv's network; its backbone has no weights to begin with."""
    import keras_cv

    backbone = keras_cv.models.ResNetV2Backbone(
        stackwise_filters=[64, 64, 96, 128],
        stackwise_blocks=[2, 2, 2, 2],
        stackwise_strides=[1, 2, 2, 2],
        block_type="basic_block",
        include_rescaling=False,
        input_shape=SHAPE,
    )
    return keras_cv.models.DeepLabV3Plus(backbone=backbone, num_classes=CLASSES)


def operations(model):
    """Floating-point operations of a forward pass of one image, as TensorFlow's profiler counts them."""
    import tensorflow as tf

    graph = tf.function(lambda images: model(images, training=False))
    graph = graph.get_concrete_function(tf.TensorSpec((1, *SHAPE), tf.float32)).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    return tf.compat.v1.profiler.profile(graph, options=options).total_float_ops


def main():
    import keras
    import numpy as np

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=20, help="steps of each side, in turn")
    parser.add_argument("--batch-size", type=int, default=8)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    images = rng.random((options.batch_size, *SHAPE), dtype="float32")
    masks = rng.integers(0, CLASSES, images.shape[:3])
    models = {"ours": ours(), "keras-cv": theirs()}
    seconds = {side: [] for side in models}
    for side, model in models.items():
        # keras-cv's predictions are probabilities already.
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=side == "ours")
        model.compile(keras.optimizers.Adam(), loss, jit_compile=False)
    for step in range(options.steps + 2):
        for side, model in models.items():
            began = time.perf_counter()
            model.train_on_batch(images, masks)
            if step >= 2:
                seconds[side].append(time.perf_counter() - began)
    found = {}
    for side, times in seconds.items():
        count, flops = models[side].count_params(), operations(models[side])
        found[side] = {"weights": count, "operations": flops, "seconds": statistics.median(times)}
        print(f"{side}: {count:,} weights, {flops / 1e9:.2f} GFLOP an image, ", end="")
        print(f"{1000 * statistics.median(times):.0f} ms a step (median)")
    keep(__file__, found)
    ratio = statistics.median(seconds["keras-cv"]) / statistics.median(seconds["ours"])
    print(f"keras-cv's seconds / ours: {ratio:.2f}")


if __name__ == "__main__":
    main()
