"""The exercises of day1.deformable: sampling points, interpolation between pixels, and the layer of both."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, expect
from keras_cv_course.classroom.example_images import digits
from keras_cv_course.classroom.shared_checks import same_numbers, weights_are
from sprints.day1.exercises.slow_convolution import convolved

places = Exercise(
    "places",
    "the sampling points of an ordinary convolution along one axis",
    definitions=("grid_points",),
    points=1,
    hints=(
        "Window i begins `strides` pixels after window i - 1 and has `kernel_size` points in a row.",
        "The last window ends at (count - 1) * strides + kernel_size. How much of that is beyond the image? "
        "Half of it, rounded down, lies before pixel 0; where nothing is missing, nothing does.",
        "`count` and `size` may be tensors: add a column of first points to a row of 0 ... kernel_size - 1.",
        "What to reach: 5 pixels, kernel 3, 'same': (-1, 0, 1), (0, 1, 2) ... (3, 4, 5), as float32.",
    ),
)
samples = Exercise(
    "samples",
    "bilinear interpolation of an image at points between its pixels",
    definitions=("bilinear_samples",),
    points=4,
    hints=(
        "Only the four pixels around p have a weight above 0: those at floor(p) and one further, each way.",
        "Put one pixel of zeros around the image and clip the points to that frame: then nothing is outside.",
        "Lay the pixels of all images in one list, (N * H * W, C): where does image n begin, where row y?",
        "`ops.take(pixels, places, axis=0)` reads (N, P) pixels at once; four times, each with its weight.",
        "What to reach: in [[1, 2], [3, 4]] the point (0.5, 0.5) is 2.5, and (0, -0.5) is 0.5.",
    ),
)
layer = Exercise(
    "layer",
    "a convolution that predicts offsets, and one that samples at the moved points",
    definitions=tuple(f"DeformableConv2D.{name}" for name in ("build", "offsets", "sampling_points", "call")),
    points=5,
    hints=(
        "`__init__`, which is given, holds `offset_convolution`: build it, too, and use it in `offsets`.",
        "The kernel has Conv2D's shape, (kernel, kernel, channels, filters); the bias only if there is one.",
        "Its 2 * kernel * kernel channels are, for each kernel row and column in turn, down and right; "
        "`offset_scale` times that is the offset.",
        "`grid_points` gives (windows, kernel) positions for the rows and for the columns: give each the axes "
        "that it lacks, add the offsets, stack y and x.",
        "A window's samples, one behind the other, times the kernel as a matrix: eq. 2 is `ops.matmul`.",
        "What to reach: as built, the same numbers as Conv2D; with an offset of (1, 0) everywhere, "
        "those of the image one row further down.",
    ),
)
spread = Exercise(
    "radius",
    "the root mean squared distance of a kernel's sampling points from their mean",
    definitions=("rms_radius",),
    points=1,
    hints=(
        "Take the mean over the kernel's rows and columns; subtract it from every point.",
        "A squared distance is the sum of two squares; the mean goes over the points, the root comes last.",
        "What to reach: four points at the corners of a 2x2 square are sqrt(2) from their mean.",
    ),
)

EXERCISES = Exercises(
    "day1.deformable",
    sources=("keras_cv_course.layers.deformable_convolution",),
    exercises=(places, samples, layer, spread),
)


@places.check
def check_points_by_counting(mine, rng):
    """Random sizes, kernels and strides: where the first window begins, and float32 numbers from there on."""
    attempt = "count what is missing after the last window; half of it, rounded down, comes first"
    cases = [(6, 1, 3, "same")]  # windows that leave pixels out
    for _ in range(20):
        size, kernel, stride = (int(number) for number in rng.integers((5, 1, 1), (12, 6, 4)))
        cases.append((size, kernel, stride, str(rng.choice(["valid", "same"]))))
    for size, kernel, stride, padding in cases:
        count, first = (size - kernel) // stride + 1, 0
        if padding == "same":
            count = -(-size // stride)
            first = -(max((count - 1) * stride + kernel - size, 0) // 2)
        expected = [[first + window * stride + place for place in range(kernel)] for window in range(count)]
        points = mine.grid_points(size, count, kernel, stride, padding)
        case = f"points for {(size, count, kernel, stride, padding)}"
        close_to(points, expected, 0, case, attempt)
        kind = str(getattr(points, "dtype", type(points).__name__))
        expect(kind == "float32", "float32 numbers", kind, "ops.cast(points, 'float32')")


@samples.check
def check_samples_by_hand(mine, rng):
    """Points on pixels, between them, and beyond the edge of [[1, 2, 3], [4, 5, 6]], times a random number."""
    factor = float(rng.uniform(0.5, 2))
    image = factor * np.array([[1.0, 2, 3], [4, 5, 6]], "float32").reshape(1, 2, 3, 1)
    attempt = "four pixels, each weighted by (1 - distance down) * (1 - distance to the right); 0 outside"
    for point, value in (
        ((0, 0), 1), ((0, 2), 3), ((1, 0), 4), ((0.5, 0), 2.5), ((0, 0.5), 1.5), ((0.5, 1.5), 4),
        ((0.25, 1), 2.75), ((0, -0.5), 0.5), ((1.5, 2), 3), ((-1, 0), 0), ((5, 1), 0), ((0, -7), 0),
    ):  # fmt: skip
        points, case = np.array([[point]], "float32"), f"value at (y, x) = {point}"
        close_to(mine.bilinear_samples(image, points), [[[factor * value]]], 1e-5, case, attempt)


@samples.check(points=2)
def check_samples_are_equation_3(mine, rng):
    """Random points of two images agree with the sum over all pixels."""
    images = rng.standard_normal((2, 5, 7, 3)).astype("float32")
    points = rng.uniform(-1.5, 7.5, (2, 30, 2)).astype("float32")
    rows = np.maximum(0, 1 - np.abs(np.arange(5) - points[..., :1]))  # (2, 30, 5)
    columns = np.maximum(0, 1 - np.abs(np.arange(7) - points[..., 1:]))
    expected = np.einsum("nph,npw,nhwc->npc", rows, columns, images)
    attempt = "every image has its own points; y counts rows, x columns"
    close_to(mine.bilinear_samples(images, points), expected, 1e-4, "values", attempt)


@samples.shows
def image_of_enlarged(mine):
    """Four digits, enlarged six times."""
    along = (np.arange(48) + 0.5) / 6 - 0.5
    points = np.stack(np.meshgrid(along, along, indexing="ij"), axis=-1).reshape(1, -1, 2)
    values = np.asarray(
        mine.bilinear_samples(digits(0, 3, 6, 8, times=1), np.tile(points, (4, 1, 1)).astype("float32"))
    )
    return np.hstack(np.clip(values.reshape(4, 48, 48), 0, 1))


@layer.check
def check_weights_are_built(mine):
    """Building makes a kernel, a bias, and the offsets' own kernel and bias, which start at 0."""
    for bias, extra in ((True, [(4,)]), (False, [])):
        built = mine.DeformableConv2D(4, 3, use_bias=bias)
        built.build((None, 8, 8, 2))
        attempt = "build `offset_convolution`, then add_weight for the kernel and, if wanted, the bias"
        weights_are(built, [(3, 3, 2, 4), *extra, (3, 3, 2, 18), (18,)], attempt)
        offsets = [weight for weight in built.get_weights() if np.shape(weight)[-1] == 18]
        still = not any(np.any(weight) for weight in offsets)
        expect(still, "offsets that start at 0", "others", "leave the convolution of the offsets as it is")


@layer.check(points=1)
def check_without_offsets_it_is_a_convolution(mine, rng):
    """Before training it gives the numbers of an ordinary convolution: kernel sizes, strides and paddings."""
    images = rng.standard_normal((2, 6, 7, 2)).astype("float32")
    attempt = "no offset: the samples are the pixels of the window, row after row, channels last"
    for kernel, stride, padding in ((3, 1, "same"), (3, 2, "same"), (2, 1, "same"), (3, 2, "valid")):
        built, weights = _with_offset(mine, images, rng, (0, 0), kernel, stride, padding)
        expected = convolved(images, *weights, stride, padding)
        case = f"feature maps (kernel {kernel}, stride {stride}, {padding})"
        close_to(built(images), expected, 1e-4, case, attempt)


@layer.check
def check_offsets_shift_the_image(mine, rng):
    """An offset of whole pixels is the shifted image; half a pixel is the mean of two."""
    images = np.zeros((1, 9, 9, 1), "float32")
    images[:, 3:6, 3:6] = rng.random((1, 3, 3, 1))
    attempt = "offsets are (down, right): the kernel samples there"
    for down, right in ((1, 0), (0, 1), (-1, 2), (0.5, 0)):
        built, weights = _with_offset(mine, images, rng, (down, right))
        shifts = ((int(np.floor(down)), right), (int(np.ceil(down)), right))
        shifted = sum(np.roll(images, (-y, -x), (1, 2)) for y, x in shifts) / 2
        case = f"maps at offset ({down}, {right})"
        close_to(built(images), convolved(shifted, *weights), 1e-4, case, attempt)


@layer.check
def check_every_point_has_its_own_offset(mine, rng):
    """Points are (y, x) in pixels: the grid, plus `offset_scale` times the offset of that row and column."""
    images = rng.standard_normal((2, 5, 6, 1)).astype("float32")
    offsets, scale = rng.uniform(-2, 2, (3, 3, 2)).astype("float32"), float(rng.uniform(0.2, 0.8))
    built, _ = _with_offset(mine, images, rng, offsets, offset_scale=scale)
    attempt = "the channels of `offset_convolution` are (kernel row, kernel column, down and right)"
    expected = np.tile(scale * offsets, (2, 5, 6, 1, 1, 1))
    close_to(built.offsets(images), expected, 1e-5, "offsets (offset_scale times the prediction)", attempt)
    grid = np.stack(np.meshgrid(np.arange(3), np.arange(3), indexing="ij"), axis=-1) - 1
    windows = np.stack(np.meshgrid(np.arange(5), np.arange(6), indexing="ij"), axis=-1)
    expected = expected + windows[:, :, None, None] + grid
    close_to(built.sampling_points(images), expected, 1e-4, "sampling points", attempt)


@layer.check(points=2)
def check_offsets_depend_on_the_image(mine, reference, rng):
    """With the same weights, those of the offsets included, it gives the reference's numbers."""
    images = rng.standard_normal((2, 6, 5, 2)).astype("float32")

    def make(module):
        return module.DeformableConv2D(4, 3, 2, activation="relu")

    attempt = "eq. 2, then the bias, then `self.activate`"
    same_numbers(mine, reference, make, images, 1e-4, "feature maps", attempt)


@spread.check
def check_radius(mine, rng):
    """A 3x3 grid, elsewhere and wider; then one number for each of many windows."""
    grid = np.stack(np.meshgrid(np.arange(3.0), np.arange(3.0), indexing="ij"), axis=-1)
    moved = (rng.uniform(1, 3) * grid + rng.uniform(-5, 5, 2)).astype("float32")
    many = rng.normal(0, 2, (2, 4, 5, 3, 3, 2)).astype("float32")
    attempt = (
        "subtract the mean point, then the root of the mean squared distance, over the kernel's two axes"
    )
    for points, what in ((moved, "a 3x3 grid"), (moved[:2, :2], "a 2x2 grid"), (many, "many kernels")):
        flat = points.reshape(*points.shape[:-3], -1, 2).astype("float64")
        expected = np.sqrt(flat.var(axis=-2).sum(axis=-1))
        close_to(mine.rms_radius(points), expected, 1e-4, f"radius of {what}", attempt)


def _with_offset(module, images, rng, offset, kernel=3, stride=1, padding="same", **options):
    """A layer with a random kernel and bias and the same offsets in every window; (layer, (kernel, bias))."""
    built = module.DeformableConv2D(4, kernel, stride, padding, **options)
    built.build(images.shape)
    shape = (kernel, kernel, images.shape[-1], 4)
    weights = rng.standard_normal(shape).astype("float32"), rng.standard_normal(4).astype("float32")
    moves = np.broadcast_to(np.float32(offset), (kernel, kernel, 2)).ravel()
    known = {shape: weights[0], (4,): weights[1], moves.shape: moves}
    built.set_weights([
        known.get(values.shape, np.zeros(values.shape, "float32")) for values in built.get_weights()
    ])  # fmt: skip
    return built, weights
