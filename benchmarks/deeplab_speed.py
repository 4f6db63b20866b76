"""Seconds of a training step: our DeepLabv3+ and keras-cv's, of about as many weights, in one process.

Both see the same pictures (128x128, batches of 8, 21 classes), are compiled alike (Adam, cross-entropy of
logits, no XLA) and take turns, so that whatever else the machine does meets both. Theirs is keras-cv's
`DeepLabV3Plus` on a narrow ResNet V2 of 18 layers, built by its numbers, as the named ones ask the network;
ours is DeepLab at output stride 16. A step is a call of `train_on_batch`; the first ones, which compile, do
not count.

    python benchmarks/deeplab_speed.py --steps 20
"""

import argparse
import statistics
import time

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
        # keras-cv's answers are probabilities already.
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=side == "ours")
        model.compile(keras.optimizers.Adam(), loss, jit_compile=False)
    for step in range(options.steps + 2):
        for side, model in models.items():
            began = time.perf_counter()
            model.train_on_batch(images, masks)
            if step >= 2:
                seconds[side].append(time.perf_counter() - began)
    for side, times in seconds.items():
        count = models[side].count_params()
        print(f"{side}: {count:,} weights, {1000 * statistics.median(times):.0f} ms a step (median)")
    ratio = statistics.median(seconds["keras-cv"]) / statistics.median(seconds["ours"])
    print(f"keras-cv's seconds / ours: {ratio:.2f}")


if __name__ == "__main__":
    main()
