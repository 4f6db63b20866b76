"""Deformable convolution: a kernel whose sampling points move with the object, by offsets that it learns.

You will be able to:

- write down what a deformable convolution computes, and why it starts as an ordinary one;
- read a figure of its sampling points;
- compare layers fairly: the same images, and as many weights and multiply-adds.

Before: `day1.convolution`, `day1.cnn`.

J. Dai, H. Qi, Y. Xiong, Y. Li, G. Zhang, H. Hu, Y. Wei, "Deformable Convolutional Networks", ICCV 2017, section 2.1.
F. Yu, V. Koltun, "Multi-Scale Context Aggregation by Dilated Convolutions", ICLR 2016, section 2.
"""

import keras
import numpy as np

from keras_cv_course import data
from keras_cv_course.augment.affine import affine_matrices, random_affine, warp
from keras_cv_course.baselines.keras_convolution import difference_without_offsets
from keras_cv_course.classify.deformable_classifier import DeformableClassifier
from keras_cv_course.layers.deformable_convolution import rms_radius
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.plot.curves import curves
from keras_cv_course.training.schedules import adam_with_warmup
from sprints.day1.figures.deformable import sampling_points

SCALES = (0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6)
# Name, and the arguments of `affine_matrices`.
WARPS = {
    "original": {},
    "half size": dict(scale=0.5),
    "larger": dict(scale=1.4),
    "rotated": dict(degrees=40),
    "sheared": dict(shear=(0.5, 0.0)),
}


@lesson(
    quick=dict(limit=256, copies=1),
    full=dict(dataset="fashion_mnist", filters=(32, 64, 128), copies=5, batch_size=64),
    batch_size=32,
    targets={
        "shapes:silhouettes": dict(
            gain_over_plain=at_least(0.03),
            gain_over_dilated=at_least(0.03),
            gain_over_wider=at_least(0.01),
            zero_offset_difference=at_most(1e-4),
        ),
        **{name: dict(zero_offset_difference=at_most(1e-4)) for name in ("digits", "mnist", "fashion_mnist")},
    },
)
def deformable(
    run,
    dataset: str = "shapes:silhouettes",
    size: int = 32,
    turn: float = 45.0,
    scale: tuple[float, float] = (0.7, 1.6),
    shear: float = 0.5,
    filters: tuple[int, int, int] = (16, 32, 64),
    offset_scale: float = 0.1,
    copies: int = 4,
    learning_rate: float = 2e-2,
):
    """Train one small network five times, each time with another last layer, on warped shapes.

    Args:
        dataset: silhouettes and digits are built in; mnist and fashion_mnist are downloaded once.
        size: images are brought to size x size pixels.
        turn: each image is rotated by up to so many degrees to either side.
        scale: each image is scaled by a factor between these two; above 0.
        shear: each image is sheared by up to so many pixels a pixel.
        filters: feature maps of the three convolutions.
        offset_scale: factor of the offsets, see `DeformableConv2D`.
        copies: each training image is warped in so many ways; each copy is seen once.
        learning_rate: the highest one; it warms up to it and then falls to zero; above 0.

    Metrics:
        zero_offset_difference: largest difference from Conv2D with the same kernel, before training.
        accuracy: share of the warped test images that the deformable network classifies correctly.
        gain_over_plain: accuracy minus that with an ordinary last convolution.
        gain_over_dilated: accuracy minus that with a dilated last convolution, rate 2.
        gain_over_wider: accuracy minus that with an ordinary last convolution of twice the filters.
        gain_over_deeper: accuracy minus that with one more ordinary convolution.
        radius_growth: RMS radius of the sampling points on objects of scale 1.6, over that at 0.4.
    """
    # %% Points that move
    # An ordinary 3×3 convolution samples the map $x$ on a fixed grid $p_n \in \{(-1, -1), \dots, (1, 1)\}$ around
    # $p_0$: $y(p_0) = \sum_n w(p_n)\, x(p_0 + p_n)$. The deformable one adds an offset to each point,
    # $y(p_0) = \sum_n w(p_n)\, x(p_0 + p_n + \Delta p_n)$. A second convolution on the same map predicts the offsets:
    # 2·9 = 18 numbers a position, so they differ from place to place and from image to image. Points fall between
    # pixels: $x(p) = \sum_q \max(0, 1 - |q_y - p_y|) \max(0, 1 - |q_x - p_x|)\, x(q)$ blends the four neighbours. That
    # is differentiable in $p$, so the offsets are learned by gradient descent with all else. The weights of the second
    # convolution start at 0: before training the layer *is* the ordinary convolution, which is checked here.
    run.metrics(zero_offset_difference=difference_without_offsets(run.rng))

    # %% Warped shapes
    # White silhouettes of ten kinds on black, each rotated by up to 45°, scaled by 0.7 to 1.6, sheared and shifted at
    # random: the outline alone tells the class, and no two are warped alike. All networks see the same images.
    train, validation, test = parts = data.load(dataset, file=run.file, limit=run.limit, size=size)
    classes = len(parts.classes)

    def warped(part):
        return random_affine({"images": part.images}, run.rng, turn, scale, shear, shift=0.1)["images"]

    images, labels = np.concatenate([warped(train) for _ in range(copies)]), np.tile(train.labels, copies)
    validation_images, test_images = warped(validation), warped(test)

    # %% Five networks
    # Two convolutions with stride 2, 32×32×1 → 16×16×16 → 8×8×32; a third one → 8×8×64; global average pooling; 10
    # logits. Only the third differs. The plain one has 9·32·64 = 18,432 weights and 8·8 times as many multiply-adds,
    # 1.18 million. The offsets add 9·32·18 weights and 0.33 million, the interpolation 0.07 million. What else could be
    # done with as much? "Dilated" spreads the nine points two pixels apart, everywhere alike, at no cost. "Wider" has
    # twice the filters: 36,864 weights, 2.36 million. "Deeper" has one more ordinary convolution of 27 filters in
    # between, so that the two have 9·32·27 + 9·27·64 = 23,328 weights and 1.49 million multiply-adds, as many as the
    # deformable layer. Compare with all four before you believe that a layer helps.
    first, second, third = filters
    choices = {
        "deformable": (filters, "deformable"),
        "plain": (filters, "plain"),
        "dilated": (filters, "dilated"),
        "wider": ((first, second, 2 * third), "plain"),
        "deeper": ((first, second, round(third * 27 / 64), third), "plain"),
    }
    networks = {
        name: DeformableClassifier(*choice, offset_scale, classes) for name, choice in choices.items()
    }
    for name, network in networks.items():
        network.build((None, *images.shape[1:]))
        batches = run.batches(images, labels)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        optimizer = adam_with_warmup(learning_rate, len(batches))
        network.compile(optimizer, loss, metrics=["accuracy"], **run.compile_options)
        held_out = (validation_images, validation.labels)
        callbacks = run.callbacks(name, of=len(networks))
        network.fit(batches, validation_data=held_out, validation_batch_size=500, callbacks=callbacks)
    ours = run.show(networks["deformable"])

    # %% Warped test images
    # Look at the table at the end: which of the four ordinary networks comes closest, which is ahead, and what did each
    # cost? Against layers of the same depth the offsets show what they are worth; "deeper" asks whether the same
    # weights would be better spent on one more convolution.
    accuracy = {
        name: network.evaluate(test_images, test.labels, 500, verbose=0)[1]
        for name, network in networks.items()
    }
    run.metrics(accuracy=accuracy["deformable"])
    for name in ("plain", "dilated", "wider", "deeper"):
        run.metrics(**{f"gain_over_{name}": accuracy["deformable"] - accuracy[name]})
        run.baseline("accuracy", f"{name}, {networks[name].count_params():,} weights", accuracy[name])

    # %% Where does the kernel sample?
    # One object of each of three classes, warped in five ways. The figure shows one window, the one at the object's
    # centre: crosses are the fixed grid, circles the points with their offsets, a line joins the two. Do the circles
    # stay on the object? Do they spread on the larger one, and turn with the rotated one?
    shown = np.stack([test.images[np.flatnonzero(test.labels == label)[0]] for label in (0, 5, 6)])
    matrices = np.tile([affine_matrices(size, size, **how)[0] for how in WARPS.values()], (len(shown), 1, 1))
    views = warp({"images": np.repeat(shown, len(WARPS), axis=0)}, matrices)["images"]
    title = "Sampling points of the window at the object's centre"
    figure = sampling_points(views, *ours.object_window(views), title, list(WARPS))
    alt = "Three shapes in five warps, each with the nine points of the fixed grid and the nine moved points."
    run.figure("offsets", figure, alt=alt)

    # %% From small to large
    # The same test objects at seven scales. The first figure measures the spread of the nine points: the root mean
    # square distance from their mean, 4·1.15 = 4.6 pixels for the fixed grid. No one tells the layer how large an
    # object is; the second convolution has to see it. The second figure shows the accuracy at each scale; outside 0.7
    # to 1.6 no network was trained.
    some, radii, lines = test[:400], {"deformable": [], "plain": []}, {name: [] for name in networks}
    for factor in SCALES:
        scaled = warp({"images": some.images}, affine_matrices(size, size, scale=factor))["images"]
        for name, points in zip(("plain", "deformable"), ours.object_window(scaled), strict=True):
            radii[name].append(np.mean(keras.ops.convert_to_numpy(rms_radius(points))))
        for name, network in networks.items():
            lines[name].append(network.evaluate(scaled, some.labels, 500, verbose=0)[1])
    run.metrics(radius_growth=radii["deformable"][-1] / radii["deformable"][0])
    axis, title = "scale of the object", "Spread of the sampling points around their mean"
    figure = curves(SCALES, radii, title, axis, "RMS radius (pixels)")
    run.figure(
        "radius", figure, alt="Radius of the sampling points against the object's scale, for two kernels."
    )
    figure = curves(SCALES, lines, "Accuracy by the scale of the object", axis, "test accuracy")
    run.figure(
        "scales", figure, alt="Accuracy against the object's scale: one line for each of five networks."
    )

    # %% Try it
    # 1. Read the closing table again. In our run the plain network reaches 0.675, the dilated one 0.711, the wider one
    #    0.729, the deformable one 0.788 and the deeper one 0.827. At equal depth the offsets are worth more than
    #    dilation or twice the filters. One more ordinary convolution with as many weights is worth more still.
    # 2. `--copies 8`: twice as many warped copies. The deformable network reaches 0.876, the plain one 0.798, the wider
    #    one 0.821 and the deeper one 0.887: the distance to the deeper network shrinks from 0.039 to 0.011.
    # 3. `--offset-scale 1`: offsets learn ten times as fast. The deformable network falls from 0.788 to 0.750. Adam's
    #    steps do not depend on the size of the gradient, so points move by whole pixels in a few steps.
    # 4. `--preset full` does the same on Fashion-MNIST with twice the filters. It is not from the paper, whose networks
    #    segment and detect.
    run.save(
        ours,
        signature=(None, None, None, images.shape[-1]),
        note="In: images in [0, 1] of any size. Out: logits of the classes.",
    )


if __name__ == "__main__":
    deformable.main()
