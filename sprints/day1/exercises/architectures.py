"""The exercises of day1.architectures: four building blocks, from the Inception module to the residual block."""

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, expect, shape_is, within
from keras_cv_course.classroom.shared_checks import all_refused, same_numbers, weights_are

inception = Exercise(
    "inception",
    "four branches on the same feature map, 1x1 convolutions in front of the large kernels",
    definitions=("large_convolution", "Inception.__init__", "Inception.call"),
    points=3,
    hints=(
        "`convolution` above, which is given, makes one with ReLU; kernels may be (rows, columns). A branch is a list "
        "of layers.",
        "The pooling branch is 3x3 with stride 1 and 'same' padding: it keeps the size. Its 1x1 comes after.",
        "What to reach: module 3a, (64, 96, 128, 16, 32, 32) on 192 channels, has 163,696 parameters "
        "and gives 64 + 128 + 32 + 32 channels, in this order.",
    ),
)
gate = Exercise(
    "gate",
    "scale each channel by a gate that is computed from the means of all channels",
    definitions=("SqueezeExcitation.build", "SqueezeExcitation.gates", "SqueezeExcitation.call"),
    points=2,
    hints=(
        "`__init__`, which is given, holds `reduce`; `expand` leads back to all channels. Both are 1x1 "
        "convolutions on one pixel.",
        "Keep the axes of height and width at length 1: then the gates multiply by broadcasting.",
        "Which activation gives numbers between 0 and 1 for each channel by itself?",
        "What to reach: eq. 2, 3 and 4: maps * sigmoid(W2 relu(W1 mean)).",
    ),
)
convolution = Exercise(
    "convolution",
    "a convolution with zeros on every side, and batch normalisation",
    definitions=("ConvolutionNorm.__init__", "ConvolutionNorm.build", "ConvolutionNorm.call"),
    points=2,
    hints=(
        "Keep every argument under its own name: `get_config` below, which is given, reads them.",
        "kernel // 2 zeros on every side by `ZeroPadding2D`, then padding='valid'. With stride 1, 'same' does "
        "the same.",
        "BATCH_NORM holds the normalisation's settings. Who tells it whether this is training?",
        "What to reach: 7 pixels, kernel 3, stride 2: the first window's middle is pixel 0, and there "
        "are 4 windows; 8 pixels make 4, too, beginning with the zero before the image.",
    ),
)
residual = Exercise(
    "residual",
    "the input plus two or three convolutions of it",
    definitions=tuple(f"ResidualBlock.{name}" for name in ("build", "residual", "identity", "call")),
    points=5,
    hints=(
        "`__init__`, which is given, holds `convolutions` (each with its normalisation) and `relu`.",
        "A projection is needed where the size or the channels change, and the shortcut is a projection: a "
        "`ConvolutionNorm` with kernel 1 and the block's stride. Elsewhere it is None.",
        "ReLU stands between the convolutions, not behind the last: F(x) may be negative.",
        "Option A: `features[:, ::2, ::2]`, then `ops.pad` puts channels of zeros behind the others.",
        "What to reach: with all weights at 0 the block gives back relu(x), and x itself where "
        "relu_after_addition is False.",
    ),
)

EXERCISES = Exercises(
    "day1.architectures",
    sources=(
        "keras_cv_course.classify.inception",
        "keras_cv_course.layers.squeeze_excitation",
        "keras_cv_course.classify.residual_block",
    ),
    exercises=(inception, gate, convolution, residual),
)


@inception.check
def check_factorized_kernels(mine):
    """A large kernel alone, as two 3x3, and as a row and a column; other forms are refused."""
    attempt = "n x n as two of 3x3, or as 1 x n and then n x 1"
    for factorize, kernel, expected in (
        ("none", 5, [(5, 5)]), ("none", 3, [(3, 3)]), ("3x3", 5, [(3, 3), (3, 3)]), ("3x3", 3, [(3, 3)]),
        ("1xn", 5, [(1, 5), (5, 1)]), ("1xn", 3, [(1, 3), (3, 1)]),
    ):  # fmt: skip
        sides, channels = [], 2
        for layer in mine.large_convolution(4, kernel, factorize):
            layer.build((None, 8, 8, channels))
            sides += [np.shape(weight)[:2] for weight in layer.get_weights() if np.ndim(weight) == 4]
            channels = 4
        case = f"kernels of a {kernel}x{kernel}, factorize={factorize!r}"
        expect(sides == expected, f"{case}: {expected}", sides, attempt)
    all_refused(mine.large_convolution, {"factorize 'diagonal'": (4, 5, "diagonal")})


@inception.check
def check_inception_weights(mine, rng):
    """The four branches have the weights of their kernels and biases."""
    one, three_reduce, three, five_reduce, five, pooled = filters = [int(n) for n in rng.integers(2, 9, 6)]
    module = mine.Inception(filters)
    module.build((None, 8, 8, 3))
    kernels = [(1, 1, 3, one), (1, 1, 3, three_reduce), (3, 3, three_reduce, three)]
    kernels += [(1, 1, 3, five_reduce), (5, 5, five_reduce, five), (1, 1, 3, pooled)]
    attempt = "1x1; 1x1, then 3x3; 1x1, then 5x5; pooling, then 1x1"
    weights_are(module, [*kernels, *[shape[-1:] for shape in kernels]], attempt)


@inception.check(points=1)
def check_inception_numbers(mine, reference, rng):
    """The branches are concatenated in the paper's order, with the reference's numbers at the same weights."""
    maps = rng.standard_normal((2, 6, 7, 3)).astype("float32")
    attempt = "1x1, then 3x3, then 5x5, then the pooled; every branch begins with the module's input"
    for factorize in ("none", "3x3", "1xn"):

        def make(module, factorize=factorize):
            return module.Inception((2, 3, 4, 5, 6, 7), factorize)

        same_numbers(mine, reference, make, maps, 1e-3, f"feature maps ({factorize})", attempt)


@gate.check
def check_gates_by_hand(mine, rng):
    """sigmoid(W2 relu(W1 mean)) for each image, and the maps times that."""
    maps = rng.standard_normal((3, 5, 4, 6)).astype("float32")
    layer, (first, second) = mine.SqueezeExcitation(2), rng.standard_normal((2, 6, 2)).astype("float32")
    layer.build(maps.shape)
    weights_are(layer, [(1, 1, 6, 2), (2,), (1, 1, 2, 6), (6,)], "build `reduce` and `expand`")
    biases = rng.standard_normal(2).astype("float32"), rng.standard_normal(6).astype("float32")
    known = {(1, 1, 6, 2): first[None, None], (1, 1, 2, 6): second.T[None, None]}
    known |= {(2,): biases[0], (6,): biases[1]}
    layer.set_weights([known[np.shape(weights)] for weights in layer.get_weights()])
    hidden = np.maximum(maps.mean(axis=(1, 2)) @ first + biases[0], 0)
    expected = 1 / (1 + np.exp(-(hidden @ second.T + biases[1])))
    attempt = "the mean over height and width, ReLU between the two, sigmoid at the end"
    gates = shape_is(layer.gates(maps), (3, 1, 1, 6), "gates", "keepdims=True")
    within(gates, 0, 1, "gates", "sigmoid")
    close_to(gates[:, 0, 0], expected, 1e-4, "gates", attempt)
    close_to(layer(maps), maps * expected[:, None, None], 1e-4, "maps", "multiply every map by its gate")


@convolution.check(points=1)
def check_zeros_on_every_side(mine, rng):
    """A kernel with a 1 in its corner gives the image back, one pixel later, also at stride 2."""
    attempt = "kernel // 2 zeros on every side, also with stride 2: 'same' would put them below and right"
    for side, stride, kernel in ((8, 1, 3), (8, 2, 3), (7, 2, 3), (8, 2, 5), (7, 2, 1)):
        images = rng.standard_normal((1, side, side, 1)).astype("float32")
        layer = mine.ConvolutionNorm(1, kernel, stride)
        layer.build(images.shape)
        corner = np.zeros((kernel, kernel, 1, 1), "float32")
        corner[0, 0] = 1
        # Running statistics of mean 0 and variance 1: the normalisation does nothing.
        layer.set_weights([corner if np.ndim(one) == 4 else one for one in layer.get_weights()])
        reach = kernel // 2
        padded = np.pad(images, ((0, 0), (reach, reach), (reach, reach), (0, 0)))
        count = (side + 2 * reach - kernel) // stride + 1
        expected = padded[:, : count * stride : stride, : count * stride : stride]
        case = f"feature map ({side} pixels, kernel {kernel}, stride {stride})"
        close_to(layer(images), expected, 1e-4, case, attempt)


@convolution.check
def check_normalised_in_training(mine, rng):
    """In training every channel has mean 0 and variance 1 over the batch; else running statistics are used."""
    images = rng.normal(3, 5, (8, 6, 6, 2)).astype("float32")
    layer = mine.ConvolutionNorm(4, 3)
    layer.build(images.shape)
    attempt = "batch normalisation comes last and gets training=training"
    maps = shape_is(layer(images, training=True), (8, 6, 6, 4), "feature maps", attempt)
    close_to(maps.mean(axis=(0, 1, 2)), np.zeros(4), 1e-3, "means of the channels in training", attempt)
    close_to(maps.var(axis=(0, 1, 2)), np.ones(4), 1e-2, "variances of the channels in training", attempt)
    inference = np.asarray(layer(images, training=False))
    expect(np.abs(inference.mean()) > 1e-3, "running statistics in inference", "those of the batch", attempt)


@convolution.check
def check_convolution_weights(mine):
    """A kernel, a bias if asked for, and the four vectors of the normalisation."""
    for bias, extra in ((False, []), (True, [(4,)])):
        layer = mine.ConvolutionNorm(4, 3, 2, bias=bias)
        layer.build((None, 8, 8, 2))
        attempt = "`build` builds the convolution and the normalisation; use_bias=bias"
        weights_are(layer, [(3, 3, 2, 4), *extra, *[(4,)] * 4], attempt)


@residual.check(points=1)
def check_a_residual_of_zero(mine, rng):
    """With all weights at 0 the block is relu(shortcut); without the last ReLU the shortcut; without shortcut 0."""
    maps = rng.standard_normal((2, 5, 6, 8)).astype("float32")
    padded = np.pad(maps[:, ::2, ::2], ((0, 0), (0, 0), (0, 0), (0, 4)))
    attempt = "F(x) + x, then ReLU; F(x) is 0 here. Option A: pixels 0, 2, 4 ..., zeros behind the channels"
    for expected, what, filters, options in (
        (np.maximum(maps, 0), "relu(x)", 8, {}),
        (np.maximum(maps, 0), "relu(x), bottleneck", 8, dict(bottleneck=True)),
        (maps, "x, relu_after_addition=False", 8, dict(relu_after_addition=False)),
        (np.zeros_like(maps), "0, shortcut='none'", 8, dict(shortcut="none")),
        (np.maximum(padded, 0), "relu of option A", 12, dict(stride=2, shortcut="padding")),
    ):
        block = mine.ResidualBlock(filters, **options)
        block.build(maps.shape)
        block.set_weights([np.zeros_like(weights) for weights in block.get_weights()])
        close_to(block(maps), expected, 1e-5, what, attempt)


@residual.check
def check_projection_where_it_is_needed(mine):
    """A 1x1 projection where size or channels change, and nowhere else."""
    attempt = "compare the channels of the input with `filters`, and look at the stride"
    for channels, options, count in (
        (8, {}, 0), (6, {}, 1), (8, dict(stride=2), 1), (6, dict(shortcut="padding"), 0),
        (8, dict(stride=2, shortcut="none"), 0),
    ):  # fmt: skip
        block = mine.ResidualBlock(8, **options)
        block.build((None, 6, 6, channels))
        found = [np.shape(weights) for weights in block.get_weights() if np.shape(weights)[:2] == (1, 1)]
        equal_to(len(found), count, f"1x1 kernels, {channels} channels in, 8 out, {options}", attempt)


@residual.check(points=2)
def check_same_numbers_as_the_reference(mine, reference, rng):
    """With the same weights it gives the reference's numbers, in inference and in training."""
    maps = rng.standard_normal((3, 6, 6, 4)).astype("float32")
    attempt = "convolution, ReLU, convolution (ReLU, convolution): no ReLU behind the last, then the addition"
    for options in (
        dict(filters=4), dict(filters=8, stride=2), dict(filters=8, bottleneck=True),
        dict(filters=8, stride=2, bottleneck=True, stride_in="1x1", conv_bias=True),
        dict(filters=4, shortcut="none"),
    ):  # fmt: skip

        def make(module, options=options):
            return module.ResidualBlock(**options)

        same_numbers(mine, reference, make, maps, 1e-3, f"maps ({options})", attempt, training=True)
