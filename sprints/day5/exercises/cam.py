"""The exercises of day5.cam: the pointing game, CAM, Grad-CAM, Grad-CAM++, and boxes from maps."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, shape_is
from keras_cv_course.classroom.shared_checks import all_refused

pointing = Exercise(
    "pointing",
    "the highest place of each map, and whether it lies in a box",
    definitions=("peaks", "hits"),
    points=2,
    hints=(
        "`peaks`: argmax over the flattened map, and back to row and column. x is the column; the middle of a pixel is "
        "half a pixel from its corner.",
        "`hits`: compare all points with all boxes of their image at once: an axis for the boxes. Rows of -1 are none.",
        "What to reach: a map that is highest in row 2, column 5 has its peak at (5.5, 2.5).",
    ),
)
cam = Exercise(
    "CAM",
    "the last maps, weighted by the class' row of the dense layer",
    definitions=("class_activation_map",),
    points=2,
    hints=(
        "`_features` gives the maps (N, h, w, K), and checks the network; the kernel of `model.classifier` is "
        "(K, classes). The docstring says what is refused.",
        "One sum over k for each image, place and class: np.einsum takes it. Do not cut off what is negative.",
        "What to reach: the mean of the map over its places is the logit, less the bias.",
    ),
)
grad = Exercise(
    "Grad-CAM",
    "the positive part of the maps, weighted by their mean gradients",
    definitions=("grad_cam",),
    points=2,
    hints=(
        "`maps_and_gradients` gives both, at the last maps or at any layer.",
        "One weight a map: the mean over the places. First the weighted sum, then what is negative is cut off.",
        "What to reach: behind global average pooling it is CAM's positive part, divided by the number of places.",
    ),
)
plus = Exercise(
    "Grad-CAM-plus-plus",
    "a weight for every place, from powers of the gradient",
    definitions=("grad_cam_plus_plus",),
    points=3,
    hints=(
        "alpha is an array like the gradients: squares above; below twice the squares plus a sum over the places of "
        "the map, times the third power.",
        "Where the gradient is 0, above and below are 0: let alpha be 0 there. Then a sum over the places, of alpha "
        "times the positive part of the gradient, and the weighted sum of the maps as in Grad-CAM.",
        "What to reach: on a class that no map speaks for, 0 everywhere.",
    ),
)
boxes = Exercise(
    "boxes",
    "the box around the largest connected region above a share of the map's maximum",
    definitions=("boxes_from_maps",),
    points=3,
    hints=(
        "scipy.ndimage.label numbers the regions of a mask from 1 on; find_objects gives their slices.",
        "A box ends behind its last pixel: the stop of a slice. Columns are x, rows are y. A map without a positive "
        "number has no object.",
        "What to reach: a map with a small, high region and a large, lower one: at threshold 0.2 the box is that of "
        "the large one, at 0.9 that of the high one.",
    ),
)

EXERCISES = Exercises(
    "day5.cam",
    sources=(
        "keras_cv_course.classify.average_pooling",
        "keras_cv_course.explain.pointing_game",
        "keras_cv_course.explain.class_activation",
        "keras_cv_course.explain.grad_cam_plus_plus",
        "keras_cv_course.explain.boxes_from_maps",
    ),
    exercises=(pointing, cam, grad, plus, boxes),
)


@pointing.check(points=1)
def check_peaks(mine, rng):
    """The highest place as x and y, in the middle of its pixel."""
    maps = rng.normal(size=(6, 5, 9))
    expected = [
        [column + 0.5, row + 0.5] for row, column in (np.unravel_index(m.argmax(), m.shape) for m in maps)
    ]
    close_to(
        mine.peaks(maps), expected, 1e-6, "peaks", "columns are x, rows are y; half a pixel to the middle"
    )
    infinite = maps.copy()
    infinite[0, 0, 0] = np.inf
    all_refused(mine.peaks, {"one map without an axis for images": (maps[0],), "infinity": (infinite,)})


@pointing.check
def check_hits(mine, rng):
    """A point hits if it lies in any box of its image, or at most the margin from one."""
    count = 60
    corner, sides = rng.uniform(0, 8, (count, 3, 2)), rng.uniform(1, 4, (count, 3, 2))
    frames = np.concatenate([corner, corner + sides], axis=-1)
    frames[rng.random((count, 3)) < 0.4] = -1
    points = rng.uniform(-2, 12, (count, 2))
    points[0], frames[0] = -1, -1  # a point at the place of what is no box
    for margin in (0.0, 1.5):
        expected = [
            any(
                box[2] > box[0]
                and box[0] - margin <= x <= box[2] + margin
                and box[1] - margin <= y <= box[3] + margin
                for box in own
            )
            for (x, y), own in zip(points, frames)
        ]
        received = shape_is(mine.hits(points, frames, margin), (count,), "hits", "one truth value a point")
        attempt = (
            "any box of the image will do; rows of -1 are no boxes; the margin widens a box on all sides"
        )
        close_to(np.float64(received), np.float64(expected), 0, f"hits with margin {margin:g}", attempt)
    all_refused(mine.hits, {"60 points, 59 sets of boxes": (points, frames[1:])})


@cam.check(points=1)
def check_mean_is_the_logit(mine, rng):
    """The map's mean over its places is the logit less the bias, for each image's own class."""
    model, images = _network(mine, rng)
    _, bias = (np.asarray(weight) for weight in model.classifier.get_weights())
    logits, classes = np.asarray(model(images)), rng.permuted([0, 1, 2])
    maps = shape_is(mine.class_activation_map(model, images, classes), (3, 4, 6), "maps", "(N, h, w)")
    expected = logits[range(3), classes] - bias[classes]
    attempt = "the class' column of the kernel, one number a map; no bias, no ReLU, no mean"
    close_to(maps.mean(axis=(1, 2)), expected, 1e-4, "mean of the maps", attempt)


@cam.check
def check_place_by_place(mine, rng):
    """It is the weighted sum at every place, negative ones included; other networks and classes are refused."""
    model, images = _network(mine, rng)
    features = np.asarray(model.endpoints(images)["features"])
    kernel, classes = np.asarray(model.classifier.get_weights()[0]), rng.permuted([2, 0, 1])
    expected = [one @ kernel[:, number] for one, number in zip(features, classes)]
    close_to(
        mine.class_activation_map(model, images, classes),
        expected,
        1e-4,
        "maps",
        "keep rows and columns apart",
    )
    layers = mine.keras.layers
    other = mine.keras.Sequential([layers.InputLayer((8, 12, 3)), layers.Flatten(), layers.Dense(3)])
    cases = {
        "a network without endpoints": (other, images, classes),
        "class 3 of 3": (model, images, classes + 1),
    }
    all_refused(mine.class_activation_map, cases)


@grad.check(points=1)
def check_positive_part_of_cam(mine, rng):
    """Behind global average pooling it is the positive part of CAM, divided by the number of places."""
    model, images = _network(mine, rng)
    features = np.asarray(model.endpoints(images)["features"])
    kernel, classes = np.asarray(model.classifier.get_weights()[0]), rng.permuted([2, 0, 1])
    expected = np.maximum([one @ kernel[:, number] for one, number in zip(features, classes)], 0) / 24
    attempt = "the mean gradient of each map; the weighted sum; then ReLU"
    close_to(mine.grad_cam(model, images, classes), expected, 1e-5, "Grad-CAM at the last maps", attempt)


@grad.check
def check_at_a_layer(mine, rng):
    """At a layer in the middle, with gradients that differ from place to place, it follows the equation."""
    model, images, maps, gradients, classes = _two_layers(mine, rng)
    expected = np.maximum(np.einsum("nhwk,nk->nhw", maps, gradients.mean(axis=(1, 2))), 0)
    attempt = "pass the layer on; the mean over both axes of places, not the sum or the maximum"
    close_to(mine.grad_cam(model, images, classes, "middle"), expected, 1e-4, "Grad-CAM at a layer", attempt)
    all_refused(mine.grad_cam, {"a layer that is not there": (model, images, classes, "nowhere")})


@plus.check(points=1)
def check_each_place(mine, rng):
    """At a layer with gradients of both signs it follows the equation, place by place."""
    model, images, maps, gradients, classes = _two_layers(mine, rng)
    weights = np.zeros((len(images), maps.shape[-1]))
    for n, i, j, k in np.ndindex(maps.shape):
        g = gradients[n, i, j, k]
        if g:
            weights[n, k] += g**2 / (2 * g**2 + maps[n, :, :, k].sum() * g**3) * max(g, 0)
    expected = np.maximum(np.einsum("nhwk,nk->nhw", maps, weights), 0)
    received = mine.grad_cam_plus_plus(model, images, classes, "middle")
    scale = np.abs(expected).max()
    attempt = "alpha for every place; the sum over the places of alpha times ReLU(gradient)"
    close_to(
        np.asarray(received) / scale, expected / scale, 1e-3, "Grad-CAM++, as a share of its maximum", attempt
    )


@plus.check
def check_the_last_maps_and_nothing(mine, rng):
    """At the last maps it follows the equation, too; where all gradients are 0 it is 0."""
    model, images = _network(mine, rng)
    features, classes = np.asarray(model.endpoints(images)["features"]), rng.permuted([2, 0, 1])
    kernel, bias = (np.asarray(weight) for weight in model.classifier.get_weights())
    g = kernel.T[classes][:, None, None] / 24
    alpha = g**2 / (2 * g**2 + features.sum(axis=(1, 2), keepdims=True) * g**3)
    weights = (np.broadcast_to(alpha * np.maximum(g, 0), features.shape)).sum(axis=(1, 2))
    expected = np.maximum(np.einsum("nhwk,nk->nhw", features, weights), 0)
    received = mine.grad_cam_plus_plus(model, images, classes)
    close_to(received, expected, 1e-3, "Grad-CAM++ at the last maps", "the equation of the docstring")
    model.classifier.set_weights([np.zeros_like(kernel), bias])
    received = np.asarray(mine.grad_cam_plus_plus(model, images, classes))
    close_to(received, np.zeros((3, 4, 6)), 1e-9, "a map that nothing speaks for", "0 / 0 is 0 here")


@boxes.check(points=1)
def check_one_region(mine, rng):
    """A rectangle on a dark map is found to the pixel, whatever its height."""
    for _ in range(5):
        left, top = rng.integers(0, 6, 2)
        width, height = rng.integers(1, 5, 2)
        maps = rng.uniform(-1, 0.1, (2, 11, 12))
        maps[1, top : top + height, left : left + width] = rng.uniform(0.5, 0.9)
        maps[0] = -np.abs(maps[0])
        received = mine.boxes_from_maps(maps, 0.5)
        expected = [[0, 0, 0, 0], [left, top, left + width, top + height]]
        attempt = "x from the columns, y from the rows, the end behind the last pixel; 0 for a map without an object"
        close_to(received, expected, 1e-6, "boxes", attempt)


@boxes.check
def check_the_largest_of_several(mine, rng):
    """Of several regions the largest counts, not the highest; corners do not connect."""
    maps, shift = np.zeros((1, 12, 14)), int(rng.integers(0, 3))
    low = float(rng.uniform(0.4, 0.6))
    maps[0, 1 + shift : 5 + shift, 2 : 7 + shift] = low
    maps[0, 10, 12] = 1.0
    maps[0, 5 + shift, 7 + shift] = low  # touches the large one at a corner
    large, high = [2, 1 + shift, 7 + shift, 5 + shift], [12, 10, 13, 11]
    attempt = "a share of the map's maximum; the largest region by its pixels"
    for threshold, expected in ((0.2, large), (0.9, high)):
        left, top, right, bottom = expected
        received = mine.boxes_from_maps(np.concatenate([maps, maps[:, ::-1]]) * 3, threshold)
        both = [expected, [left, 12 - bottom, right, 12 - top]]  # and upside down
        close_to(received, both, 1e-6, f"boxes at threshold {threshold:g}", attempt)
    cases = {f"threshold {wrong}": (maps, wrong) for wrong in (-0.1, 1.0)}
    cases["a map without an axis for images"] = (maps[0],)
    all_refused(mine.boxes_from_maps, cases)


def _network(mine, rng):
    """A network with average pooling, with drawn weights, and three images."""
    model = mine.AveragePoolingClassifier(filters=(4, 5), classes=3)
    model.build((None, 8, 12, 3))
    kernel, bias = rng.normal(size=(5, 3)), rng.normal(size=3)
    model.classifier.set_weights([kernel.astype("float32"), bias.astype("float32")])
    return model, rng.random((3, 8, 12, 3), dtype="float32")


def _two_layers(mine, rng):
    """A network whose maps and gradients at the layer "middle" are known: a 1x1 convolution, then one dense layer."""
    layers = mine.keras.layers
    model = mine.keras.Sequential(
        [
            layers.InputLayer((4, 5, 2)),
            layers.Conv2D(3, 1, activation="relu", use_bias=False, name="middle"),
            layers.Flatten(),
            layers.Dense(3, use_bias=False),
        ]
    )
    kernel, dense = rng.uniform(0.1, 1, (2, 3)), rng.normal(size=(3, 4, 5, 3))
    # Few places speak against a class, so that no weight is far from the others.
    dense = np.where(rng.random(dense.shape) < 0.3, -0.05 * np.abs(dense), np.abs(dense)).astype("float32")
    model.set_weights([kernel[None, None].astype("float32"), dense.reshape(3, -1).T])
    images, classes = rng.random((2, 4, 5, 2), dtype="float32"), rng.permuted([0, 1, 2])[:2]
    return model, images, images @ kernel, dense[classes], classes
