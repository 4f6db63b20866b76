"""The exercises of day2.unet: a level, skip connections and their crops, overlap tiles, two losses, border weights."""

import numpy as np
from scipy.ndimage import correlate

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, expect, shape_is
from keras_cv_course.classroom.example_images import digits
from keras_cv_course.classroom.shared_checks import (
    all_refused,
    every_weight_learns,
    fixed_weights,
    keeps,
    maps_are,
    same_numbers,
    weights_are,
)
from sprints.day2.exercises import slow_masks

pair = Exercise(
    "pair",
    "one level of the U: two 3x3 convolutions, each with ReLU",
    definitions=("ConvolutionPair.__init__", "ConvolutionPair.call", "ConvolutionPair.compute_output_shape"),
    points=2,
    hints=(
        "Keep filters, padding and batch_norm under their own names: `get_config`, which is given, reads them. Two of "
        "each layer, in lists.",
        "A 3x3 kernel without padding loses one pixel on every side; there are two of them.",
        "What to reach: 3 channels, 4 filters: 112 + 148 = 260 weights; 9x8 pixels become 5x4.",
    ),
)
skips = Exercise(
    "skips",
    "down, up, and across: what each skip loses, the maps of the whole U, its logits",
    definitions=("UNet.skip_crops", "UNet.output_size", "UNet.endpoints", "UNet.call"),
    points=6,
    hints=(
        "The lowest pair loses 2 pixels a side, and upsampling doubles that. One level higher, what is cropped below, "
        "and 4 pixels more, are doubled again. `margin`, which is given, is what one side loses in all.",
        "Down: every level but the first is pooled before its pair. `self.drop` belongs to the lowest.",
        "Up: upsample the level below, crop the skip of this level, join: the skip first. Then the pair. "
        "`self.upsample`, `self.crops` and `self.up` run from the lowest skip to the top.",
        'What to reach: 4, 16, 40 and 88 pixels cropped, 572 pixels become 388; maps "down1" ... '
        '"down5", "up4" ... "up1", and "features", which is "up1".',
    ),
)
tiling = Exercise(
    "tiling",
    "an image of any size, predicted tile by tile, mirrored beyond its edge",
    definitions=("overlap_tile",),
    points=4,
    hints=(
        "How many tiles cover the height, and how many pixels too many are that? Those lie below and right.",
        "The window of the tile at (top, left) begins at (top, left) of the padded image: the margin is there.",
        "(rows, columns, tile, tile, classes): which axis must move before a reshape to (height, width)?",
        "What to reach: with a `predict` that returns its windows, the image itself; with a mean over 5x5 pixels, the "
        "blurred image, and no seam between the tiles.",
    ),
)
losses = Exercise(
    "losses",
    "Dice counts regions, cross-entropy pixels; void counts in neither",
    definitions=("DiceLoss.call", "CrossEntropyDice.call"),
    points=4,
    hints=(
        "`ops.one_hot` gives nothing but zeros for class 255; the prediction at such pixels must go as well.",
        "Sum over images, rows and columns: one number a class. The fraction of each class, then the mean.",
        "Keras takes the mean over all pixels, void ones too: multiply by the number of all of them and divide by that "
        "of those that count. Class 255 has no logit: look up class 0 there, and multiply by 0.",
        "What to reach: two pixels, both predicted wrongly with confidence: Dice 1 (smooth aside).",
    ),
)
borders = Exercise(
    "borders",
    "more weight for the background between two objects",
    definitions=("border_weights",),
    points=3,
    hints=(
        "`distance_transform_edt(instances != number)` is every pixel's distance to one object.",
        "np.partition along the first axis puts the two smallest of them first.",
        "What to reach: in a gap of one pixel, both distances 1: w0 exp(-4 / 50) = 9.23 more.",
    ),
)

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


@pair.check(points=1)
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
    padded, small = mine.UNet(filters=(2, 3, 4), padding="same"), mine.UNet(filters=(2, 3, 4))
    equal_to(padded.skip_crops(), [0, 0], "pixels cropped with padding", 'none where padding is "same"')
    side = 44 + 4 * int(rng.integers(1, 50))
    for network, size, left in ((mine.UNet(), 572, 388), (small, side, side - 40), (padded, 36, 36)):
        equal_to(network.output_size(size), left, f"output for {size} pixels", "size - 2 * self.margin")
    for network, size in ((mine.UNet(), 570), (padded, 34)):
        attempt = "raise InputError where `self._fits(size)` is false"
        all_refused(network.output_size, {f"{size} pixels": (size,)}, attempt)


@skips.check
def check_maps(mine, rng):
    """Names and sizes of all maps of an unpadded U of three levels."""
    network = mine.UNet(filters=(2, 3, 4), classes=5, dropout=0.0)
    images = rng.random((2, 48, 44, 1), dtype="float32")
    shapes = {"down1": (44, 40, 2), "down2": (18, 16, 3), "down3": (5, 4, 4), "up2": (6, 4, 3)}
    shapes |= {"up1": (8, 4, 2), "features": (8, 4, 2)}
    attempt = "pair, pool, pair, pool, pair; upsample, join, pair, twice; features is up1"
    maps_are(network.endpoints(images), {name: (2, *shape) for name, shape in shapes.items()}, attempt)
    shape_is(network(images), (2, 8, 4, 5), "logits", "`self.classifier` gives one number a class")


@skips.check(points=2)
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


@tiling.check(points=1)
def check_windows_returned(mine, rng):
    """A network that returns its windows gives the image itself, whatever its size."""
    itself, core = mine.keras.layers.Identity(), mine.keras.layers.Cropping2D(1)
    for height, width, tile, margin in ((6, 6, 3, 2), (7, 5, 3, 1), (2, 9, 4, 3), (5, 4, 8, 0)):
        image = rng.random((height, width, 2), dtype="float32")
        for network in (itself, core) if margin > 1 else (itself,):
            attempt = "tile by tile, row by row, cut to the image's size; of a larger output, its middle"
            what = f"{height}x{width} pixels in tiles of {tile}"
            close_to(mine.overlap_tile(network, image, tile, margin), image, 1e-6, what, attempt)


@tiling.check(points=2)
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
    cases = {"outputs of 1x1 pixels for tiles of 3": (layers.Cropping2D(2), image, 3, 1)}
    cases |= {"outputs of 4x5": (layers.Cropping2D(((1, 0), (0, 0))), image, 3, 1)}
    all_refused(mine.overlap_tile, cases | {"an image (6, 6)": (layers.Identity(), image[..., 0], 3, 1)})


@tiling.shows
def image_of_tiles(mine):
    """A digit, and the same blurred in tiles of 10 pixels."""
    image = digits(8, times=6)[0]
    blur = mine.keras.layers.AveragePooling2D(5, strides=1)
    return np.hstack([image[..., 0], np.asarray(mine.overlap_tile(blur, image, 10, 2))[..., 0]])


@losses.check
def check_dice_by_hand(mine):
    """Four pixels, two of them found; all of them wrong; and nothing but void costs 0."""
    truth, found = np.array([[[1, 1, 1, 1]]]), np.array([[[1, 1, 0, 0]]])
    for predicted, expected in ((found, 1 - (2 / 3 + 0) / 2), (1 - truth, 1)):
        logits = 50 * np.eye(2, dtype="float32")[predicted]
        attempt = "two of four found: class 1 has 2 * 2 / (4 + 2), class 0 has 0 / 2"
        close_to(mine.DiceLoss(smooth=1e-6)(truth, logits), expected, 1e-4, "Dice loss", attempt)
    nothing, logits = np.full((1, 2, 2), 255), np.zeros((1, 2, 2, 3), "float32")
    for loss, attempt in (
        (mine.CrossEntropyDice(dice=0), "at least 1 pixel"),
        (mine.DiceLoss(), "smooth / smooth"),
    ):
        close_to(loss(nothing, logits), 0, 1e-6, "the loss of void alone", attempt)


@losses.check(points=2)
def check_losses_of_random_masks(mine, rng):
    """Both losses of random masks with void pixels, against a slow count."""
    masks, logits, shares, pixels = slow_masks.masks_and_logits(rng)
    dice, mean = slow_masks.dice_loss(masks, shares), pixels.sum() / (masks != 255).sum()
    attempt = "one Dice a class over the whole batch; void pixels are neither truth nor prediction"
    close_to(mine.DiceLoss()(masks, logits), dice, 1e-4, "Dice loss", attempt)
    attempt = "the mean of -log p over the pixels that are not void"
    close_to(mine.CrossEntropyDice(dice=0)(masks, logits), mean, 1e-4, "cross-entropy", attempt)
    received = mine.CrossEntropyDice(dice=0.5)(masks, logits)
    close_to(received, mean + dice / 2, 1e-4, "cross-entropy plus half of Dice", "self.dice times Dice")


@losses.check(points=1)
def check_sample_weights(mine, rng):
    """Sample weights weigh the pixels' cross-entropy: `call` returns one number a pixel."""
    masks, logits, shares, pixels = slow_masks.masks_and_logits(rng)
    weights = rng.uniform(0.5, 9, masks.shape).astype("float32")
    loss = mine.CrossEntropyDice(dice=0.7)
    attempt = "return one number for each pixel; Keras takes their weighted mean"
    shape_is(loss.call(masks, logits), masks.shape, "what `call` returns", attempt)
    expected = (weights * pixels).sum() / (masks != 255).sum()
    expected += 0.7 * weights.mean() * slow_masks.dice_loss(masks, shares)
    received = loss(masks, logits, sample_weight=weights)
    close_to(received, expected, 1e-3, "the loss with sample weights", attempt)


@borders.check(points=2)
def check_random_objects(mine, rng):
    """A gap of one pixel, and three random boxes, against a slow loop over every pixel."""
    gap = np.repeat([[1, 1, 1, 0, 2, 2, 2]], 3, axis=0)
    attempt = (
        "in the gap 1 + w0 exp(-(d1 + d2)^2 / (2 sigma^2)), d1 and d2 to the two nearest objects; elsewhere 1"
    )
    for instances, w0, sigma in ((gap, 10.0, 5.0), (slow_masks.boxes_of_instances(rng), 6.0, 3.0)):
        received = mine.border_weights(instances, w0, sigma, balance=False)
        close_to(received, slow_masks.border_weights(instances, w0, sigma), 1e-4, "weights", attempt)


@borders.check
def check_balance_and_refusals(mine):
    """One object has no border term; balanced, background and object share the weight. Floats are refused."""
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
    cases = {"instances of float64": (np.zeros((3, 3)),), "instances (3,)": (np.zeros(3, int),)}
    all_refused(mine.border_weights, cases | {"sigma 0": (instances, 10.0, 0.0)})


@borders.shows
def image_of_weights(mine):
    """The weights around four objects, the brighter the larger."""
    instances = np.zeros((64, 64), int)
    for number, (top, left) in enumerate(((6, 6), (8, 33), (33, 10), (36, 38)), start=1):
        instances[top : top + 24, left : left + 22] = number
    return np.asarray(mine.border_weights(instances, balance=False)) / 11
