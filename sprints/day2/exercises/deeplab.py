"""The exercises of day2.deeplab: holes, separable convolutions, the pyramid, a CRF, boundary F1."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, refuses, shape_is

holes = Exercise(
    "holes",
    "how far a kernel with holes reaches",
    definitions=("effective_kernel",),
    points=1,
    hints=(
        "Between two neighbouring weights lie rate - 1 pixels that are not looked at: how many such gaps?",
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
        "Convolution, normalisation, ReLU; twice. A normalisation is told whether this is training.",
        "What to reach: with nothing to normalise, ReLU(pointwise(ReLU(depthwise(maps)))).",
    ),
)
pyramid = Exercise(
    "pyramid",
    "the same map seen at several distances, and as a whole",
    definitions=("AtrousPyramid.call",),
    points=3,
    hints=(
        "`self.points` and `self.norms` are for the near view, the whole one and the mix, in this order.",
        "`self.whole` gives (N, 1, 1, channels): after its 1x1 convolution it must stand at every place.",
        "Join near, the views of all rates, and whole along the channels; mix; drop.",
        "What to reach: maps (2, 6, 5, 3) and 4 filters give (2, 6, 5, 4).",
    ),
)
crf = Exercise(
    "crf",
    "pairs of pixels, and what they make of each other's beliefs",
    definitions=("pair_kernels", "mean_field"),
    points=5,
    hints=(
        "A shift (down, right) pairs image[:H - down, ...] with image[down:, ...]; the columns depend on the "
        "sign of right. Each pair once: down > 0, or down = 0 and right > 0.",
        "Each pixel of a pair hears the other: both add kernel times belief, and both add kernel to weight.",
        "logits = log of the network's probabilities + (appearance + smoothness) * heard / weight.",
        "Always the network's probabilities, not the last beliefs; softmax over the classes.",
        "What to reach: of two pixels of one colour that believe (0.9, 0.1) and (0.4, 0.6) the second "
        "gives in: it believes (0.77, 0.23) after a step with both weights 1.",
    ),
)
outlines = Exercise(
    "outline",
    "the pixels of a region's outline, and how many of them are found",
    definitions=("outline", "boundary_f1"),
    points=3,
    hints=(
        "Erode the region by the 3x3 square: what it loses is its outline. Beyond the picture all is region.",
        "`distance_transform_edt(~line)` tells every pixel how far the line is.",
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
    exercises=(holes, separable, pyramid, crf, outlines),
)


@holes.check
def check_published_spans(mine):
    """3 at 1, 6, 12 and 18, and 5 at 4."""
    attempt = "the weights themselves, and the pixels between them"
    for count, rate, pixels in ((3, 1, 3), (3, 6, 13), (3, 12, 25), (3, 18, 37), (5, 4, 17), (1, 9, 1)):
        equal_to(
            mine.effective_kernel(count, rate), pixels, f"span of {count} weights at rate {rate}", attempt
        )


def drawn(layer, shape, wide=0.4):
    """The layer, built, its weights drawn from their shapes, so that all have the same."""
    layer.build(shape)
    values = []
    for number, weight in enumerate(layer.get_weights()):
        one = np.random.default_rng((number, *weight.shape)).normal(0, wide, weight.shape)
        # Of one axis: scales, offsets, means and variances; none of them may be negative or 0 as variance.
        values.append((np.abs(one) + 0.5 if one.ndim == 1 else one).astype("float32"))
    layer.set_weights(values)
    return layer


@separable.check
def check_by_hand(mine):
    """A bright pixel, a kernel of ones with holes, and two mixtures."""
    layer = mine.SeparableConvolution(2, rate=2)
    layer.build((None, 7, 7, 1))
    shapes = {(3, 3, 1, 1): np.ones, (1, 1, 1, 2): lambda shape: np.float32([3, -3]).reshape(shape)}
    layer.set_weights([
        shapes[value.shape](value.shape).astype("float32") if value.shape in shapes else value
        for value in layer.get_weights()
    ])  # fmt: skip
    maps = np.zeros((1, 7, 7, 1), "float32")
    maps[0, 3, 3] = 1
    expected = np.zeros((1, 7, 7, 2))
    expected[0, 1:6:2, 1:6:2, 0] = 3
    attempt = "nine pixels two apart; the second channel is negative, so ReLU makes it 0"
    # Batch normalisation as built divides by sqrt(1 + 0.001), twice.
    close_to(layer(maps), expected, 5e-3, "the answer", attempt)


@separable.check
def check_order(mine, reference, rng):
    """With the same weights, the reference's numbers, answering and training."""
    maps = rng.normal(size=(2, 6, 5, 3)).astype("float32")
    for training in (False, True):
        answers = [
            drawn(module.SeparableConvolution(4, rate=2), maps.shape)(maps, training=training)
            for module in (mine, reference)
        ]
        attempt = "depthwise, normalisation, ReLU, pointwise, normalisation, ReLU"
        close_to(*answers, 1e-4, f"the answer with training={training}", attempt)


@pyramid.check
def check_shape(mine, rng):
    """As many channels as filters, and the map's size."""
    layer = mine.AtrousPyramid(4, rates=(1, 2), dropout=0.5)
    maps = rng.normal(size=(2, 6, 5, 3)).astype("float32")
    shape_is(layer(maps), (2, 6, 5, 4), "the pyramid's answer", "join along the channels, then mix")


@pyramid.check
def check_views(mine, reference, rng):
    """With the same weights, the reference's numbers."""
    maps = rng.normal(size=(2, 8, 7, 3)).astype("float32")
    answers = [
        drawn(module.AtrousPyramid(4, rates=(1, 2, 3), dropout=0.5), maps.shape)(maps)
        for module in (mine, reference)
    ]
    attempt = "near, one view for each rate of the same map, whole; joined in this order"
    close_to(*answers, 1e-4, "the answer", attempt)


SETTINGS = dict(appearance=3.0, near=2.5, alike=0.3, smoothness=1.0, close=1.5)


def by_matrix(probabilities, image, steps, radius, appearance, near, alike, smoothness, close):
    """The same mean field with one matrix of all pairs of pixels."""
    places = np.argwhere(np.ones(image.shape[:2]))
    colours, flat = image.reshape(len(places), -1), probabilities.reshape(len(places), -1)
    apart = places[:, None] - places
    far = (apart**2).sum(axis=-1)
    unlike = ((colours[:, None] - colours) ** 2).sum(axis=-1)
    weights = appearance * np.exp(-far / (2 * near**2) - unlike / (2 * alike**2))
    weights += smoothness * np.exp(-far / (2 * close**2))
    weights *= (np.abs(apart).max(axis=-1) <= radius) & (far > 0)
    weights /= weights.sum(axis=1, keepdims=True)
    beliefs = flat
    for _ in range(steps):
        beliefs = flat * np.exp((appearance + smoothness) * (weights @ beliefs))
        beliefs /= beliefs.sum(axis=1, keepdims=True)
    return beliefs.reshape(probabilities.shape)


@crf.check
def check_two_pixels(mine):
    """Two pixels of one colour."""
    image, beliefs = np.full((1, 2, 3), 0.5), np.array([[[0.9, 0.1], [0.4, 0.6]]])
    settings = dict(steps=1, radius=1, appearance=1.0, smoothness=1.0)
    heard = beliefs * np.exp(2 * beliefs[:, ::-1])
    expected = heard / heard.sum(axis=-1, keepdims=True)
    attempt = "each hears the other only, whatever their kernel: a mean of one"
    close_to(mine.dense_crf(beliefs, image, **settings), expected, 1e-6, "beliefs after one step", attempt)


@crf.check
def check_matrix(mine, rng):
    """Random beliefs and colours against one matrix of all pairs."""
    for shape, radius, steps in (((6, 5), 6, 1), ((5, 7), 2, 3), ((1, 6), 3, 2)):
        image, beliefs = rng.random((*shape, 3)), rng.dirichlet([1, 1, 1], size=shape)
        expected = by_matrix(beliefs, image, steps, radius, **SETTINGS)
        received = mine.dense_crf(beliefs, image, steps=steps, radius=radius, **SETTINGS)
        attempt = "every pair within the radius once, heard from both sides"
        close_to(received, expected, 1e-6, f"beliefs after {steps} steps, radius {radius}", attempt)


@crf.check
def check_start_and_refusal(mine, rng):
    """No steps, no change; what does not sum to 1 is refused."""
    beliefs, image = rng.dirichlet([1, 1], size=(4, 3)), rng.random((4, 3, 1))
    close_to(
        mine.dense_crf(beliefs, image, steps=0), beliefs, 1e-9, "beliefs after 0 steps", "yield them first"
    )
    attempt = "raise InputError where a pixel's probabilities do not sum to 1"
    refuses(mine.dense_crf, 2 * beliefs, image, what="probabilities that sum to 2", attempt=attempt)


def square(top, left, size=20, side=8):
    region = np.zeros((size, size), bool)
    region[top : top + side, left : left + side] = True
    return region


@outlines.check
def check_outline(mine):
    """A square inside, one in a corner, a full picture."""
    inner = square(5, 5)
    inner[6:12, 6:12] = False
    attempt = "what erosion by the 3x3 square takes away; the picture's edge takes nothing"
    close_to(mine.outline(square(5, 5)), inner, 0, "outline of a square", attempt)
    corner = np.zeros((20, 20), bool)
    corner[7, :8] = corner[:8, 7] = True
    close_to(mine.outline(square(0, 0)), corner, 0, "outline of a square in the corner", attempt)
    close_to(mine.outline(np.ones((5, 6), bool)), np.zeros((5, 6)), 0, "outline of all", attempt)


@outlines.check
def check_f1_by_hand(mine):
    """The same, one pixel off, another one, none."""
    one, nothing = square(5, 5), np.zeros((20, 20), bool)
    for other, width, value, what in (
        (one, 1, 1, "the same square"), (square(5, 6), 1, 1, "one pixel off, within 1"),
        (nothing, 2, 0, "nothing told"), (square(5, 5)[::-1, ::-1], 9, 1, "far, within 9"),
    ):  # fmt: skip
        close_to(mine.boundary_f1(one, other, width), value, 1e-9, f"F1: {what}", "recall and precision")
    close_to(
        mine.boundary_f1(nothing, nothing, 1), 1, 1e-9, "F1: nothing there, nothing told", "nothing is wrong"
    )


@outlines.check
def check_f1_slowly(mine, rng):
    """Random rectangles against a loop over all pixels, with and without pixels that do not count."""
    for width in (1, 2):
        one, other = square(*rng.integers(2, 6, 2), side=9), square(*rng.integers(3, 9, 2), side=6)
        unjudged = np.zeros_like(one)
        for rows in (0, 7):
            unjudged[:rows] = True
            value = slow_f1(one, other, width, unjudged)
            attempt = "outlines that touch a pixel that does not count are left out"
            received = mine.boundary_f1(one, other, width, unjudged)
            close_to(received, value, 1e-9, f"F1 within {width}, {rows} rows left out", attempt)


def slow_f1(truth, told, width, unjudged):
    """The harmonic mean of both shares, pixel by pixel."""
    lines = []
    for region in (truth, told):
        line = []
        for row, column in np.argwhere(region):
            near = slice(max(row - 1, 0), row + 2), slice(max(column - 1, 0), column + 2)
            if not region[near].all() and not unjudged[near].any():
                line.append((row, column))
        lines.append(np.array(line))
    apart = np.sqrt(((lines[0][:, None] - lines[1]) ** 2).sum(axis=-1))
    recall, precision = (np.mean(apart.min(axis=axis) <= width) for axis in (1, 0))
    return 2 * recall * precision / (recall + precision)
