"""The exercises of day2.deeplab: atrous kernels, separable convolutions, the pyramid, a dense CRF, boundary F1."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, shape_is
from keras_cv_course.classroom.shared_checks import all_refused, same_numbers
from sprints.day2.exercises import slow_masks
from sprints.day2.exercises.slow_masks import square

atrous = Exercise(
    "atrous",
    "how far a kernel with holes reaches",
    definitions=("effective_kernel",),
    points=1,
    hints=(
        "Between two neighbouring weights lie rate - 1 pixels that are not multiplied: how many such gaps?",
        "What to reach: 3 weights at the rates 6, 12 and 18 span 13, 25 and 37 pixels.",
    ),
)
separable = Exercise(
    "separable",
    "depthwise with holes, then pointwise",
    definitions=("SeparableConvolution.call",),
    points=2,
    hints=(
        "`__init__`, which is given, holds the two convolutions and a batch normalisation for each.",
        "Convolution, normalisation, ReLU; twice. A normalisation needs to know whether this is training.",
        "What to reach: with nothing to normalise, ReLU(pointwise(ReLU(depthwise(maps)))).",
    ),
)
pyramid = Exercise(
    "pyramid",
    "parallel branches that see the same map at several scales",
    definitions=("AtrousPyramid.call",),
    points=3,
    hints=(
        "`self.points` and `self.norms` are for the map itself, for its mean, and for the mix, in this order.",
        "`self.image_mean` gives (N, 1, 1, channels): after its 1x1 convolution it must be repeated at every pixel.",
        "Concatenate the 1x1 branch, those of all rates, and the image-level one along the channels; mix; drop.",
        "What to reach: maps (2, 6, 5, 3) and 4 filters give (2, 6, 5, 4).",
    ),
)
crf = Exercise(
    "crf",
    "the kernels between pairs of pixels, and mean field steps with them",
    definitions=("pair_kernels", "mean_field"),
    points=5,
    hints=(
        "A shift (down, right) pairs image[:H - down, ...] with image[down:, ...]; the columns depend on the "
        "sign of right. Each pair once: down > 0, or down = 0 and right > 0.",
        "First sum each kernel at every pixel, over all its pairs: both pixels of a pair count it.",
        "A step: to log p of the network add, for each kernel, its weight times the mean of the others' marginals, "
        "the kernel being divided by its sum at the pixel that takes the mean. Then a softmax over the classes.",
        "Always the network's log p, not that of the last step.",
        "What to reach: two pixels of one colour with (0.9, 0.1) and (0.4, 0.6): the second one has (0.77, 0.23) after "
        "a step with both weights 1.",
    ),
)
outlines = Exercise(
    "outlines",
    "the pixels of a region's outline, and how many of them are found",
    definitions=("outline", "boundary_f1"),
    points=3,
    hints=(
        "Erode the region by the 3x3 square: what it loses is its outline. Beyond the image all is region.",
        "`distance_transform_edt(~line)` is every pixel's distance to the line.",
        "Recall: the share of the true outline with the other one within `width`; precision is the reverse.",
        "What to reach: a 10x10 square has an outline of 36 pixels; moved by one, F1 within 1 is 1.",
    ),
)

EXERCISES = Exercises(
    "day2.deeplab",
    sources=(
        "keras_cv_course.segment.deeplab",
        "keras_cv_course.segment.dense_crf",
        "keras_cv_course.metrics.boundary",
    ),
    exercises=(atrous, separable, pyramid, crf, outlines),
)


@atrous.check
def check_spans(mine, rng):
    """The published spans, and others, measured on a row of pixels."""
    for count, rate in ((3, 1), (3, 6), (3, 12), (3, 18), (1, 9), tuple(rng.integers((2, 2), (9, 30)))):
        # Where the weights lie: 0, rate, 2 rate ...
        row = np.flatnonzero(np.kron(np.ones(count), [1, *[0] * (rate - 1)]))
        span = int(row[-1] - row[0]) + 1
        what = f"span of {count} weights at rate {rate}"
        received = mine.effective_kernel(int(count), int(rate))
        equal_to(received, span, what, "the weights themselves, and the pixels between them")


@separable.check
def check_numbers_of_separable(mine, reference, rng):
    """With the same weights, the reference's numbers, in training too; every weight learns."""
    maps = rng.normal(size=(2, 6, 5, 3)).astype("float32")
    attempt = "depthwise, normalisation, ReLU, pointwise, normalisation, ReLU"
    make = lambda module: module.SeparableConvolution(4, rate=2)  # noqa: E731
    same_numbers(mine, reference, make, maps, 1e-4, "the output", attempt, training=True)


def with_weights(layer, shape):
    """The layer, built, each weight with numbers of its own, so that no two of its layers are alike."""
    layer.build(shape)
    values = []
    for number, weight in enumerate(layer.get_weights()):
        drawn = np.random.default_rng(number).uniform(
            0.05 if np.ndim(weight) < 2 else -0.3, 0.5, np.shape(weight)
        )
        values.append(drawn.astype("float32"))
    layer.set_weights(values)
    return layer


@pyramid.check(points=2)
def check_branches(mine, reference, rng):
    """With the same weights, the reference's numbers, in training too."""
    maps = rng.normal(size=(3, 8, 7, 3)).astype("float32")
    attempt = (
        "the 1x1 branch, one for each rate of the same map, the image-level one; concatenated in this order"
    )
    for rates, dropout, training in (((), 0.5, False), ((1, 2, 3), 0.5, False), ((1, 2, 3), 0.0, True)):
        outputs = [
            with_weights(module.AtrousPyramid(4, rates=rates, dropout=dropout), maps.shape)(
                maps, training=training
            )
            for module in (mine, reference)
        ]
        close_to(*outputs, 2e-3, f"the output (rates {rates}, training={training})", attempt)


@pyramid.check
def check_dropout(mine, rng):
    """Dropout comes last, and in training only."""
    maps = rng.uniform(1, 2, (2, 8, 8, 3)).astype("float32")
    layer = mine.AtrousPyramid(8, rates=(1,), dropout=0.5)
    layer.build((None, 8, 8, 3))
    calm = np.asarray(layer(maps, training=True))
    dropped = (
        shape_is(layer(maps, training=True), calm.shape, "the output in training", "keep the shape") != calm
    )
    attempt = "`self.drop` gets the mix, with training=training"
    close_to(float(dropped.any()), 1, 0, "whether two outputs in training differ", attempt)


SETTINGS = dict(appearance=3.0, sigma_xy=2.5, sigma_rgb=0.3, smoothness=1.0, smooth_sigma=1.5)


@crf.check(points=3)
def check_matrix(mine, rng):
    """Random probabilities and colours against a matrix of all pairs for each kernel."""
    for shape, radius, steps in (((6, 5), 6, 1), ((5, 7), 2, 3), ((1, 6), 3, 2)):
        image, start = rng.random((*shape, 3)), rng.dirichlet([1, 1, 1], size=shape)
        expected = slow_masks.mean_field(start, image, steps, radius, **SETTINGS)
        received = mine.dense_crf(start, image, steps=steps, radius=radius, **SETTINGS)
        attempt = "every pair within the radius once; each kernel divided by its own sum, then weighted"
        close_to(received, expected, 1e-6, f"marginals after {steps} steps, radius {radius}", attempt)


@crf.check
def check_radius(mine, rng):
    """Without a radius, pairs reach three times the larger standard deviation, rounded up."""
    image, start = rng.random((1, 14, 3)), rng.dirichlet([1, 1], size=(1, 14))
    for settings, radius in (
        (dict(sigma_xy=1.4, smooth_sigma=0.5), 5),
        (dict(sigma_xy=0.5, smooth_sigma=2), 6),
    ):
        settings = {**SETTINGS, **settings, "sigma_rgb": 5.0}
        expected = slow_masks.mean_field(start, image, 1, radius, **settings)
        received = mine.dense_crf(start, image, steps=1, **settings)
        close_to(received, expected, 1e-9, f"marginals with {settings}", "see `radius` in the docstring")


@crf.check
def check_start_and_refusal(mine, rng):
    """No steps, no change; probabilities that do not sum to 1, other sizes and widths of 0 are refused."""
    start, image = rng.dirichlet([1, 1], size=(4, 3)), rng.random((4, 3, 1))
    received = mine.dense_crf(start, image, steps=0)
    close_to(received, start, 1e-9, "marginals after 0 steps", "yield the probabilities first")
    cases = {
        "probabilities that sum to 2": dict(probabilities=2 * start, image=image),
        "an image of another size": dict(probabilities=start, image=image[:3]),
        "sigma_rgb=0": dict(probabilities=start, image=image, sigma_rgb=0),
    }
    all_refused(mine.dense_crf, cases)


@crf.shows
def image_of_marginals(mine):
    """A disc in noisy probabilities, before and after four steps; the image shows it in another colour."""
    down, right = np.mgrid[:40, :40]
    disc = np.hypot(down - 20, right - 20) < 13
    noise = np.random.default_rng(0).normal(0, 0.25, disc.shape)
    share = np.clip(0.3 + 0.4 * disc + noise, 0.02, 0.98)
    start, image = np.stack([1 - share, share], axis=-1), 0.2 + 0.6 * disc[..., None]
    return np.hstack([share, np.asarray(mine.dense_crf(start, image, steps=4, radius=4))[..., 1]])


@outlines.check(points=1)
def check_outline(mine, rng):
    """A square inside, one in a corner, a full image."""
    top, left = rng.integers(1, 12, 2)
    inner = square(top, left)
    inner[top + 1 : top + 7, left + 1 : left + 7] = False
    attempt = "what erosion by the 3x3 square takes away; the image's edge takes nothing"
    close_to(mine.outline(square(top, left)), inner, 0, "outline of a square", attempt)
    corner = np.zeros((20, 20), bool)
    corner[7, :8] = corner[:8, 7] = True
    close_to(mine.outline(square(0, 0)), corner, 0, "outline of a square in the corner", attempt)
    close_to(mine.outline(np.ones((5, 6), bool)), np.zeros((5, 6)), 0, "outline of all", attempt)


@outlines.shows
def image_of_outlines(mine):
    """A square and its outline."""
    region = square(6, 8, 32, 18)
    return np.hstack([region, np.asarray(mine.outline(region))]).astype("float32")


@outlines.check
def check_f1_by_hand(mine):
    """The same, one pixel off, another one, none."""
    one, nothing = square(5, 5), np.zeros((20, 20), bool)
    for other, width, expected, what in (
        (one, 1, 1, "the same square"), (square(5, 6), 1, 1, "one pixel off, within 1"),
        (nothing, 2, 0, "nothing predicted"), (square(5, 5)[::-1, ::-1], 9, 1, "far, within 9"),
    ):  # fmt: skip
        close_to(mine.boundary_f1(one, other, width), expected, 1e-9, f"F1: {what}", "recall and precision")
    received = mine.boundary_f1(nothing, nothing, 1)
    close_to(received, 1, 1e-9, "F1: no outline in either", "nothing is wrong")


@outlines.check(points=1)
def check_f1_slowly(mine, rng):
    """Random squares against a loop over all pixels, with and without pixels that do not count."""
    for width in (1, 2):
        one, other = square(*rng.integers(2, 6, 2), side=9), square(*rng.integers(3, 9, 2), side=6)
        ignored = np.zeros_like(one)
        for rows in (0, 7):
            ignored[:rows] = True
            attempt = "outline pixels that touch a pixel that does not count are left out"
            received = mine.boundary_f1(one, other, width, ignored)
            expected = slow_masks.boundary_f1(one, other, width, ignored)
            close_to(received, expected, 1e-9, f"F1 within {width}, {rows} rows left out", attempt)
