"""Deformable convolution: a kernel whose points move to where the object is, however it is warped."""

import keras
import numpy as np
from scipy.ndimage import center_of_mass

from keras_cv_course import data
from keras_cv_course.augment.affine import affine_matrices, random_affine, warp
from keras_cv_course.classify.deformable_classifier import DeformableClassifier
from keras_cv_course.layers.deformable_convolution import DeformableConv2D, rms_radius
from keras_cv_course.lesson import at_least, at_most, lesson
from keras_cv_course.plot.curves import curves
from keras_cv_course.training.schedules import warmup_cosine
from sprints.day1.figures.deformable import sampling_points


@lesson(
    quick=dict(limit=256, copies=1),
    full=dict(dataset="fashion_mnist", filters=(32, 64, 128), copies=5, batch_size=64),
    batch_size=32,
    targets={
        "shapes:silhouettes": dict(zero_offset_difference=at_most(1e-4), over_plain=at_least(0.03)),
        "digits": dict(zero_offset_difference=at_most(1e-4)),
        "mnist": dict(zero_offset_difference=at_most(1e-4)),
        "fashion_mnist": dict(zero_offset_difference=at_most(1e-4)),
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
    """Train one network three times, with a plain, a wider and a deformable last layer, on warped shapes.

    Args:
        dataset: shapes is built in; digits, too; mnist and fashion_mnist are downloaded once.
        size: images are brought to size x size.
        turn: each image is turned by up to so many degrees to either side.
        scale: each image is scaled by a number between these two.
        shear: each image is sheared by up to so many pixels a pixel.
        filters: feature maps of the three convolutions.
        offset_scale: how fast the kernel's points move, see `DeformableConv2D`.
        copies: each training image is warped in so many ways; every copy is seen once.
        learning_rate: the highest one; it warms up to it and then falls to zero.
    """
    # %% Without offsets the layer is the convolution that everybody knows: same kernel, same numbers.
    rng = np.random.default_rng(run.seed)
    images = rng.standard_normal((4, 9, 9, 3)).astype("float32")
    differences = []
    for options in (dict(padding="same"), dict(padding="valid"), dict(padding="same", strides=2)):
        layer, twin = DeformableConv2D(8, 3, **options), keras.layers.Conv2D(8, 3, **options)
        answer = layer(images)
        twin.build(images.shape)
        twin.set_weights([layer.kernel, layer.bias])
        differences.append(np.abs(answer - twin(images)).max())
    run.metrics(zero_offset_difference=max(differences))

    # %% The data: outlines filled with white, so that nothing but the form tells the class, each one warped.
    parts = data.load(dataset, limit=run.limit, size=size)
    classes = len(parts.info.classes)

    def warped(part):
        return random_affine({"images": part.images}, rng, turn, scale, shear, shift=0.1)["images"]

    train = np.concatenate([warped(parts.train) for _ in range(copies)])
    labels = np.tile(parts.train.labels, copies)
    validation, test = warped(parts.validation), warped(parts.test)

    # %% Three networks, the same but for the last convolution. The wider one has the most weights.
    first, second, third = filters
    networks = {
        "plain": DeformableClassifier(filters, "plain", classes=classes),
        "wider": DeformableClassifier((first, second, 2 * third), "plain", classes=classes),
        "deformable": DeformableClassifier(filters, offset_scale=offset_scale, classes=classes),
    }
    for name, network in networks.items():
        network.build((None, *train.shape[1:]))
        batches = run.batches(train, labels)
        rate = warmup_cosine(learning_rate, steps=len(batches))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile(
            keras.optimizers.Adam(rate),
            loss,
            metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
            **run.compile_options,
        )
        network.fit(
            batches,
            validation_data=(validation, parts.validation.labels),
            validation_batch_size=500,
            callbacks=run.callbacks(name),
        )

    # %% On warped images that none of them saw.
    accuracy = {
        name: network.evaluate(test, parts.test.labels, batch_size=500, verbose=0)[1]
        for name, network in networks.items()
    }
    run.metrics(
        accuracy=accuracy["deformable"],
        over_plain=accuracy["deformable"] - accuracy["plain"],
        over_wider=accuracy["deformable"] - accuracy["wider"],
    )
    names = {name: f"{name}, {network.count_params():,} weights" for name, network in networks.items()}
    for name in ("plain", "wider"):
        run.baseline("accuracy", names[name], accuracy[name])

    # %% Where does the kernel look? The window in the middle of the object, on one object warped five ways.
    def middle_window(images):
        """The points of the window at each object's middle: the plain ones, and where they have moved."""
        middles = np.array([center_of_mass(image) for image in images])[:, :2]
        rows, columns = np.clip((middles - 1) // 4, 0, size // 4 - 1).astype(int).T
        plain, moved = networks["deformable"].sampling_points(images)
        return [np.asarray(points)[np.arange(len(images)), rows, columns] for points in (plain, moved)]

    shown = parts.test[:60].images
    shown = shown[[np.flatnonzero(parts.test.labels[:60] == label)[0] for label in (0, 5, 6)]]
    warps = {"as drawn": {}, "half as large": dict(scale=0.5), "larger": dict(scale=1.4)}
    warps |= {"turned": dict(degrees=40), "sheared": dict(shear=(0.5, 0.0))}
    matrices = [affine_matrices(size, size, **how)[0] for how in warps.values()]
    warped = warp({"images": np.repeat(shown, len(warps), axis=0)}, np.tile(matrices, (len(shown), 1, 1)))
    title = "The same layer, the same weights: what the window in the middle of the object looks at"
    run.figure(
        "offsets",
        sampling_points(warped["images"], *middle_window(warped["images"]), title, list(warps)),
        alt=title,
    )

    # %% Objects of every size: does the kernel grow with them, and at which size does it help?
    scales = (0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6)
    some = parts.test[:400]
    reaches = {"deformable kernel": [], "plain kernel": []}
    lines = {names[name]: [] for name in ("deformable", "plain", "wider")}
    for factor in scales:
        scaled = warp({"images": some.images}, affine_matrices(size, size, scale=factor))["images"]
        plain, moved = middle_window(scaled)
        reaches["plain kernel"].append(np.mean(rms_radius(plain)))
        reaches["deformable kernel"].append(np.mean(rms_radius(moved)))
        for name, network in networks.items():
            said = np.argmax(network(scaled), axis=1)
            lines[names[name]].append(np.mean(said == some.labels))
    run.metrics(reach_growth=reaches["deformable kernel"][3] / reaches["deformable kernel"][0])
    title = "Around larger objects the points lie farther apart, though nobody told the layer about sizes"
    unit = "distance of the points from their middle (pixels)"
    run.figure("reach", curves(scales, reaches, title, "scale of the object", unit), alt=title)
    title = "Nine points that move tell warped shapes better than nine that stay, or than twice the kernels"
    run.figure("sizes", curves(scales, lines, title, "scale of the object", "test accuracy"), alt=title)
    run.save(
        networks["deformable"],
        signature=(None, None, None, train.shape[-1]),
        note="In: images in [0, 1] of any size. Out: logits of the classes.",
    )


if __name__ == "__main__":
    deformable.main()
