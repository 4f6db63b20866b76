"""The exercises of day5.saliency: the gradient's map, SmoothGrad, occlusion, a ReLU with a rule, a rank correlation."""

import math

import numpy as np

from keras_cv_course.classroom import Exercise, Exercises, close_to, expect, shape_is
from keras_cv_course.classroom.shared_checks import all_refused
from sprints.day5.exercises.slow_occlusion import slow_occlusion

gradient = Exercise(
    "gradient",
    "the gradient of each image's logit, with its sign, and the map of its strength",
    definitions=("gradient_saliency", "strength"),
    points=2,
    hints=(
        "`class_score` checks the arguments and gives a function of the images; `input_gradient` differentiates one. "
        "Read step 1 of the lesson again: logit or probability?",
        "`strength`: a table of two functions stands above it. The largest over the channels: which axis?",
        "What to reach: for a network that is one dense layer, the gradient is the weights of the asked class, "
        "whatever the image shows.",
    ),
)
smooth = Exercise(
    "SmoothGrad",
    "the mean gradient over copies of the images with Gaussian noise",
    definitions=("smooth_saliency",),
    points=3,
    hints=(
        "The standard deviation is a share of each image's own range: np.ptp over three axes, kept for broadcasting.",
        "`InputGradient(score, images.shape)` differentiates at one input after the other. Every copy has noise of its "
        "own, drawn from one generator of the seed, and is added to the image as it was handed in.",
        "What to reach: the gradient of a ReLU is 0 or 1. Averaged, it becomes the share of the copies that the ReLU "
        "lets through.",
    ),
)
occlusion = Exercise(
    "occlusion",
    "the mean fall of the score over all patches that cover a pixel",
    definitions=("occlusion_map", "starts"),
    points=4,
    hints=(
        "`starts` first: 0, stride, 2 stride ... as long as the patch fits, and one that ends at the edge, once.",
        "Two sums a pixel: of the falls, and of the number of patches over it. Each patch starts from the image as it "
        "was, not from the one that was covered before.",
        "A fall is the score of the whole image less that of the covered one; each image has a class of its own.",
        "What to reach: on an image in which one square decides, the map is highest there, and 0 far away.",
    ),
)
rule = Exercise(
    "rule",
    "a ReLU, cut where it is asked for, whose backward pass follows deconvnet's or the guided rule",
    definitions=("ruled_relu",),
    points=3,
    hints=(
        "Inside: a function of the features with `ops.custom_gradient` as its decorator. It returns two things: the "
        "activation, and a function that Keras calls with the gradient from above.",
        "Keras hands that gradient over as the first argument on TensorFlow and JAX, and as `upstream=` on PyTorch: "
        "def gradient(*arguments, upstream=None).",
        "Step 2 of the lesson has the rules. A condition becomes a factor by ops.cast.",
        "What to reach: features -1, 2, 3, 7 and a gradient of 1, 2, -3, 4 from above: guided 0, 2, 0, 4; with the "
        "ReLU cut at 6: 0, 2, 0, 0; deconvnet 1, 2, 0, 4.",
    ),
)
correlation = Exercise(
    "correlation",
    "Spearman's rank correlation of the absolute values of two maps",
    definitions=("rank_correlation",),
    points=2,
    hints=(
        "Absolute values come first, shapes next. scipy.stats has the correlation; it takes flat arrays.",
        "What has a map that is the same everywhere to say about ranks? The docstring tells.",
        "What to reach: 1 for a map and its cube, whatever the signs.",
    ),
)

EXERCISES = Exercises(
    "day5.saliency",
    sources=(
        "keras_cv_course.explain.saliency",
        "keras_cv_course.explain.occlusion",
        "keras_cv_course.explain.backward_rules",
        "keras_cv_course.explain.randomisation",
    ),
    exercises=(gradient, smooth, occlusion, rule, correlation),
)


@gradient.check(points=1)
def check_a_linear_network(mine, rng):
    """Of a network with one dense layer the gradient is the asked class' weights, sign and all."""
    model, kernel = _linear(mine, rng, (3, 4, 2))
    images, classes = rng.random((3, 3, 4, 2), dtype="float32"), rng.permuted([0, 1, 2])
    attempt = (
        "class_score(model, images, classes), differentiated at the images; no softmax, no absolute value"
    )
    received = mine.gradient_saliency(model, images, classes)
    close_to(received, kernel[classes], 1e-4, "gradient of a linear network", attempt)


@gradient.check
def check_a_finite_difference(mine, rng):
    """Of a curved network it is the slope of the score at the image itself."""
    layers = mine.keras.layers
    model = mine.keras.Sequential(
        [layers.InputLayer((3, 3, 1)), layers.Flatten(), layers.Dense(6, "tanh"), layers.Dense(2)]
    )
    weights = [rng.normal(0, 0.7, np.shape(weight)).astype("float32") for weight in model.get_weights()]
    model.set_weights(weights)
    images = rng.normal(0, 1, (2, 3, 3, 1)).astype("float32")

    def score(image, number):
        hidden = np.tanh(image.reshape(-1) @ weights[0].astype("float64") + weights[1])
        return (hidden @ weights[2] + weights[3])[number]

    received = shape_is(
        mine.gradient_saliency(model, images, np.array([1, 0])), images.shape, "gradient", "as the images"
    )
    for image, gradient, number in zip(images, received, (1, 0)):
        for place in np.ndindex(image.shape):
            step = np.zeros(image.shape)
            step[place] = 1e-4
            slope = (score(image + step, number) - score(image - step, number)) / 2e-4
            close_to(gradient[place], slope, 1e-3, f"slope at pixel {place}", "at the images, not elsewhere")


@gradient.check
def check_strength(mine, rng):
    """The map is the largest absolute, or squared, number of each pixel's channels; other words are refused."""
    gradients = rng.normal(size=(2, 4, 3, 3)).astype("float32")
    attempt = "strength first, then the largest over the last axis"
    close_to(mine.strength(gradients), np.abs(gradients).max(axis=-1), 1e-6, "absolute strength", attempt)
    close_to(
        mine.strength(gradients, "squared"), (gradients**2).max(axis=-1), 1e-5, "squared strength", attempt
    )
    all_refused(mine.strength, {"'signed'": (gradients, "signed")})


@smooth.check(points=1)
def check_without_noise(mine, rng):
    """Without noise, or for a linear network, it is the gradient, whatever the number of samples."""
    model, kernel = _linear(mine, rng, (3, 4, 2))
    images, classes = rng.random((2, 3, 4, 2), dtype="float32"), rng.permuted([0, 1, 2])[:2]
    for samples, noise in ((1, 0.0), (4, 0.0), (3, 0.5)):
        received = mine.smooth_saliency(model, images, classes, samples=samples, noise=noise)
        what = f"mean gradient of {samples} samples, noise {noise:g}"
        close_to(received, kernel[classes], 1e-4, what, "the mean, not the sum, with its sign")


@smooth.check
def check_the_share_that_passes(mine, rng):
    """Behind a ReLU it is the share of the copies that pass, for noise of a share of each image's own range."""
    # The score is the sum of ReLU(x - threshold): its gradient is 1 where x is above the threshold.
    layers, threshold = mine.keras.layers, float(rng.uniform(0.3, 0.7))
    model = mine.keras.Sequential(
        [
            layers.InputLayer((2, 5, 1)),
            layers.Flatten(),
            layers.Dense(10, "relu"),
            layers.Dense(2, use_bias=False),
        ]
    )
    model.set_weights(
        [np.eye(10, dtype="float32"), np.full(10, -threshold, "float32"), np.float32([[1, -2]] * 10)]
    )
    images = rng.random((2, 2, 5, 1), dtype="float32")
    images[1] = images[1] * 0.4 + 0.3  # of another range
    noise, samples = 0.3, 400
    spread = noise * np.ptp(images, axis=(1, 2, 3), keepdims=True)
    passing = np.vectorize(lambda z: 0.5 * (1 + math.erf(z / math.sqrt(2))))((images - threshold) / spread)
    received = mine.smooth_saliency(model, images, np.array([0, 1]), samples=samples, noise=noise)
    attempt = (
        "new noise for every copy; its deviation is noise times each image's range, largest minus smallest"
    )
    close_to(received[0], passing[0], 0.12, "share that passes, image 1", attempt)
    close_to(received[1], -2 * passing[1], 0.24, "share that passes times -2, image 2", attempt)
    again = mine.smooth_saliency(model, images, np.array([0, 1]), samples=3, noise=noise, seed=5)
    other = mine.smooth_saliency(model, images, np.array([0, 1]), samples=3, noise=noise, seed=6)
    attempt = "np.random.default_rng(seed)"
    expect(np.any(np.asarray(again) != np.asarray(other)), "other noise at another seed", "the same", attempt)
    repeated = mine.smooth_saliency(model, images, np.array([0, 1]), samples=3, noise=noise, seed=5)
    close_to(repeated, np.asarray(again), 1e-6, "the same seed, asked twice", attempt)


@smooth.check
def check_senseless_noise(mine, rng):
    """No sample, and noise that is negative or no number, are refused."""
    model, _ = _linear(mine, rng, (2, 2, 1))
    images = rng.random((1, 2, 2, 1), dtype="float32")
    cases = {f"samples={samples}, noise={noise}": (model, images, np.array([0]), samples, noise)
             for samples, noise in ((0, 0.1), (2, -0.1), (2, float("nan")))}  # fmt: skip
    all_refused(mine.smooth_saliency, cases)


@occlusion.check(points=1)
def check_places(mine, rng):
    """Patches start a stride apart, and the last one ends at the edge."""
    for _ in range(20):
        size = int(rng.integers(1, 6))
        stride, length = int(rng.integers(1, size + 1)), size + int(rng.integers(0, 9))
        expected = sorted({*range(0, length - size, stride), length - size})
        received = mine.starts(length, size, stride)
        what = f"starts({length}, {size}, {stride})"
        expect(
            received == expected,
            f"{what}: {expected}",
            received,
            "a list of whole numbers, each once, in order",
        )


@occlusion.check
def check_patch_by_patch(mine, rng):
    """It equals a slow loop over patches and pixels, for several images with classes of their own."""
    for size, stride, fill in ((2, 2, 0.5), (3, 1, 0.0), (3, 2, 0.8)):
        model, kernel = _linear(mine, rng, (5, 6, 2))
        images, classes = rng.random((3, 5, 6, 2), dtype="float32"), rng.integers(0, 3, 3)
        received = mine.occlusion_map(model, images, classes, size=size, stride=stride, fill=fill)
        expected = slow_occlusion(images, kernel[classes], size, stride, fill)
        attempt = (
            "the score of the whole image less that of the covered one; divide by the patches over each pixel"
        )
        what = f"map with patches of {size}, stride {stride}, fill {fill:g}"
        close_to(received, expected, 1e-3, what, attempt)


@occlusion.check
def check_patches_that_do_not_fit(mine, rng):
    """Patches larger than the image, or further apart than they are wide, are refused."""
    model, _ = _linear(mine, rng, (5, 6, 2))
    images = rng.random((1, 5, 6, 2), dtype="float32")
    cases = {f"size {size}, stride {stride}": (model, images, np.array([0]), size, stride)
             for size, stride in ((0, 1), (6, 1), (3, 4), (3, 0))}  # fmt: skip
    all_refused(mine.occlusion_map, cases)


@rule.check(points=1)
def check_forward(mine, rng):
    """Forwards it is a ReLU, cut at the largest value."""
    images = rng.normal(0, 5, (2, 3, 4, 2)).astype("float32")
    for name in ("guided", "deconvnet"):
        for largest in (float("inf"), 6.0):
            layer = mine.keras.layers.Activation(mine.ruled_relu(name, largest))
            expected = np.clip(images, 0, largest)
            close_to(
                layer(images), expected, 1e-6, f"{name}, cut at {largest:g}", "0 below 0; largest above it"
            )


@rule.check
def check_backward(mine, rng):
    """Backwards it is the gradient from above times the rule's conditions."""
    images = rng.normal(0, 5, (2, 3, 4, 2)).astype("float32")
    for name in ("guided", "deconvnet"):
        for largest in (float("inf"), 6.0):
            layers = mine.keras.layers
            model = mine.keras.Sequential(
                [
                    layers.InputLayer((3, 4, 2)),
                    layers.Activation(mine.ruled_relu(name, largest)),
                    layers.Flatten(),
                    layers.Dense(3, use_bias=False),
                ]
            )
            above = rng.normal(size=(3, 3, 4, 2)).astype("float32")
            model.set_weights([above.reshape(3, -1).T])
            classes = rng.integers(0, 3, 2)
            expected = above[classes] * (above[classes] > 0)
            if name == "guided":
                expected = expected * (images > 0) * (images < largest)
            received = mine.gradient_saliency(model, images, classes)
            attempt = "deconvnet looks at the gradient alone, guided at it and at the features"
            close_to(received, expected, 1e-5, f"gradient, {name}, cut at {largest:g}", attempt)


@correlation.check(points=1)
def check_ranks(mine, rng):
    """It is the ordinary correlation of the ranks of the absolute values."""
    for shape in ((40,), (5, 6), (2, 3, 4)):
        first, second = rng.normal(size=(2, *shape))
        second = second + first * rng.uniform(0, 2)
        ranks = [np.argsort(np.argsort(np.abs(one).ravel())) for one in (first, second)]
        attempt = "absolute values, flat; Spearman's correlation"
        close_to(
            mine.rank_correlation(first, second), np.corrcoef(*ranks)[0, 1], 1e-6, "rank correlation", attempt
        )
        steep = np.sign(rng.normal(size=shape)) * np.exp(3 * np.abs(first))
        close_to(
            mine.rank_correlation(first, steep), 1.0, 1e-6, "rank correlation with a steep function", attempt
        )


@correlation.check
def check_maps_that_rank_nothing(mine, rng):
    """A constant map gives 0; maps of different shapes are refused."""
    first = rng.normal(size=(4, 5))
    sign = np.sign(rng.normal(size=(4, 5)))  # its absolute values are 1 everywhere
    for one, other in ((first, sign), (sign, first)):
        received = mine.rank_correlation(one, other)
        close_to(received, 0.0, 1e-9, "rank correlation with a constant map", "say 0 where nothing is ranked")
    close_to(
        mine.rank_correlation(first, first), 1.0, 1e-6, "rank correlation of a map with itself", "no change"
    )
    all_refused(mine.rank_correlation, {"maps (4, 5) and (5, 4)": (first, first.T)})


def _linear(mine, rng, shape, classes=3):
    """A network of one dense layer with drawn weights, and these as (classes, *shape)."""
    layers = mine.keras.layers
    model = mine.keras.Sequential([layers.InputLayer(shape), layers.Flatten(), layers.Dense(classes)])
    kernel = rng.normal(size=(classes, *shape)).astype("float32")
    model.set_weights([kernel.reshape(classes, -1).T, rng.normal(size=classes).astype("float32")])
    return model, kernel
