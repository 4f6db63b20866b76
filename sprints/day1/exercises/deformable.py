"""The exercises of day1.deformable: where a kernel looks, what is there, and a layer that moves it."""

import numpy as np

from keras_cv_course.classroom import (
    Exercise,
    Exercises,
    close_to,
    expect,
    shape_is,
)

places = Exercise(
    "places",
    "where the windows of a plain convolution lie along one axis",
    definitions=("grid_points",),
    points=1,
    hints=(
        "Window i begins `strides` pixels after window i - 1 and looks at `kernel_size` pixels in a row.",
        "The last window ends at (count - 1) * strides + kernel_size. How much of that is beyond the image? "
        "Half of it, rounded down, lies before pixel 0; where nothing is missing, nothing does.",
        "`count` and `size` may be tensors: add a column of window beginnings to a row of kernel places.",
        "What to reach: 5 pixels, kernel 3, 'same': (-1, 0, 1), (0, 1, 2) ... (3, 4, 5), as float32.",
    ),
)
samples = Exercise(
    "samples",
    "the value of an image between its pixels, from the four around the point",
    definitions=("bilinear_samples",),
    points=4,
    hints=(
        "Only the four pixels around p have a weight above 0: those at floor(p) and one further, each way.",
        "Put one pixel of zeros around the image and clip the points to that frame: then nothing is outside.",
        "Lay the pixels of all images in one list, (N * H * W, C): where does image n begin, where row y?",
        "`ops.take(pixels, places, axis=0)` reads (N, P) places at once; four times, each with its weight.",
        "What to reach: in [[1, 2], [3, 4]] the point (0.5, 0.5) is 2.5, and (0, -0.5) is 0.5.",
    ),
)
layer = Exercise(
    "layer",
    "a convolution that predicts offsets, and one that looks where they lead",
    definitions=(
        "DeformableConv2D.build",
        "DeformableConv2D.offsets",
        "DeformableConv2D.sampling_points",
        "DeformableConv2D.call",
    ),
    points=5,
    hints=(
        "`__init__`, which is given, holds `offset_convolution`: build it, too, and use it in `offsets`.",
        "The kernel has Conv2D's shape, (kernel, kernel, channels, filters); the bias only if there is one.",
        "Its 2 * kernel * kernel channels are, for each kernel row and column in turn, down and right; "
        "`offset_scale` times that is the offset.",
        "`grid_points` gives (windows, kernel) places for the rows and for the columns: give each the axes "
        "that it lacks, add the offsets, stack y and x.",
        "A window's samples, one behind the other, times the kernel as a matrix: eq. 2 is `ops.matmul`.",
        "What to reach: as built, the same numbers as Conv2D; with an offset of (1, 0) everywhere, "
        "those of the image one row further down.",
    ),
)
spread = Exercise(
    "reach",
    "how far a kernel's points lie from their own middle",
    definitions=("rms_radius",),
    points=1,
    hints=(
        "The middle is the mean over the kernel's rows and columns; subtract it from every point.",
        "A squared distance is the sum of two squares; the mean goes over the points, the root comes last.",
        "What to reach: four points at the corners of a 2x2 square are sqrt(2) from its middle.",
    ),
)

EXERCISES = Exercises(
    "day1.deformable",
    sources=("keras_cv_course.layers.deformable_convolution",),
    exercises=(places, samples, layer, spread),
)


@places.check
def check_places_by_hand(mine):
    """Windows that can be drawn on squared paper."""
    attempt = "count what is missing after the last window; half of it, rounded down, comes first"
    for arguments, first in (
        ((7, 5, 3, 1, "valid"), 0), ((7, 3, 3, 2, "valid"), 0), ((5, 5, 3, 1, "same"), -1),
        ((7, 4, 3, 2, "same"), -1), ((8, 4, 3, 2, "same"), 0), ((6, 6, 4, 1, "same"), -1),
        ((6, 6, 2, 1, "same"), 0), ((9, 9, 5, 1, "same"), -2), ((6, 2, 1, 3, "same"), 0),
    ):  # fmt: skip
        _, count, kernel, stride, _ = arguments
        expected = [[first + window * stride + place for place in range(kernel)] for window in range(count)]
        close_to(mine.grid_points(*arguments), expected, 0, f"places for {arguments}", attempt)


@places.check
def check_places_are_float32(mine):
    """Offsets are added to them: they are float32."""
    points = mine.grid_points(5, 5, 3, 1, "same")
    kind = str(getattr(points, "dtype", type(points).__name__))
    expect(kind == "float32", "float32 numbers", kind, "ops.cast(points, 'float32')")
    expected = [[i - 1, i, i + 1] for i in range(5)]
    close_to(points, expected, 0, "places for (5, 5, 3, 1, 'same')", "windows side by side")


@samples.check
def check_samples_by_hand(mine):
    """Points on pixels, between them, and beyond the edge."""
    image = np.array([[1.0, 2, 3], [4, 5, 6]], "float32").reshape(1, 2, 3, 1)
    attempt = "four pixels, each weighed by (1 - distance down) * (1 - distance to the right); 0 outside"
    for point, value in (
        ((0, 0), 1), ((0, 2), 3), ((1, 0), 4), ((0.5, 0), 2.5), ((0, 0.5), 1.5), ((0.5, 1.5), 4),
        ((0.25, 1), 2.75), ((0, -0.5), 0.5), ((1.5, 2), 3), ((-1, 0), 0), ((5, 1), 0), ((0, -7), 0),
    ):  # fmt: skip
        points = np.array([[point]], "float32")
        close_to(
            mine.bilinear_samples(image, points), [[[value]]], 1e-5, f"value at (y, x) = {point}", attempt
        )


@samples.check
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
    """Four digits, read six times as finely as they are."""
    from sklearn.datasets import load_digits

    digits = load_digits().images[[0, 3, 6, 8], ..., None].astype("float32") / 16
    along = (np.arange(48) + 0.5) / 6 - 0.5
    points = np.stack(np.meshgrid(along, along, indexing="ij"), axis=-1).reshape(1, -1, 2)
    values = np.asarray(mine.bilinear_samples(digits, np.tile(points, (4, 1, 1)).astype("float32")))
    return np.hstack(np.clip(values.reshape(4, 48, 48), 0, 1))


@layer.check
def check_weights_are_there_before_the_first_image(mine):
    """Building makes a kernel, a bias, and the offsets' own kernel and bias, which start at 0."""
    for bias, extra in ((True, [(4,)]), (False, [])):
        built = mine.DeformableConv2D(4, 3, use_bias=bias)
        built.build((None, 8, 8, 2))
        weights = built.get_weights()
        shapes = sorted(values.shape for values in weights)
        expected = sorted([(3, 3, 2, 4), *extra, (3, 3, 2, 18), (18,)])
        attempt = "build `offset_convolution`, then add_weight for the kernel and, if wanted, the bias"
        expect(shapes == expected, f"weights of shapes {expected} (use_bias={bias})", shapes, attempt)
        still = all(not values.any() for values in weights if values.shape[-1] == 18)
        expect(still, "offsets that start at 0", "others", "leave the convolution of the offsets as it is")


@layer.check
def check_without_offsets_it_is_a_convolution(mine, rng):
    """As built, it gives the numbers of a plain convolution: kernel sizes, strides and paddings."""
    images = rng.standard_normal((2, 6, 7, 2)).astype("float32")
    attempt = "no offset: the samples are the pixels of the window, row after row, channels last"
    for kernel, stride, padding in ((3, 1, "same"), (3, 2, "same"), (2, 1, "same"), (3, 2, "valid")):
        built, weights = _with_offset(mine, images, rng, (0, 0), kernel, stride, padding)
        expected = _convolved(images, *weights, stride, padding)
        case = f"feature maps (kernel {kernel}, stride {stride}, {padding})"
        close_to(built(images), expected, 1e-4, case, attempt)


@layer.check
def check_offsets_move_the_image(mine, rng):
    """An offset of whole pixels is the moved image; half a pixel is the mean of two."""
    images = np.zeros((1, 9, 9, 1), "float32")
    images[:, 3:6, 3:6] = rng.random((1, 3, 3, 1))
    attempt = "offsets are (down, right), and the kernel looks there: the content comes from there"
    for down, right in ((1, 0), (0, 1), (-1, 2)):
        built, weights = _with_offset(mine, images, rng, (down, right))
        moved = np.roll(images, (-down, -right), (1, 2))
        close_to(
            built(images), _convolved(moved, *weights), 1e-4, f"maps at offset ({down}, {right})", attempt
        )
    built, weights = _with_offset(mine, images, rng, (0.5, 0))
    mean = (images + np.roll(images, -1, 1)) / 2
    close_to(built(images), _convolved(mean, *weights), 1e-4, "maps at offset (0.5, 0)", attempt)


@layer.check
def check_every_point_has_its_own_offset(mine, rng):
    """Points are (y, x) in pixels: the plain window's, plus the offset of that kernel row and column."""
    images = rng.standard_normal((2, 5, 6, 1)).astype("float32")
    offsets = rng.uniform(-2, 2, (3, 3, 2)).astype("float32")
    built, _ = _with_offset(mine, images, rng, offsets)
    attempt = "the channels of `offset_convolution` are (kernel row, kernel column, down and right)"
    close_to(built.offsets(images), np.tile(offsets, (2, 5, 6, 1, 1, 1)), 1e-5, "offsets", attempt)
    grid = np.stack(np.meshgrid(np.arange(3), np.arange(3), indexing="ij"), axis=-1) - 1
    windows = np.stack(np.meshgrid(np.arange(5), np.arange(6), indexing="ij"), axis=-1)
    expected = np.tile(windows[:, :, None, None] + grid + offsets, (2, 1, 1, 1, 1, 1))
    close_to(built.sampling_points(images), expected, 1e-4, "sampling points", attempt)


@layer.check
def check_offset_scale(mine, rng):
    """The offsets are `offset_scale` times what their convolution says."""
    images = rng.standard_normal((1, 4, 4, 1)).astype("float32")
    built, _ = _with_offset(mine, images, rng, (2, -3), offset_scale=0.1)
    expected = np.broadcast_to([0.2, -0.3], (1, 4, 4, 3, 3, 2))
    close_to(built.offsets(images), expected, 1e-5, "offsets", "multiply by `self.offset_scale`")


@layer.check
def check_offsets_depend_on_the_image(mine, reference, rng):
    """With the same weights, offsets read from the image included, it gives the reference's numbers."""
    images = rng.standard_normal((2, 6, 5, 2)).astype("float32")
    answers = []
    for module in (mine, reference):
        built = module.DeformableConv2D(4, 3, 2, activation="relu")
        built.build(images.shape)
        built.set_weights([
            np.random.default_rng(values.shape).normal(0, 0.4, values.shape).astype("float32")
            for values in built.get_weights()
        ])  # fmt: skip
        answers.append(shape_is(built(images), (2, 3, 3, 4), "feature maps", "the size that Conv2D gives"))
    close_to(*answers, 1e-4, "feature maps", "eq. 2, then the bias, then `self.activate`")


@spread.check
def check_reach_by_hand(mine):
    """A plain kernel, the same one elsewhere, and one twice as wide."""
    plain = np.stack(np.meshgrid(np.arange(3.0), np.arange(3.0), indexing="ij"), axis=-1).astype("float32")
    attempt = "subtract the mean point, then the root of the mean squared distance"
    for points, value, what in (
        (plain, np.sqrt(4 / 3), "a 3x3 kernel"),
        (plain + np.float32([5, -2]), np.sqrt(4 / 3), "a 3x3 kernel elsewhere"),
        (2 * plain, 2 * np.sqrt(4 / 3), "a 3x3 kernel twice as wide"),
        (plain[:2, :2], np.sqrt(0.5), "a 2x2 kernel"),
        (plain * np.float32([0, 1]), np.sqrt(2 / 3), "a kernel squeezed into a row"),
    ):
        close_to(mine.rms_radius(points), value, 1e-5, f"reach of {what}", attempt)


@spread.check
def check_reach_of_many(mine, rng):
    """One number for each window."""
    points = rng.normal(0, 2, (2, 4, 5, 3, 3, 2)).astype("float32")
    flat = points.reshape(2, 4, 5, 9, 2)
    expected = np.sqrt(flat.var(axis=3).sum(axis=-1))
    close_to(mine.rms_radius(points), expected, 1e-4, "reaches", "means over the kernel's two axes only")


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


def _convolved(images, kernels, bias, stride=1, padding="same"):
    """A plain convolution, window by window."""
    side = kernels.shape[0]
    around = [(0, 0)]
    for size in images.shape[1:3]:
        missing = max((-(-size // stride) - 1) * stride + side - size, 0) if padding == "same" else 0
        around.append((missing // 2, missing - missing // 2))
    padded = np.pad(images, [*around, (0, 0)])
    rows, columns = ((padded.shape[axis] - side) // stride + 1 for axis in (1, 2))
    maps = np.empty((len(images), rows, columns, kernels.shape[-1]))
    for row, column in np.ndindex(rows, columns):
        window = padded[:, row * stride :, column * stride :][:, :side, :side]
        maps[:, row, column] = np.tensordot(window, kernels, axes=3) + bias
    return maps
