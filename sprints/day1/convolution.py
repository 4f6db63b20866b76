"""Convolution: one small kernel slides over the image, so what is learned in one place is known in all places.

You will be able to:

- compute a feature map, its size and the number of parameters by hand;
- say what stride, padding, 1×1 kernels and pooling do;
- explain equivariance and invariance to shifts, and measure what a dense layer lacks.

Before: `day0` (a network, a loss, a training). No convolution.

Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document Recognition", Proceedings
of the IEEE 1998, section II.A. V. Dumoulin, F. Visin, "A Guide to Convolution Arithmetic for Deep Learning",
arXiv:1603.07285, 2016, sections 2 and 3. M. Lin, Q. Chen, S. Yan, "Network In Network", ICLR 2014, section 3.2.
"""

from functools import partial

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.augment.augmentation import augmented
from keras_cv_course.augment.shift import random_shift, recentre
from keras_cv_course.baselines.classifiers import support_vectors
from keras_cv_course.baselines.keras_convolution import differences_from_keras
from keras_cv_course.classify.feature_maps import conv2d
from keras_cv_course.classify.global_pooling import GlobalPoolingClassifier
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.plot.curves import curves
from keras_cv_course.plot.image_rows import image_rows
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day1.figures.convolution import CASES, kernel_responses, window_grid

KERNELS = {
    "blur": np.full((3, 3), 1 / 9),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "left edges": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    "top edges": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
}


def dense_network(classes):
    """784 → 256 → 10 units on 28×28 pixels: each pixel has its own weight to each hidden unit."""
    layers = keras.layers
    return keras.Sequential([layers.Flatten(), layers.Dense(256, "relu"), layers.Dense(classes)])


@lesson(
    quick=dict(limit=256, epochs=1, copies=2, configurations=10),
    full=dict(dataset="mnist", epochs=10, copies=2),
    batch_size=32,
    targets={
        dataset: dict(
            gain_over_augmented=at_least(0.03),
            accuracy_lost=at_most(0.01),
            equivariance_error=at_most(1e-5),
            max_difference=at_most(1e-5),
            count_mismatches=at_most(0),
        )
        for dataset in ("digits", "mnist")
    },
)
def convolution(
    run,
    dataset: str = "digits",
    size: int = 12,
    max_shift: int = 5,
    configurations: int = 100,
    filters: tuple[int, ...] = (16, 32, 32),
    copies: int = 4,
    epochs: int = 15,
    learning_rate: float = 4e-3,
):
    """Write a convolution, check it against Keras, then shift the images and see which network notices.

    Args:
        dataset: digits is built in; mnist is downloaded once.
        size: images are brought to size x size pixels before black pixels are put around them.
        max_shift: the farthest that images are shifted, in pixels.
        configurations: random kernels, strides and paddings on which ours and Keras' are compared.
        filters: feature maps of the convolutions.
        copies: randomly shifted copies of each image an epoch from which the third network learns.
        epochs: passes over the training images.
        learning_rate: the highest one; it warms up to it and then falls to zero; above 0.

    Metrics:
        max_difference: largest absolute difference between our convolution and Keras'.
        count_mismatches: sizes of feature maps and numbers of parameters that differ from Keras'.
        equivariance_error: largest difference between the shifted feature map and that of the shifted image.
        accuracy: share of the centred test images that the convolutional network classifies correctly.
        accuracy_shifted: the same for test images that are shifted by max_shift, down and right.
        accuracy_lost: accuracy minus accuracy_shifted.
        dense_accuracy_lost: the same loss of the dense network that learned from centred images.
        gain_over_augmented: accuracy_shifted minus that of the dense network that learned from shifted images.
        parameters: weights of the convolutional network.
    """
    # %% One kernel, one feature map
    # A kernel $w$ of 3×3 weights lies on a window of the image $x$; the products are summed,
    # $y_{ij} = b + \sum_{a,c} w_{ac}\, x_{i+a,\,j+c}$ with a bias $b$. Then it moves on by one pixel. The same nine
    # weights are used everywhere, and the results form a feature map. Mathematics flips the kernel first and calls what
    # you see here cross-correlation; for a learned kernel it makes no difference. The weights decide what the map
    # shows: nine times 1/9 is the mean of the window, a blur; a difference of right and left columns responds to
    # vertical edges. In the figure red is positive and blue negative: compare the left with the top edges of one digit.
    train, _, test = loaded = data.load(dataset, limit=run.limit, size=size)
    some = test.images[:5]
    maps = {name: conv2d(some, kernel[..., None, None])[..., 0] for name, kernel in KERNELS.items()}
    figure = kernel_responses(
        some[..., 0], KERNELS, maps, "Four kernels, and their feature maps of five digits"
    )
    run.figure(
        "kernels", figure, alt="Five digits; below, in a row for each of four kernels, their feature maps."
    )

    # %% How large is the feature map?
    # $N$ pixels, a kernel of $k$, $p$ zeros on each side and a stride of $s$ make
    # $\lfloor (N + 2p - k) / s \rfloor + 1$ windows along an axis. "Valid" means $p = 0$: 28 pixels and a 3×3 kernel
    # give 26. "Same" pads so that stride 1 keeps the size; with stride 2 it halves it, rounded up. The last panel has a
    # 1×1 kernel: it sees one pixel, and mixes its channels only. With $C_{in}$ channels every kernel has
    # $k \cdot k \cdot C_{in}$ weights and a bias, and each of $C_{out}$ kernels makes one map:
    # $(k^2 C_{in} + 1)\, C_{out}$ parameters, whatever the size of the image.
    #
    # The exercises ask you for `conv2d`, the first formula in NumPy. Here it is compared with Keras' layer on random
    # sizes, kernels, strides and paddings, and so are the two formulas of this step.
    figure = window_grid(CASES, "Windows on padded images (top), and the feature maps (bottom)")
    run.figure(
        "arithmetic", figure, alt="Five grids of pixels with windows, each above its smaller feature map."
    )
    max_difference, mismatches = differences_from_keras(configurations, run.rng)
    run.metrics(max_difference=max_difference, count_mismatches=mismatches)

    # %% Three networks
    # Digits of 12×12 pixels lie in the middle of a black image of 28×28. The convolutional network has three 3×3
    # convolutions, 28×28×1 → 28×28×16 → 28×28×32 → 28×28×32; then global max-pooling keeps the largest value of each
    # map, 32 numbers, and a dense layer makes 10 logits: 160 + 4,640 + 9,248 + 330 = 14,378 parameters. The dense
    # network has 784 → 256 → 10 units and 203,530 parameters, one for each pixel and hidden unit. Both learn from
    # centred digits. The third network is the dense one again, with the usual remedy, data augmentation: it learns from
    # copies that are shifted at random, four times as many.
    margin = max_shift + len(filters)  # so wide that a shifted digit stays clear of the edge
    around = ((0, 0), (margin, margin), (margin, margin), (0, 0))
    centred, classes = np.pad(train.images, around), len(loaded.classes)
    networks = {
        "convolutional": (GlobalPoolingClassifier(filters, classes), 0, 1),
        "dense": (dense_network(classes), 0, 1),
        "dense, augmented": (dense_network(classes), max_shift, copies),
    }
    for name, (network, pixels, times) in networks.items():
        network.build((None, *centred.shape[1:]))
        batches = run.batches(centred, train.labels, steps=times * -(-len(centred) // run.batch_size))
        batches = augmented(batches, partial(random_shift, pixels=pixels), run.seed, clock=run.clock)
        optimizer = adam_with_warmup(learning_rate, epochs * len(batches))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile(optimizer, loss, metrics=["accuracy"], **run.compile_options)
        network.fit(batches, epochs=epochs, callbacks=run.callbacks(name.replace(", ", "_"), of=3))
    ours = run.show(networks["convolutional"][0])

    # %% Shift the test images
    # Each network classifies the test images, shifted down and right by 0, 1, 2 ... pixels. There is one more remedy
    # for one object on black: shift its centre of mass back to the middle first. A support vector machine (SVM) on such
    # images is noted as a baseline. It needs no network, but a second object in the image would mislead it.
    canvas = np.pad(test.images, around)
    views = {pixels: np.roll(canvas, (pixels, pixels), axis=(1, 2)) for pixels in range(max_shift + 1)}
    lines = {
        name: [network.evaluate(images, test.labels, 500, verbose=0)[1] for images in views.values()]
        for name, (network, *_) in networks.items()
    }
    machine = support_vectors(recentre(centred), train.labels, (40, 3))
    rivals = {
        "dense": lines["dense"][-1],
        "dense, trained on shifted images": lines["dense, augmented"][-1],
        "SVM on recentred images": np.mean(machine(recentre(views[max_shift])) == test.labels),
    }
    for name, value in rivals.items():
        run.baseline("accuracy_shifted", name, value)
    accuracy, *_, shifted = lines["convolutional"]
    run.metrics(
        accuracy=accuracy,
        accuracy_shifted=shifted,
        accuracy_lost=accuracy - shifted,
        dense_accuracy_lost=lines["dense"][0] - lines["dense"][-1],
        gain_over_augmented=shifted - lines["dense, augmented"][-1],
        parameters=ours.count_params(),
    )
    figure = curves(
        list(views), lines, "Accuracy on shifted test images", "pixels down and right", "accuracy"
    )
    run.figure("shift", figure, alt="Accuracy against the shift: one line for each of three networks.")
    rows = {f"{pixels} px": images for pixels, images in views.items()}
    figure = image_rows(rows, "Shifted test images")
    run.figure("shifted", figure, alt="Ten digits a row; each row is shifted farther down and right.")

    # %% Why
    # Let $T$ shift an image by one pixel. Convolution commutes with it, $f(Tx) = T f(x)$: the map of the shifted image
    # is the shifted map. That is equivariance. The maximum over the whole map does not depend on where it is,
    # $\max f(Tx) = \max f(x)$: invariance. No shifted digit had to be seen for that; it follows from weights that all
    # windows share. It ends near the edge of the image, where the windows of later layers see padding in place of maps:
    # there a logit can change a little, and with it, rarely, a prediction. In a dense layer pixel 300 has a weight of
    # its own, which learns nothing about pixel 301. The metric `equivariance_error` is the largest $|f(Tx) - T f(x)|$
    # of the first convolution, away from the edge.
    before, after = (
        keras.ops.convert_to_numpy(ours.endpoints(views[pixels][:20])["conv1"]) for pixels in (0, 1)
    )
    difference = np.abs(np.roll(before, (1, 1), axis=(1, 2)) - after)
    run.metrics(equivariance_error=difference[:, 3:-3, 3:-3].max())

    # %% Try it
    # 1. `--filters 16`: one convolution in place of three, 330 parameters. Shifted images are still classified as
    #    centred ones are, but the accuracy is 0.51 in place of 0.98: the largest responses to 16 small kernels say
    #    which strokes there are, not how they are put together. Invariance alone makes no classifier; depth does the
    #    rest.
    # 2. `--copies 16`: four times as many shifted copies. The augmented dense network comes from 0.903 to 0.944 at a
    #    shift of 5 pixels, nearer to the convolutional one's 0.981, which has seen no shifted image at all.
    # 3. `--preset full` does the same on MNIST's digits, brought to 12×12 pixels. It is not from a paper.
    run.save(
        ours,
        signature=(None, None, None, train.images.shape[-1]),
        note="In: images in [0, 1] of any size. Out: logits of the classes.",
    )


if __name__ == "__main__":
    convolution.main()
