"""The exercises of day2.fcn: bilinear enlarging, skips, mean IoU, and mean IoU near borders."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, expect, refuses, shape_is

kernel = Exercise(
    "kernel",
    "the weights that turn a transposed convolution into bilinear enlarging",
    definitions=("bilinear_kernel",),
    points=2,
    hints=(
        "Along one axis: 2 * factor weights, their centres at 0.5, 1.5 ...; the middle is at factor.",
        "A triangle: 1 in the middle, 0 at a distance of factor. The square kernel is its outer product.",
        "What to reach: factor 2 gives 1/4, 3/4, 3/4, 1/4 along each axis.",
    ),
)
start = Exercise(
    "start",
    "that kernel for every channel by itself",
    definitions=("Bilinear.__call__",),
    points=1,
    hints=(
        "shape is (rows, columns, out, in); the factor is half of rows.",
        "Channel i goes to channel i and to no other: which matrix (out, in) says so?",
        "What to reach: [:, :, 0, 0] is the bilinear kernel, [:, :, 0, 1] is 0.",
    ),
)
fusion = Exercise(
    "fusion",
    "from a picture to scores: the coarse ones enlarged, finer ones added, then up to full size",
    definitions=("FCN.endpoints",),
    points=4,
    hints=(
        "`self.body.endpoints` gives all maps; the dense layers, each with dropout, turn the last into what "
        "`self.scores[0]` scores.",
        "Then, for each name in `self.skips`: the score so far enlarged twice, plus the score of that map.",
        "`self.upsample` holds one layer for each skip, and last the one that reaches full size.",
        'What to reach: five blocks with two skips give "score32", "score16", "score8", "logits".',
    ),
)
table = Exercise(
    "table",
    "who is taken for whom, and intersection over union of every class",
    definitions=("confusion", "iou_by_class"),
    points=3,
    hints=(
        "First drop the pixels whose truth is void, from truth and prediction alike.",
        "truth * classes + predicted numbers the cells of the table row by row; np.bincount counts them.",
        "The union of a class: what is it, plus what is told to be it, less what is counted twice.",
        "What to reach: truth 0, 0, 1, void and told 0, 1, 1, 1 give 1/2 and 1/2.",
    ),
)
border = Exercise(
    "border",
    "mean IoU of the pixels near a border",
    definitions=("trimap_mean_iou", "_near_borders"),
    points=3,
    hints=(
        "`distance_transform_edt(mask == value)` tells each pixel of a class how far it is from the others.",
        "A pixel is near if that distance, in its own class's map, is at most the width.",
        "Give the pixels that are not near the class void: then `confusion` leaves them out.",
        "What to reach: two halves of a picture and width 1: the two columns in the middle.",
    ),
)

EXERCISES = Exercises(
    "day2.fcn",
    sources=(
        "keras_cv_course.metrics.mean_iou",
        "keras_cv_course.metrics.boundary",
        "keras_cv_course.segment.fcn",
    ),
    exercises=(kernel, start, fusion, table, border),
)


@kernel.check
def check_kernel_by_hand(mine):
    """Factors 1, 2 and 3, by hand."""
    attempt = "1 minus the distance from the middle over the factor; then the outer product"
    for factor, one in (
        (1, [0.5, 0.5]),
        (2, [0.25, 0.75, 0.75, 0.25]),
        (3, [1 / 6, 0.5, 5 / 6, 5 / 6, 0.5, 1 / 6]),
    ):
        close_to(
            mine.bilinear_kernel(factor), np.outer(one, one), 1e-6, f"kernel of factor {factor}", attempt
        )


@kernel.check
def check_a_ramp_stays_a_ramp(mine):
    """Copies of the kernel, each times its pixel, add up to a straight line."""
    factor, ramp = 4, np.arange(7.0)
    sheet = np.zeros((factor * 8, 2 * factor))
    square = shape_is(
        mine.bilinear_kernel(factor), (8, 8), "kernel of factor 4", "2 * factor along each axis"
    )
    for number, value in enumerate(ramp):
        sheet[number * factor :][: 2 * factor] += value * square
    # Half a coarse pixel in: the first copy begins half a coarse pixel before its own pixel.
    fine = (np.arange(6, 26) + 0.5) / factor - 1.0
    line = sheet[6:26].sum(axis=1) / factor
    close_to(line, fine, 1e-5, "the ramp, four times finer", "neighbouring weights must sum to 1")


@kernel.shows
def image_of_kernel(mine):
    """Kernels of factors 8 and 16, beside each other."""
    small, large = (np.asarray(mine.bilinear_kernel(factor)) for factor in (8, 16))
    return np.hstack([np.pad(small, 8), large])


@start.check
def check_channels(mine):
    """Three channels, each enlarged by itself."""
    values = mine.Bilinear()((4, 4, 3, 3))
    one = np.array([0.25, 0.75, 0.75, 0.25])
    expected = np.outer(one, one)[:, :, None, None] * np.eye(3)
    close_to(values, expected, 1e-6, "kernel of shape (4, 4, 3, 3)", "the kernel times a unit matrix")


@start.check
def check_other_shapes_are_refused(mine):
    """A kernel of odd size, and channels that differ."""
    attempt = "raise InputError where it cannot be bilinear enlarging"
    for shape in ((3, 3, 2, 2), (4, 6, 2, 2), (4, 4, 2, 3)):
        refuses(mine.Bilinear(), shape, what=f"shape {shape}", attempt=attempt)


def small(module, stride, dropout=0.0):
    """A built FCN of three blocks, its weights drawn from their shapes, so that all have the same."""
    sizes = dict(blocks=(1, 1, 1), filters=(3, 3, 3), head_filters=(4, 5), head_kernel=3, dropout=dropout, classes=3)
    net = module.FCN(stride=stride, **sizes)
    net.build((None, 16, 16, 2))
    net.set_weights([
        np.random.default_rng((number, *values.shape)).normal(0, 0.3, values.shape).astype("float32")
        for number, values in enumerate(net.get_weights())
    ])  # fmt: skip
    return net


@fusion.check
def check_maps(mine, rng):
    """The names and sizes of the scores."""
    images = rng.random((1, 16, 24, 2)).astype("float32")
    for stride, apart in ((8, (8,)), (4, (8, 4)), (2, (8, 4, 2))):
        maps = small(mine, stride).endpoints(images)
        attempt = 'add "score8" and, with each skip, the score half as far apart; "logits" comes last'
        expect(isinstance(maps, dict), "a dictionary of maps", maps, attempt)
        for pixels in apart:
            name, shape = f"score{pixels}", (1, 16 // pixels, 24 // pixels, 3)
            expect(name in maps, f"a map {name} at stride {stride}", sorted(maps), attempt)
            shape_is(maps[name], shape, f"{name} at stride {stride}", attempt)
        expect("logits" in maps, f"a map logits at stride {stride}", sorted(maps), attempt)
        shape_is(maps["logits"], (1, 16, 24, 3), f"logits at stride {stride}", attempt)


@fusion.check
def check_scores(mine, reference, rng):
    """With the same weights, the reference's scores at every stride."""
    images = rng.random((2, 16, 16, 2)).astype("float32")
    for stride in (8, 4, 2):
        answers = [small(module, stride, dropout=0.5)(images) for module in (mine, reference)]
        attempt = "scores are added, not maps: each map is scored by its own 1x1 convolution first"
        close_to(*answers, 1e-4, f"logits at stride {stride}", attempt)


@table.check
def check_table_by_hand(mine):
    """Six pixels, two of them void."""
    truth, told = np.array([[0, 0, 1], [2, 255, 255]]), np.array([[0, 1, 1], [1, 2, 0]])
    attempt = "rows are the truth; void pixels are dropped first"
    close_to(mine.confusion(truth, told, 3), [[1, 1, 0], [0, 1, 0], [0, 1, 0]], 0, "the table", attempt)
    truth, told = np.array([0, 1, 1, 2]), np.array([1, 1, 0, 1])
    attempt = "void may be any number"
    close_to(mine.confusion(truth, told, 2, 2), [[0, 1], [1, 1]], 0, "the table with void=2", attempt)


@table.check
def check_random_tables(mine, rng):
    """Random masks, counted pixel by pixel, and IoU by sets of pixels."""
    truth, told = rng.integers(0, 5, (2, 3, 8, 9))
    truth[rng.random(truth.shape) < 0.2] = 255
    counted = np.zeros((6, 6))
    for one, other in zip(truth.ravel(), told.ravel(), strict=True):
        if one != 255:
            counted[one, other] += 1
    close_to(mine.confusion(truth, told, 6), counted, 0, "the table", "np.bincount with minlength=classes**2")
    attempt = "shared over union; a class that is neither there nor told is NaN"
    received = shape_is(mine.iou_by_class(counted), (6,), "IoU of each class", attempt)
    known = truth != 255
    expected = [
        np.sum(known & (truth == c) & (told == c)) / np.sum(known & ((truth == c) | (told == c)))
        for c in range(5)
    ]
    close_to(received[:5], expected, 1e-9, "IoU", attempt)
    expect(np.isnan(received[5]), "NaN for a class that is nowhere", received[5], attempt)


@table.check
def check_strange_masks_are_refused(mine):
    """A class out of range, and masks of two shapes."""
    zeros = np.zeros((2, 2), int)
    attempt = "raise InputError and say which classes there are"
    refuses(mine.confusion, zeros + 7, zeros, 3, what="class 7 of 3", attempt=attempt)
    # Counted at 3 * truth + told it would be a pixel of class 1.
    refuses(mine.confusion, zeros, zeros + 3, 3, what="a told class 3 of 3", attempt=attempt)
    refuses(mine.confusion, zeros, np.zeros((2, 3), int), 3, what="shapes (2, 2) and (2, 3)", attempt=attempt)


def some_masks(rng):
    """Two pictures of rectangles of three classes, some of it void."""
    masks = np.zeros((2, 14, 12), int)
    for mask in masks:
        for value in (1, 2, 255):
            top, left = rng.integers(0, 8, 2)
            mask[top : top + 5, left : left + 4] = value
    return masks


@border.check
def check_halves(mine):
    """A picture of two halves."""
    truth = np.zeros((1, 6, 8), int)
    truth[:, :, 4:] = 1
    told = truth.copy()
    told[:, :, 7] = 0
    attempt = "only columns 3 and 4 are within one pixel of the border, and they are right"
    close_to(mine.trimap_mean_iou(truth, told, 2, 1), 1, 1e-9, "mean IoU within 1 pixel", attempt)
    told[:, :3, 4] = 0
    attempt = "12 pixels: class 0 has 6 of 9, class 1 has 3 of 6"
    close_to(
        mine.trimap_mean_iou(truth, told, 2, 1), (6 / 9 + 3 / 6) / 2, 1e-9, "mean IoU within 1 pixel", attempt
    )


@border.check
def check_slow_loop(mine, rng):
    """Random rectangles against a loop over all pairs of pixels."""
    for width in (1, 2, 3):
        truth = some_masks(rng)
        told = np.where(rng.random(truth.shape) < 0.3, rng.integers(0, 3, truth.shape), np.minimum(truth, 2))
        tables = np.zeros((3, 3))
        places = np.argwhere(np.ones(truth.shape[1:]))
        for mask, answer in zip(truth, told, strict=True):
            for place in places:
                others = places[mask.ravel() != mask[tuple(place)]]
                near = ((others - place) ** 2).sum(axis=1).min() <= width**2
                if near and mask[tuple(place)] != 255:
                    tables[mask[tuple(place)], answer[tuple(place)]] += 1
        shared = np.diag(tables)
        expected = np.nanmean(shared / (tables.sum(axis=0) + tables.sum(axis=1) - shared))
        attempt = "judge a pixel if another class, or void, is at most `width` away; void itself never"
        received = mine.trimap_mean_iou(truth, told, 3, width)
        close_to(received, expected, 1e-9, f"mean IoU within {width}", attempt)
