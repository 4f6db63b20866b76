"""Images a second of our published networks beside the ones of `keras.applications`, in one run.

    python benchmarks/applications_speed.py
    python benchmarks/applications_speed.py --precision mixed_bfloat16 --networks resnet50

The same weights, images and optimizer; forward pass and training step, each compiled by TensorFlow as `fit`
does it. Ours and theirs take turns, and the ratio is the median of the turns' ratios, so that other work on
the machine meets both alike.
"""

import argparse
import statistics
import time

from measured import keep

NETWORKS = ("vgg16", "vgg19", "resnet50", "densenet121", "efficientnetb0")


def pair(name, size):
    """Our network and theirs with the same fresh weights, compiled with the same optimizer."""
    import keras

    from keras_cv_course.training import imagenet_weights

    theirs = imagenet_weights.keras_application(name, weights=None, size=size)
    ours = imagenet_weights.published(name).make(1000)
    ours.build((None, size, size, 3))
    imagenet_weights.copy_from_keras(name, theirs, ours)
    for model in (ours, theirs):
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(1e-5), loss)
    return ours, theirs


def seconds(function, *arguments):
    """Wall time of one call."""
    began = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=NETWORKS)
    parser.add_argument("--precision", choices=("float32", "mixed_bfloat16"), default="float32")
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--size", type=int, default=224, help="height and width of the images")
    parser.add_argument("--turns", type=int, default=7)
    options = parser.parse_args()

    import keras
    import numpy as np

    keras.config.set_dtype_policy(options.precision)
    rng = np.random.default_rng(0)
    images = rng.random((options.batch_size, options.size, options.size, 3), dtype="float32")
    labels = rng.integers(0, 1000, options.batch_size)
    print(f"images a second, {options.precision}, batches of {options.batch_size}, {options.size} pixels")
    print(f"{'network':<16}{'':<10}{'ours':>8}{'theirs':>8}{'ratio':>8}  lowest to highest turn")
    found = {}
    for name in options.networks:
        models = pair(name, options.size)
        steps = {
            "forward": [lambda model=model: model.predict_on_batch(images) for model in models],
            "training": [lambda model=model: model.train_on_batch(images, labels) for model in models],
        }
        for step, functions in steps.items():
            for function in functions:  # compiles
                function()
            turns = [[seconds(function) for function in functions] for _ in range(options.turns)]
            ratios = [theirs / ours for ours, theirs in turns]
            ours, theirs = (options.batch_size / statistics.median(side) for side in zip(*turns))
            found[f"{name}, {step}"] = dict(ours=ours, theirs=theirs, ratio=statistics.median(ratios))
            spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
            print(
                f"{name:<16}{step:<10}{ours:8.2f}{theirs:8.2f}{statistics.median(ratios):8.3f}  {spread}",
                flush=True,
            )
        keras.backend.clear_session()
    keep(__file__, found)


if __name__ == "__main__":
    main()
