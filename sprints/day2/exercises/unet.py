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
from sprints.day2.exercises.segmentation_losses import borders, losses

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
