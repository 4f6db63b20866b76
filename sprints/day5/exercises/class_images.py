"""The exercises of day5.class_images: total variation, its gradient, steps of one length, and the ascent."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, expect, within
from keras_cv_course.classroom.shared_checks import all_refused

variation = Exercise(
    "variation",
    "how much neighbouring pixels differ: 0 for one colour, large for noise",
    definitions=("total_variation",),
    points=1,
    hints=(
        "Two kinds of neighbours: one row further, one column further. Each kind has its own mean, over one image.",
        "What to reach: a column of ones in 2x3 zeros: no pair of a column differs, all four pairs of a row do: 1.",
    ),
)
gradient = Exercise(
    "gradient",
    "the gradient of the sum of all absolute differences of neighbours",
    definitions=("variation_gradient",),
    points=3,
    hints=(
        "The derivative of |a - b| is the sign of a - b for a, and its opposite for b.",
        "`np.diff` along an axis is one shorter than the images: padded in front it stands at the later pixel of each "
        "pair, padded behind at the earlier one. (Step: Four restraints.)",
        "What to reach: one bright pixel inside grey ones gets 4, its four neighbours -1 each; one colour gives 0.",
    ),
)
length = Exercise(
    "length",
    "each gradient of a batch divided by its own length",
    definitions=("of_length_one",),
    points=1,
    hints=(
        "Square, sum over everything but the first axis, root; keep the axes so that it divides.",
        "What to reach: two gradients, one a thousand times the other, come out equal; zeros stay zeros.",
    ),
)
ascent = Exercise(
    "ascent",
    "from grey up the gradient, with jitter, total variation, L2, blur, and pixels in [0, 1]",
    definitions=("class_images",),
    points=5,
    hints=(
        "`InputGradient(class_score(...), shape)`, both given, is made once, for few steps with compiled=False; in "
        "every step it is called at the shifted images. The docstring has the order. (Step: Up the gradient.)",
        "`np.roll` shifts rows and columns alike, and with the opposite sign back. Shifts are drawn from "
        "`np.random.default_rng(seed)`, two numbers a step.",
        "The way back to grey: what is left of (image - grey) after a share `decay` of it is gone? The filter is "
        "scipy's, over rows and columns, not over images and colours; after every `every`-th step.",
        "What to reach: a linear network, one step alone: grey plus `rate` times its weights over their length.",
    ),
)

EXERCISES = Exercises(
    "day5.class_images",
    sources=("keras_cv_course.explain.input_gradient", "keras_cv_course.explain.class_image"),
    exercises=(variation, gradient, length, ascent),
)
SHAPE = (6, 5, 2)


@variation.check
def check_pairs(mine, rng):
    """The mean over the pairs of a column plus that over the pairs of a row, image by image."""
    images = rng.random((3, 4, 6, 2))
    expected = []
    for image in images:
        down = [abs(image[i + 1, j, c] - image[i, j, c]) for i, j, c in np.ndindex(3, 6, 2)]
        right = [abs(image[i, j + 1, c] - image[i, j, c]) for i, j, c in np.ndindex(4, 5, 2)]
        expected.append(np.mean(down) + np.mean(right))
    attempt = "np.diff along axis 1 and along axis 2; absolute values; the mean over all but the first axis"
    close_to(mine.total_variation(images), expected, 1e-6, "total variations", attempt)


@gradient.check(points=2)
def check_finite_difference(mine, rng):
    """What the sum of absolute differences changes by when one pixel grows a little."""
    images = rng.random((2, 4, 5, 2))

    def total(some):
        return np.abs(np.diff(some, axis=1)).sum() + np.abs(np.diff(some, axis=2)).sum()

    expected = np.zeros(images.shape)
    for place in np.ndindex(*images.shape):
        moved = images.copy()
        moved[place] += 1e-7
        expected[place] = (total(moved) - total(images)) / 1e-7
    attempt = "each pair gives its sign to the later pixel and takes it from the earlier one, along both axes"
    close_to(mine.variation_gradient(images), expected, 1e-3, "gradient", attempt)


@gradient.check
def check_one_bright_pixel(mine, rng):
    """One bright pixel among equal ones: 4 there, -1 at its neighbours, 0 elsewhere; equal neighbours give 0."""
    images = np.full((1, 7, 7, 1), 0.5)
    row, column = (int(n) for n in rng.integers(1, 6, 2))
    images[0, row, column] = 0.9
    expected = np.zeros_like(images)
    expected[0, row, column] = 4
    for down, right in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        expected[0, row + down, column + right] = -1
    close_to(mine.variation_gradient(images), expected, 1e-9, "gradient", "signs of the differences, summed")


@length.check
def check_lengths(mine, rng):
    """Every gradient has length 1 and its own direction, however short it was; zeros stay zeros."""
    gradients = (
        rng.normal(0, 1, (4, 3, 5, 2)) * np.array([1e-6, 1, 1e5, 0])[rng.permutation(4)][:, None, None, None]
    )
    received = np.asarray(mine.of_length_one(gradients))
    expected = [one / np.sqrt((one**2).sum()) if one.any() else one for one in gradients]
    close_to(
        received,
        expected,
        1e-6,
        "gradients of length 1",
        "one length a gradient: over rows, columns, colours",
    )


def linear(mine, rng):
    """A linear network without bias whose class scores are scalar products with `kernel[class]`, and the kernel."""
    layers = mine.keras.layers
    model = mine.keras.Sequential([layers.Flatten(), layers.Dense(3, use_bias=False)])
    model.build((None, *SHAPE))
    kernel = rng.normal(0, 1, (3, *SHAPE)).astype("float32")
    model.set_weights([kernel.reshape(3, -1).T])
    return model, kernel


def slow_ascent(kernels, steps, rate, decay, blur, every, jitter, variation, seed):
    """The images of a linear network, one at a time and pixel by pixel where the library uses arrays."""
    draw, found = np.random.default_rng(seed), []
    shifts = [tuple(int(n) for n in draw.integers(-jitter, jitter + 1, 2)) for _ in range(steps)]
    for kernel in kernels:
        image = np.full(SHAPE, 0.5)
        for step, (down, right) in enumerate(shifts, start=1):
            image = np.roll(image, (down, right), axis=(0, 1))
            image = image + rate * kernel / np.linalg.norm(kernel)
            slope = np.zeros(SHAPE)
            for row, column, colour in np.ndindex(*SHAPE):
                for other in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
                    if 0 <= other[0] < SHAPE[0] and 0 <= other[1] < SHAPE[1]:
                        slope[row, column, colour] += np.sign(
                            image[row, column, colour] - image[(*other, colour)]
                        )
            image = image - rate * variation * slope / max(np.linalg.norm(slope), 1e-12)
            image = np.roll(image, (-down, -right), axis=(0, 1))
            image = 0.5 + (1 - decay) * (image - 0.5)
            if blur and step % every == 0:
                image = blurred(image, blur)
            image = np.clip(image, 0, 1)
        found.append(image)
    return np.array(found)


def blurred(image, sigma):
    """Each colour filtered by a Gaussian of four standard deviations, mirrored at the edges."""
    reach = int(4 * sigma + 0.5)
    weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    for axis in (0, 1):
        wide = np.pad(
            image, [(reach, reach) if one == axis else (0, 0) for one in range(3)], mode="symmetric"
        )
        parts = [np.take(wide, range(i, i + image.shape[axis]), axis=axis) for i in range(2 * reach + 1)]
        image = sum(weight * part for weight, part in zip(weights / weights.sum(), parts, strict=True))
    return image


@ascent.check(points=1)
def check_one_step(mine, rng):
    """One step on a linear network without restraint: grey plus `rate` times the weights over their length."""
    model, kernel = linear(mine, rng)
    rate, targets = float(rng.uniform(0.1, 0.5)), [int(n) for n in rng.permutation(3)[:2]]
    received = mine.class_images(
        model, targets, list(SHAPE), steps=1, rate=rate, decay=0.0, blur=0.0, jitter=0
    )
    expected = [0.5 + rate * kernel[target] / np.linalg.norm(kernel[target]) for target in targets]
    close_to(
        received,
        expected,
        1e-4,
        "images after a step",
        "from grey, UP the gradient of each image's own class",
    )


@ascent.check(points=2)
def check_restraints_one_by_one(mine, rng):
    """Several steps with each restraint alone equal a slow ascent."""
    model, kernel = linear(mine, rng)
    alone = dict(decay=0.0, blur=0.0, jitter=0, variation=0.0)
    ways = {"decay": 0.15, "blur": 0.8, "jitter": 2, "variation": 0.7}
    for name, value in ways.items():
        options = dict(steps=5, rate=0.4, every=2, seed=int(rng.integers(100))) | alone | {name: value}
        received = mine.class_images(model, [2, 0], list(SHAPE), **options)
        expected = slow_ascent(kernel[[2, 0]], **options)
        close_to(
            received,
            expected,
            2e-4,
            f"images after 5 steps with {name} {value:g}",
            "see the docstring's order",
        )


@ascent.check
def check_all_together(mine, rng):
    """All restraints together, in the order of the docstring; pixels stay in [0, 1]."""
    model, kernel = linear(mine, rng)
    options = dict(steps=6, rate=1.5, decay=0.1, blur=0.6, every=3, jitter=1, variation=0.4, seed=3)
    received = mine.class_images(model, [1], list(SHAPE), **options)
    within(received, 0, 1, "pixels", "cut at the end of every step, not only of the last one")
    close_to(
        received,
        slow_ascent(kernel[[1]], **options),
        5e-4,
        "the image",
        "shift, up, down, back, L2, blur, cut",
    )


@ascent.check
def check_bad_arguments_are_refused(mine, rng):
    """Classes that are not there and numbers that are none of a step are refused."""
    model, _ = linear(mine, rng)
    wrong = dict(steps=0, every=0, rate=0.0, blur=-1.0, jitter=-1, variation=-0.5, decay=1.0)
    good = dict(model=model, targets=[0], shape=list(SHAPE))
    cases = {f"{name}={bad}": good | {name: bad} for name, bad in wrong.items()}
    cases["class 3 of 3"] = good | {"targets": [3]}
    all_refused(mine.class_images, cases)
    received = mine.class_images(model, [int(rng.integers(3))], list(SHAPE), steps=1)
    expect(
        np.shape(received) == (1, *SHAPE), f"images {(1, *SHAPE)}", np.shape(received), "one image a class"
    )
