"""Convolution: one small window slid over the whole image, so what is learnt in one place is known in all."""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.classify.feature_maps import (
    average_pool2d,
    conv2d,
    convolution_parameters,
    feature_map_size,
    max_pool2d,
)
from keras_cv_course.classify.global_pooling import GlobalPoolingClassifier
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.image_rows import image_rows
from keras_cv_course.training.schedules import warmup_cosine
from sprints.day1.figures.convolution import kernel_responses, window_grid

KERNELS = {
    "blur": np.full((3, 3), 1 / 9),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "left edges": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    "top edges": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
}


@lesson(
    quick=dict(limit=256, epochs=2, configurations=10),
    full=dict(dataset="mnist", epochs=10),
    batch_size=32,
    targets={
        dataset: dict(
            largest_difference=at_most(1e-4),
            wrong_sizes_and_counts=at_most(0),
            map_shift_error=at_most(1e-5),
            convolution_accuracy_shifted=at_least(0.9),
            dense_accuracy_lost=at_least(0.3),
        )
        for dataset in ("digits", "mnist")
    },
)
def convolution(
    run,
    dataset: str = "digits",
    size: int = 12,
    largest_shift: int = 5,
    configurations: int = 100,
    filters: tuple[int, ...] = (16, 32, 32),
    epochs: int = 15,
    learning_rate: float = 4e-3,
):
    """Write a convolution, check it against Keras, then see what it keeps when the image moves.

    Args:
        dataset: digits is built in; mnist is downloaded once.
        size: images are enlarged to size x size before a border is put around them.
        largest_shift: the farthest that a test image is moved, in pixels.
        configurations: random kernels, strides and paddings on which ours and Keras' are compared.
        filters: feature maps of the convolutional network.
        epochs: passes over the training images.
        learning_rate: the highest one; it warms up to it and then falls to zero.
    """
    # %% One kernel, one feature map: what does a window of nine numbers see?
    train, _, test = loaded = data.load(dataset, limit=run.limit, size=size)
    shown = test.images[:5]
    maps = {name: conv2d(shown, kernel[..., None, None])[..., 0] for name, kernel in KERNELS.items()}
    title = "Nine numbers decide what a feature map answers to: red where it agrees, blue where it disagrees"
    run.figure("kernels", kernel_responses(shown[..., 0], KERNELS, maps, title), alt=title)

    # %% How many windows fit? floor((N + 2p - k) / s) + 1.
    cases = [
        dict(size=7, kernel=3, stride=1, padding="valid"),
        dict(size=7, kernel=3, stride=1, padding="same"),
        dict(size=7, kernel=3, stride=2, padding="valid"),
        dict(size=8, kernel=3, stride=2, padding="same"),
        dict(size=7, kernel=1, stride=1, padding="valid"),
    ]
    title = "Windows on padded pixels (above) and the feature map they make (below); a colour is a window"
    run.figure("arithmetic", window_grid(cases, title), alt=title)

    # %% Ours against Keras, on random images, kernels, strides and paddings.
    rng = np.random.default_rng(run.seed)
    differences, wrong = [], 0
    for _ in range(configurations):
        kernel, stride = int(rng.integers(1, 6)), int(rng.integers(1, 4))
        channels, count = int(rng.integers(1, 5)), int(rng.integers(1, 5))
        padding = str(rng.choice(["valid", "same"]))
        height, width = (int(side) for side in rng.integers(kernel, 13, 2))
        images = rng.standard_normal((2, height, width, channels)).astype("float32")
        layer = keras.layers.Conv2D(count, kernel, stride, padding, bias_initializer="normal")
        theirs = np.asarray(layer(images))
        weights, bias = layer.get_weights()
        ours = conv2d(images, weights, bias, stride, padding)
        wrong += ours.shape[1] != feature_map_size(height, kernel, stride, padding)
        wrong += layer.count_params() != convolution_parameters(kernel, channels, count)
        pools = (
            (max_pool2d, keras.layers.MaxPooling2D),
            (average_pool2d, keras.layers.AveragePooling2D),
        )
        for ours_pooled, pooling in pools:
            pooled = np.asarray(pooling(kernel, stride, padding)(images))
            differences.append(np.abs(ours_pooled(images, kernel, stride, padding) - pooled).max())
        differences.append(np.abs(ours - theirs).max())
    run.metrics(largest_difference=max(differences), wrong_sizes_and_counts=wrong)

    # %% Two networks learn on centred images; neither ever sees one that has moved.
    # Wide enough that no window which sees a moved digit meets the edge.
    border = largest_shift + len(filters)
    around = ((0, 0), (border, border), (border, border), (0, 0))
    centred = np.pad(train.images, around)
    side = centred.shape[1]
    networks = {
        "convolutions and global pooling": GlobalPoolingClassifier(filters, len(loaded.info.classes)),
        "dense layers": keras.Sequential(
            [keras.layers.Flatten(), keras.layers.Dense(64, "relu"), keras.layers.Dense(10)]
        ),
    }
    for name, network in networks.items():
        batches = run.batches(centred, train.labels)
        network.build((None, *centred.shape[1:]))
        rate = warmup_cosine(learning_rate, steps=epochs * len(batches))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile(
            keras.optimizers.Adam(rate),
            loss,
            metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
            **run.compile_options,
        )
        network.fit(batches, epochs=epochs, callbacks=run.callbacks(name.split()[0]))

    # %% Move the test images: the convolutional network goes along, the dense one is lost.
    canvas = np.pad(test.images, around)
    moved = {pixels: np.roll(canvas, (pixels, pixels), axis=(1, 2)) for pixels in range(largest_shift + 1)}
    lines = {
        name: [
            network.evaluate(images, test.labels, batch_size=500, verbose=0)[1] for images in moved.values()
        ]
        for name, network in networks.items()
    }
    kept, lost = lines.values()
    run.metrics(
        convolution_accuracy=kept[0],
        convolution_accuracy_shifted=kept[-1],
        dense_accuracy=lost[0],
        dense_accuracy_shifted=lost[-1],
        dense_accuracy_lost=lost[0] - lost[-1],
        convolution_parameters=networks["convolutions and global pooling"].count_params(),
        dense_parameters=networks["dense layers"].count_params(),
    )
    title = "A window that has learnt an edge knows it everywhere; a dense layer has learnt one place"
    run.figure(
        "shift", curves(list(moved), lines, title, "pixels down and to the right", "test accuracy"), alt=title
    )
    run.figure(
        "moved",
        image_rows(
            {f"{pixels} pixels": images for pixels, images in moved.items()}, "What the networks are asked"
        ),
        alt="What the networks are asked",
    )

    # %% Why: a shifted image has the same feature maps, shifted by as much.
    network = networks["convolutions and global pooling"]
    before, after = (np.asarray(network.endpoints(images[:20])["conv1"]) for images in (moved[0], moved[1]))
    inner = slice(3, side - 3)
    run.metrics(map_shift_error=np.abs(np.roll(before, (1, 1), (1, 2)) - after)[:, inner, inner].max())
    run.save(
        network,
        signature=(None, None, None, train.images.shape[-1]),
        note="In: images in [0, 1] of any size. Out: logits of the classes.",
    )


if __name__ == "__main__":
    convolution.main()
