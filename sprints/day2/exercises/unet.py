"""The exercises of day2.unet: a level, skip connections and their crops, overlap tiles, two losses, border weights."""

import numpy as np
from scipy.ndimage import correlate

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, expect, shape_is
from keras_cv_course.classroom.shared_checks import (
    all_refused,
    every_weight_learns,
    fixed_weights,
    keeps,
    maps_are,
    same_numbers,
    weights_are,
)

pair = Exercise(
    "pair",
    "one level of the U: two 3x3 convolutions, each with ReLU",
    definitions=(
        "ConvolutionPair.__init__", "ConvolutionPair.call", "ConvolutionPair.compute_output_shape",
    ),
    points=2,
    hints=(
        "Keep filters, padding and batch_norm under their own names: `get_config`, which is given, reads them.",
        "Two of each layer, in lists. A convolution that batch normalisation follows needs no bias.",
        "A 3x3 kernel without padding loses one pixel on every side; there are two of them.",
        "What to reach: 3 channels, 4 filters: 112 + 148 = 260 weights; 9x8 pixels become 5x4.",
    ),
)  # fmt: skip
skips = Exercise(
    "skips",
    "down, up, and across: what each skip loses, the maps of the whole U, its logits",
    definitions=("UNet.skip_crops", "UNet.output_size", "UNet.endpoints", "UNet.call"),
    points=6,
    hints=(
        "The lowest pair loses 2 pixels a side, and upsampling doubles that. One level higher, what is cropped below, "
        "and 4 pixels more, are doubled again.",
        "`margin`, which is given, is what one side loses in all; `_fits` says whether a size can be pooled.",
        "Down: every level but the first is pooled before its pair. `self.drop` belongs to the lowest.",
        "Up: upsample the level below, crop the skip of this level, join: the skip first. Then the pair. "
        "`self.upsample`, `self.crops` and `self.up` run from the lowest skip to the top.",
        "Pass `training` on to every pair and to the dropout. The logits are `self.classifier` of features.",
        'What to reach: 4, 16, 40 and 88 pixels cropped, 572 pixels become 388; maps "down1" ... '
        '"down5", "up4" ... "up1", and "features", which is "up1".',
    ),
)  # fmt: skip
tiling = Exercise(
    "tiling",
    "an image of any size, predicted tile by tile, mirrored beyond its edge",
    definitions=("overlap_tile",),
    points=4,
    hints=(
        "How many tiles cover the height, and how many pixels too many are that? Those lie below and right.",
        'np.pad with mode "reflect" mirrors the image; the edge itself is not repeated.',
        "The window of the tile at (top, left) begins at (top, left) of the padded image: the margin is there.",
        "(rows, columns, tile, tile, classes): which axis must move before a reshape to (height, width)?",
        "What to reach: with a `predict` that returns its windows, the image itself.",
    ),
)  # fmt: skip
losses = Exercise(
    "losses",
    "Dice counts regions, cross-entropy pixels; void counts in neither",
    definitions=("DiceLoss.call", "CrossEntropyDice.call"),
    points=4,
    hints=(
        "`ops.one_hot` gives nothing but zeros for class 255; the prediction at such pixels must go as well.",
        "Sum over images, rows and columns: one number a class. The fraction of each class, then the mean.",
        "One number a pixel, (N, H, W): Keras weighs them and takes the mean over all of them, void ones too. So "
        "multiply by the number of all pixels and divide by that of those that count.",
        "Class 255 has no logit: look up class 0 there, and multiply by 0.",
        "What to reach: two pixels, both predicted wrongly with confidence: Dice 1 (smooth aside).",
    ),
)  # fmt: skip
borders = Exercise(
    "borders",
    "more weight for the background between two objects",
    definitions=("border_weights",),
    points=3,
    hints=(
        "w(x) = w_c(x) + w0 exp(-(d1 + d2)^2 / (2 sigma^2)): the second term on the background only.",
        "`distance_transform_edt(instances != number)` is every pixel's distance to one object.",
        "np.partition along the first axis puts the two smallest of them first.",
        "Balanced: background and objects each get half of all weight, and the mean stays 1.",
        "What to reach: in a gap of one pixel, both distances 1: w0 exp(-4 / 50) = 9.23 more.",
    ),
)  # fmt: skip

EXERCISES = Exercises(
    "day2.unet",
    sources=(
        "keras_cv_course.segment.unet",
        "keras_cv_course.inference.overlap_tile",
        "keras_cv_course.losses.dice",
        "keras_cv_course.losses.cross_entropy_dice",
        "keras_cv_course.losses.border_weights",
    ),
    exercises=(pair, skips, tiling, losses, borders),
)


@pair.check
def check_weights_and_arguments(mine):
    """Two kernels and two biases, four vectors for a bias with batch normalisation; what is lost without padding."""
    for norm, vectors, padding, shape in ((False, 2, "valid", (2, 5, 4, 4)), (True, 8, "same", (2, 9, 8, 4))):
        level = mine.ConvolutionPair(4, padding=padding, batch_norm=norm)
        keeps(level, filters=4, padding=padding, batch_norm=norm)
        attempt = f"both convolutions have padding={padding!r}"
        shape_is(level(np.zeros((2, 9, 8, 3), "float32")), shape, f"maps of 9x8 pixels, {padding}", attempt)
        close_to(list(level.compute_output_shape((2, 9, 8, 3))), shape, 0, "compute_output_shape", attempt)
        unknown = list(level.compute_output_shape((None, None, 8, 3)))
        equal_to(unknown[:2], [None, None], f"unknown sides, {padding}", "an unknown side stays None")
        attempt = "two convolutions; a normalisation behind each takes the bias's place"
        weights_are(level, [(3, 3, 3, 4), (3, 3, 4, 4), *[(4,)] * vectors], attempt)


@pair.check
def check_numbers_of_a_pair(mine, reference, rng):
    """With the same weights, the reference's numbers; in training, those of the batch's statistics."""
    maps = rng.normal(size=(3, 8, 8, 2)).astype("float32")
    for norm in (False, True):
        make = lambda module, norm=norm: module.ConvolutionPair(3, batch_norm=norm)  # noqa: E731
        attempt = "convolution, normalisation, ReLU, twice; a normalisation gets training=training"
        same_numbers(mine, reference, make, maps, 1e-3, f"maps (batch_norm={norm})", attempt, training=True)


@skips.check(points=2)
def check_crops_and_sizes(mine, rng):
    """The paper's crops, any number of levels, none with padding; sizes that cannot be pooled are refused."""
    attempt = "2 * (what is cropped below + 4), beginning with 4 at the lowest"
    for levels in (5, 3, int(rng.integers(6, 9))):
        expected = [4]
        while len(expected) < levels - 1:
            expected.append(2 * expected[-1] + 8)
        network = mine.UNet(filters=[2] * levels)
        equal_to(network.skip_crops(), expected, f"pixels cropped with {levels} levels", attempt)
    padded = mine.UNet(filters=(2, 3, 4), padding="same")
    equal_to(padded.skip_crops(), [0, 0], "pixels cropped with padding", 'none where padding is "same"')
    equal_to(mine.UNet().output_size(572), 388, "the output for 572 pixels", "size - 2 * self.margin")
    size = 44 + 4 * int(rng.integers(1, 50))
    small = mine.UNet(filters=(2, 3, 4))
    equal_to(small.output_size(size), size - 40, f"three levels, {size} pixels", "size - 2 * self.margin")
    equal_to(padded.output_size(36), 36, "three padded levels, 36 pixels", "size - 2 * self.margin")
    attempt = "raise InputError where `self._fits(size)` is false"
    all_refused(mine.UNet().output_size, {"570 pixels": (570,)}, attempt)
    all_refused(padded.output_size, {"34 pixels, three padded levels": (34,)}, attempt)


@skips.check
def check_maps(mine, rng):
    """Names and sizes of all maps of an unpadded U of three levels."""
    network = mine.UNet(filters=(2, 3, 4), classes=5, dropout=0.0)
    images = rng.random((2, 48, 44, 1), dtype="float32")
    shapes = {
        "down1": (44, 40, 2), "down2": (18, 16, 3), "down3": (5, 4, 4), "up2": (6, 4, 3), "up1": (8, 4, 2),
        "features": (8, 4, 2),
    }  # fmt: skip
    attempt = "pair, pool, pair, pool, pair; upsample, join, pair, twice; features is up1"
    maps_are(network.endpoints(images), {name: (2, *shape) for name, shape in shapes.items()}, attempt)
    shape_is(network(images), (2, 8, 4, 5), "logits", "`self.classifier` gives one number a class")


@skips.check
def check_numbers(mine, reference, rng):
    """With the same weights, the reference's numbers, padded or not; every weight learns."""
    images = rng.normal(size=(2, 44, 48, 2)).astype("float32")
    for padding in ("valid", "same"):
        options = dict(filters=(2, 3, 4), classes=3, padding=padding, batch_norm=True, dropout=0.0)
        make = lambda module, options=options: module.UNet(**options)  # noqa: E731
        attempt = "the skip's middle, then the upsampled level; no softmax at the end"
        same_numbers(mine, reference, make, images, 5e-3, f"logits ({padding})", attempt, training=True)
    network = mine.UNet(filters=(2, 3, 4), classes=3, padding="same")
    network.build((None, 16, 16, 2))
    every_weight_learns(network, images[:, :16, :16], np.ones((2, 16, 16, 3), "float32"))


@skips.check
def check_dropout(mine, rng):
    """Dropout acts on the lowest level, in training only; `endpoints` gives what it left."""
    images = rng.random((4, 16, 16, 1), dtype="float32")
    network = fixed_weights(mine.UNet(filters=(2, 8), padding="same", dropout=0.5), images.shape)
    first, again = (np.asarray(network(images)) for _ in range(2))
    close_to(again, first, 1e-6, "logits, asked twice", "the dropout gets training=training")
    whole = np.asarray(network.endpoints(images)["down2"])
    attempt = "`self.drop` behind the lowest pair; down2 is its output"
    dropped = shape_is(network.endpoints(images, training=True)["down2"], whole.shape, "down2", attempt)
    share = float(np.mean(dropped[whole > 0] == 0))
    expect(0.3 < share < 0.7, "about half of the lowest level dropped in training", share, attempt)


@tiling.check
def check_windows_returned(mine, rng):
    """A network that returns its windows gives the image itself, whatever its size."""
    itself, core = mine.keras.layers.Identity(), mine.keras.layers.Cropping2D(1)
    for height, width, tile, margin in ((6, 6, 3, 2), (7, 5, 3, 1), (2, 9, 4, 3), (5, 4, 8, 0)):
        image = rng.random((height, width, 2), dtype="float32")
        attempt = "tile by tile, row by row, cut to the image's size"
        what = f"{height}x{width} pixels in tiles of {tile}"
        close_to(mine.overlap_tile(itself, image, tile, margin), image, 1e-6, what, attempt)
        if margin > 1:
            received = mine.overlap_tile(core, image, tile, margin)
            close_to(received, image, 1e-6, "an output that is larger than a tile", "its middle is taken")


@tiling.check
def check_tiles_are_the_whole_image(mine, rng):
    """A filter of 5x5 pixels, tile by tile, is the same filter over the whole mirrored image."""
    kernel, image = rng.normal(size=(5, 5)), rng.random((7, 10, 1), dtype="float32")
    layer = mine.keras.layers.Conv2D(1, 5, use_bias=False)
    layer.build((None, 8, 8, 1))
    layer.set_weights([np.float32(kernel)[..., None, None]])
    expected = correlate(image[..., 0].astype("float64"), kernel, mode="mirror")[..., None]
    for tile, batch_size in ((4, 1), (3, 8), (12, 3)):
        attempt = "mirror without repeating the edge; a window begins `margin` pixels before its tile"
        received = mine.overlap_tile(layer, image, tile, 2, batch_size=batch_size)
        close_to(received, expected, 1e-4, f"a 5x5 filter in tiles of {tile}", attempt)


@tiling.check
def check_other_outputs_are_refused(mine, rng):
    """Outputs that are smaller than a tile, or not square, and images without channels are refused."""
    image, layers = rng.random((6, 6, 1), dtype="float32"), mine.keras.layers
    cases = {
        "outputs of 1x1 pixels for tiles of 3": (layers.Cropping2D(2), image, 3, 1),
        "outputs of 4x5": (layers.Cropping2D(((1, 0), (0, 0))), image, 3, 1),
        "an image (6, 6)": (layers.Identity(), image[..., 0], 3, 1),
    }
    all_refused(mine.overlap_tile, cases)


def confident(labels):
    return 50 * np.eye(2, dtype="float32")[labels]


@losses.check
def check_dice_by_hand(mine):
    """Four pixels, two of them found; and all of them wrong."""
    truth, predicted = np.array([[[1, 1, 1, 1]]]), np.array([[[1, 1, 0, 0]]])
    received = mine.DiceLoss(smooth=1e-6)(truth, confident(predicted))
    close_to(received, 1 - (2 / 3 + 0) / 2, 1e-4, "Dice loss", "class 1: 2 * 2 / (4 + 2); class 0: 0 / 2")
    wrong = mine.DiceLoss(smooth=1e-6)(truth, confident(1 - truth))
    close_to(wrong, 1, 1e-4, "Dice loss of four wrong pixels", "nothing is shared")


def some_masks(rng):
    """Masks with void pixels, logits, their softmax, and -log p of every pixel that counts."""
    masks = rng.integers(0, 3, (2, 4, 5))
    masks[rng.random(masks.shape) < 0.3] = 255
    logits = rng.normal(0, 2, (2, 4, 5, 3)).astype("float32")
    shares = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    picked = np.take_along_axis(shares, np.where(masks == 255, 0, masks)[..., None], axis=-1)[..., 0]
    return masks, logits, shares, np.where(masks == 255, 0, -np.log(picked))


@losses.check
def check_losses_of_random_masks(mine, rng):
    """Both losses of random masks with void pixels, against a slow count."""
    masks, logits, shares, pixels = some_masks(rng)
    counted, dice = masks != 255, []
    for one in range(3):
        there = masks == one
        dice.append((2 * shares[there, one].sum() + 1) / (there.sum() + shares[counted, one].sum() + 1))
    attempt = "one Dice a class over the whole batch; void pixels are neither truth nor prediction"
    close_to(mine.DiceLoss()(masks, logits), 1 - np.mean(dice), 1e-4, "Dice loss", attempt)
    mean = pixels.sum() / counted.sum()
    attempt = "the mean of -log p over the pixels that are not void"
    close_to(mine.CrossEntropyDice(dice=0)(masks, logits), mean, 1e-4, "cross-entropy", attempt)
    received = mine.CrossEntropyDice(dice=0.5)(masks, logits)
    both = mean + 0.5 * (1 - np.mean(dice))
    close_to(received, both, 1e-4, "cross-entropy plus half of Dice", "self.dice times the Dice loss")


@losses.check
def check_sample_weights(mine, rng):
    """Sample weights weigh the pixels' cross-entropy: `call` returns one number a pixel."""
    masks, logits, _, pixels = some_masks(rng)
    weights = rng.uniform(0.5, 9, masks.shape).astype("float32")
    loss = mine.CrossEntropyDice(dice=0.7)
    attempt = "return one number for each pixel; Keras takes their weighted mean"
    shape_is(loss.call(masks, logits), masks.shape, "what `call` returns", attempt)
    expected = (weights * pixels).sum() / (masks != 255).sum()
    expected += 0.7 * weights.mean() * float(np.asarray(mine.DiceLoss()(masks, logits)))
    received = loss(masks, logits, sample_weight=weights)
    close_to(received, expected, 1e-3, "the loss with sample weights", attempt)


@losses.check
def check_nothing_but_void(mine):
    """A batch without a pixel that counts costs a finite number."""
    nothing, logits = np.full((1, 2, 2), 255), np.zeros((1, 2, 2, 3), "float32")
    received = mine.CrossEntropyDice(dice=0)(nothing, logits)
    close_to(received, 0, 1e-6, "cross-entropy of void alone", "divide by at least 1 pixel")
    close_to(
        mine.DiceLoss()(nothing, logits), 0, 1e-6, "Dice loss of void alone", "the smooth term: 1 - 1 / 1"
    )


@borders.check
def check_a_gap_by_hand(mine):
    """Two objects with a gap of one pixel."""
    instances = np.zeros((3, 7), int)
    instances[:, :3], instances[:, 4:] = 1, 2
    received = mine.border_weights(instances, 10.0, 5.0, balance=False)
    expected = np.ones((3, 7))
    expected[:, 3] += 10 * np.exp(-4 / 50)
    close_to(received, expected, 1e-4, "weights", "in the gap 1 + 10 exp(-(1 + 1)^2 / 50), elsewhere 1")


@borders.check
def check_random_objects(mine, rng):
    """Three boxes against a slow loop over every pixel."""
    instances = np.zeros((9, 10), int)
    for number in (1, 2, 4):
        top, left = rng.integers(0, (6, 7))
        instances[top : top + 3, left : left + 3] = number
    numbers = [number for number in (1, 2, 4) if np.any(instances == number)]
    expected = np.ones(instances.shape)
    for place in np.argwhere(instances == 0):
        away = sorted(
            np.sqrt(((np.argwhere(instances == number) - place) ** 2).sum(axis=1)).min() for number in numbers
        )
        expected[tuple(place)] += 6 * np.exp(-((away[0] + away[1]) ** 2) / 18) if len(away) > 1 else 0
    received = mine.border_weights(instances, 6.0, 3.0, balance=False)
    close_to(received, expected, 1e-4, "weights", "the nearest and the second nearest object")


@borders.check
def check_balance(mine):
    """One object: no border term; balanced, background and object share the weight."""
    instances = np.zeros((4, 5), int)
    instances[1:3, 1:3] = 7
    attempt = "one object has no second nearest: 1 everywhere"
    received = mine.border_weights(instances, balance=False)
    close_to(received, np.ones((4, 5)), 1e-5, "one object, unbalanced", attempt)
    expected = np.where(instances > 0, 0.5 / 0.2, 0.5 / 0.8)
    attempt = "half of the weight over each one's share of the pixels"
    close_to(mine.border_weights(instances), expected, 1e-4, "one object, balanced", attempt)
    empty = mine.border_weights(np.zeros((2, 3), int))
    close_to(empty, np.ones((2, 3)), 1e-5, "background alone", "no object: 1 everywhere")


@borders.shows
def image_of_weights(mine):
    """The weights around four objects, the brighter the larger."""
    instances = np.zeros((64, 64), int)
    for number, (top, left) in enumerate(((6, 6), (8, 33), (33, 10), (36, 38)), start=1):
        instances[top : top + 24, left : left + 22] = number
    return np.asarray(mine.border_weights(instances, balance=False)) / 11


@borders.check
def check_what_is_refused(mine):
    """Floats, a flat array and a sigma of 0 are refused."""
    cases = {
        "instances of float64": (np.zeros((3, 3)),),
        "instances (3,)": (np.zeros(3, int),),
        "sigma 0": (np.zeros((3, 3), int), 10.0, 0.0),
    }
    all_refused(mine.border_weights, cases)
