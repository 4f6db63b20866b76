"""The exercises of day2.fcn: bilinear upsampling, skip connections, mean IoU, and mean IoU near boundaries."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, expect, shape_is
from keras_cv_course.classroom.shared_checks import all_refused, maps_are, same_numbers
from sprints.day2.exercises import slow_masks

kernel = Exercise(
    "kernel",
    "the weights that make a transposed convolution a bilinear interpolation",
    definitions=("bilinear_kernel",),
    points=2,
    hints=(
        "Along one axis there are 2 * factor weights, their centres at 0.5, 1.5 ...; the middle is at factor.",
        "A triangle: 1 in the middle, 0 at a distance of factor. The square kernel is its outer product.",
        "What to reach: factor 2 gives 1/4, 3/4, 3/4, 1/4 along each axis.",
    ),
)
initializer = Exercise(
    "initializer",
    "that kernel for every channel by itself",
    definitions=("Bilinear.__call__",),
    points=1,
    hints=(
        "shape is (rows, columns, channels out, channels in); the factor is half of rows.",
        "Channel i goes to channel i and to no other: which matrix (out, in) says so?",
        "What to reach: [:, :, 0, 0] is the bilinear kernel, [:, :, 0, 1] is 0.",
    ),
)
skips = Exercise(
    "skips",
    "from an image to scores: the coarse ones upsampled, finer ones added, then up to full size",
    definitions=("FCN.endpoints",),
    points=4,
    hints=(
        "`self.body.endpoints` gives all maps of the body. The convolutions of `self.head`, each followed by dropout, "
        "turn its last one into what `self.scores[0]` scores.",
        "Then, for each name in `self.skips`: the score so far upsampled by 2, plus the score of that map.",
        "`self.upsample` holds one layer for each skip, and last the one that reaches full size.",
        'What to reach: five blocks with two skips give "score32", "score16", "score8" and "logits".',
    ),
)
table = Exercise(
    "table",
    "the confusion matrix, and intersection over union of every class",
    definitions=("confusion", "iou_by_class"),
    points=3,
    hints=(
        "First drop the pixels whose truth is void, from truth and prediction alike.",
        "truth * classes + predicted numbers the cells of the matrix row by row; np.bincount counts them.",
        "The union of a class: the pixels that are it, plus those predicted as it, less what is counted twice.",
        "What to reach: truth 0, 0, 1, void and prediction 0, 1, 1, 1 give 1/2 and 1/2.",
    ),
)
boundary = Exercise(
    "boundary",
    "mean IoU of the pixels near a boundary",
    definitions=("trimap_mean_iou", "_near_boundaries"),
    points=3,
    hints=(
        "`distance_transform_edt(~others)` is every pixel's distance to the nearest pixel of `others`. What are the "
        "others of a class? Void is not among them.",
        "An image of one class has no boundary, whatever is void in it.",
        "Turn the pixels that are not near a boundary into void: then `confusion` leaves them out.",
        "`count_classes`, which is given, says how many classes there are.",
        "What to reach: two halves of an image and width 1: the two columns in the middle count.",
    ),
)

EXERCISES = Exercises(
    "day2.fcn",
    sources=(
        "keras_cv_course.metrics.mean_iou",
        "keras_cv_course.metrics.boundary",
        "keras_cv_course.segment.fcn",
    ),
    exercises=(kernel, initializer, skips, table, boundary),
)


def triangle(factor):
    """The kernel along one axis."""
    places = np.arange(2 * factor) + 0.5
    return np.interp(places, [0, factor, 2 * factor], [0, 1, 0])


@kernel.check
def check_kernel(mine, rng):
    """Factors 1, 2, 3 and a larger one."""
    attempt = "1 minus the distance from the middle over the factor; then the outer product"
    for factor in (1, 2, 3, int(rng.integers(5, 20))):
        expected = np.outer(triangle(factor), triangle(factor))
        close_to(mine.bilinear_kernel(factor), expected, 1e-6, f"kernel of factor {factor}", attempt)


@kernel.shows
def image_of_kernel(mine):
    """Kernels of factors 8 and 16, beside each other."""
    small, large = (np.asarray(mine.bilinear_kernel(factor)) for factor in (8, 16))
    return np.hstack([np.pad(small, 8), large])


@initializer.check
def check_channels(mine, rng):
    """Every channel is upsampled by itself."""
    for factor, channels in ((2, 3), tuple(rng.integers((3, 4), (6, 8)))):
        one = np.outer(triangle(factor), triangle(factor))
        shape = (2 * int(factor), 2 * int(factor), int(channels), int(channels))
        expected = one[:, :, None, None] * np.eye(channels)
        close_to(mine.Bilinear()(shape), expected, 1e-6, f"kernel {shape}", "the kernel times a unit matrix")


@initializer.check
def check_other_shapes_are_refused(mine):
    """Kernels that are not square, of odd size, or with other channels out than in."""
    shapes = ((3, 3, 2, 2), (4, 6, 2, 2), (4, 4, 2, 3))
    all_refused(mine.Bilinear(), {f"shape {shape}": (shape,) for shape in shapes})


SMALL = dict(blocks=(1, 1, 1), filters=(3, 3, 3), head_filters=(4, 5), head_kernel=3, dropout=0.5, classes=3)


@skips.check
def check_maps(mine, rng):
    """The names and sizes of all maps."""
    images = rng.random((1, 16, 24, 2), dtype="float32")
    body = {f"conv{n}_1": (1, 32 >> n, 48 >> n, 3) for n in (1, 2, 3)}
    body |= {f"pool{n}": (1, 16 >> n, 24 >> n, 3) for n in (1, 2, 3)} | {"features": (1, 2, 3, 3)}
    for stride, apart in ((8, (8,)), (4, (8, 4)), (2, (8, 4, 2))):
        network = mine.FCN(stride=stride, **SMALL)
        scores = {f"score{pixels}": (1, 16 // pixels, 24 // pixels, 3) for pixels in apart}
        attempt = 'the body\'s maps, "score8" and with each skip the score half as far apart, and "logits"'
        maps_are(network.endpoints(images), {**body, **scores, "logits": (1, 16, 24, 3)}, attempt)


@skips.check(points=2)
def check_numbers(mine, reference, rng):
    """With the same weights, the reference's logits at every stride."""
    images = rng.random((2, 16, 16, 2), dtype="float32")
    for stride in (8, 4, 2):
        attempt = "scores are added, not maps: each map is scored by its own 1x1 convolution first"
        make = lambda module, stride=stride: module.FCN(stride=stride, **SMALL)  # noqa: E731
        same_numbers(mine, reference, make, images, 1e-3, f"logits at stride {stride}", attempt)


@skips.check
def check_dropout(mine, rng):
    """Dropout acts behind both convolutions of the head, in training only."""
    images = rng.random((2, 16, 16, 2), dtype="float32")
    for head in ((8,), (8, 8)):
        network = mine.FCN(stride=8, **{**SMALL, "head_filters": head})
        network.build((None, 16, 16, 2))
        calm, again, first, second = (
            np.asarray(network.endpoints(images, training=training)["score8"])
            for training in (False, False, True, True)
        )
        close_to(again, calm, 1e-6, "scores, asked twice", "dropout gets training=training")
        expect(
            np.any(first != second), "other scores each time in training", "the same", "dropout in the head"
        )


@table.check(points=2)
def check_random_tables(mine, rng):
    """Random masks, counted pixel by pixel, and IoU by sets of pixels."""
    truth, predicted = rng.integers(0, 5, (2, 3, 8, 9))
    truth[rng.random(truth.shape) < 0.2] = 255
    counted = slow_masks.counted_pairs(truth, predicted, 6)
    attempt = "rows are the truth; void, which may be any number, is dropped first; minlength=classes**2"
    for void in (255, 9):
        masks = np.where(truth == 255, void, truth)
        received = mine.confusion(masks, predicted, 6, void)
        close_to(received, counted, 0, f"the confusion matrix with void={void}", attempt)
    attempt = "shared over union; a class that is neither there nor predicted is NaN"
    received = shape_is(mine.iou_by_class(counted), (6,), "IoU of each class", attempt)
    close_to(received[:5], slow_masks.union_shares(truth, predicted, 5), 1e-9, "IoU", attempt)
    expect(np.isnan(received[5]), "NaN for a class that is nowhere", received[5], attempt)


@table.check
def check_strange_masks_are_refused(mine):
    """A class out of range, and masks of two shapes."""
    zeros = np.zeros((2, 2), int)
    cases = {
        "class 7 of 3": (zeros + 7, zeros, 3),
        # Counted at 3 * truth + predicted it would be a pixel of class 1.
        "a predicted class 3 of 3": (zeros, zeros + 3, 3),
        "shapes (2, 2) and (2, 3)": (zeros, np.zeros((2, 3), int), 3),
    }
    all_refused(mine.confusion, cases)


@boundary.check(points=2)
def check_slow_loop(mine, rng):
    """Random rectangles of two classes and void, against a loop over all pairs of pixels."""
    for width in (1, 2, 3):
        truth, predicted = slow_masks.rectangles(rng)
        expected = np.mean(slow_masks.union_shares(slow_masks.near_boundaries(truth, width), predicted, 3))
        attempt = "a pixel counts if another class is at most `width` away; void is no class"
        received = mine.trimap_mean_iou(truth, predicted, width)
        close_to(received, expected, 1e-9, f"mean IoU within {width}", attempt)


@boundary.check
def check_one_class_beside_void(mine):
    """One class beside void has no boundary."""
    truth = np.zeros((1, 5, 6), int)
    truth[:, :, 3:] = 255
    received = mine.trimap_mean_iou(truth, np.zeros((1, 5, 6), int), 1)
    expect(np.isnan(received), "NaN for an image of one class and void", received, "see Returns: no boundary")


@boundary.shows
def image_of_boundaries(mine):
    """A disc and a square, then the pixels within 3 of a boundary; a void corner makes none."""
    down, right = np.mgrid[:48, :48]
    mask = np.where(np.hypot(down - 18, right - 18) < 12, 1, 0)
    mask[26:42, 24:42], mask[:12, 36:] = 2, 255
    near = np.asarray(mine._near_boundaries(mask[None], 3))[0]
    return np.hstack([np.minimum(mask, 4) / 4, near.astype("float64")])
