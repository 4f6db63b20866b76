"""The exercises of day2.unet: a floor, bridges and their crops, overlap tiles, two losses, border weights."""

import numpy as np
from scipy.ndimage import correlate

from keras_cv_course.classroom import Exercise, Exercises, close_to, equal_to, expect, refuses, shape_is
from keras_cv_course.classroom.remote import value

pair = Exercise(
    "pair",
    "one floor of the U: two 3x3 convolutions, each with ReLU",
    definitions=(
        "ConvolutionPair.__init__", "ConvolutionPair.call", "ConvolutionPair.compute_output_shape",
    ),
    points=2,
    hints=(
        "Keep filters, padding and batch_norm under their own names: `get_config`, which is given, reads "
        "them.",
        "Two of each layer, in lists. A convolution that a normalisation follows needs no bias.",
        "A 3x3 kernel without padding loses one pixel on every side; there are two of them.",
        "What to reach: 3 channels, 4 filters: 112 + 148 = 260 weights; 9x8 pixels become 5x4.",
    ),
)  # fmt: skip
bridges = Exercise(
    "bridges",
    "down, up, and across: what each bridge loses, the maps of the whole U, its logits",
    definitions=("UNet.skip_crops", "UNet.output_size", "UNet.endpoints", "UNet.call"),
    points=6,
    hints=(
        "The two convolutions below the lowest bridge lose 2 pixels a side; then all doubles. One floor "
        "higher, what the bridge below lost, and 4 pixels more, are doubled again.",
        "`margin`, which is given, is what one side loses in all; `_fits` says whether a size can be pooled.",
        "Down: every floor but the first is pooled before its pair. `self.drop` belongs to the lowest.",
        "Up: double the floor below, crop the bridge of that floor, join: the bridge first. Then the pair. "
        "`self.upsample`, `self.crops` and `self.up` run from the lowest bridge to the top.",
        "Pass `training` on to every pair and to the dropout. The logits are `self.classifier` of features.",
        'What to reach: 4, 16, 40 and 88 pixels cropped, 572 pixels become 388; maps "down1" ... '
        '"down5", "up4" ... "up1", and "features", which is "up1".',
    ),
)  # fmt: skip
tiling = Exercise(
    "tiling",
    "a picture of any size, answered tile by tile, mirrored beyond its edge",
    definitions=("overlap_tile",),
    points=4,
    hints=(
        "How many tiles cover the height, and how many pixels too many are that? Those lie below and right.",
        'np.pad with mode "reflect" mirrors the picture; the edge itself is not repeated.',
        "The window of the tile at (top, left) begins at (top, left) of the padded picture: the margin is "
        "there.",
        "(rows, columns, tile, tile, classes): which axis must move before a reshape to (height, width)?",
        "What to reach: with `predict` that gives back its windows, the picture itself.",
    ),
)  # fmt: skip
losses = Exercise(
    "losses",
    "Dice asks about regions, cross-entropy about pixels; void counts in neither",
    definitions=("DiceLoss.call", "CrossEntropyDice.call"),
    points=4,
    hints=(
        "`ops.one_hot` gives nothing but zeros for class 255; what the network says there must go as well.",
        "Sum over pictures, rows and columns: one number a class. 2 |P and T| over |P| + |T|, then the mean.",
        "Keras takes the mean over all pixels, void ones too: multiply by all, divide by those that count.",
        "Class 255 has no logit: look up class 0 there, and count it with weight 0.",
        "What to reach: two pixels, both told wrongly and surely: Dice 1 (smooth aside).",
    ),
)  # fmt: skip
borders = Exercise(
    "borders",
    "more weight for the ground between two objects",
    definitions=("border_weights",),
    points=3,
    hints=(
        "w(x) = w_c(x) + w_0 exp(-(d_1 + d_2)^2 / (2 sigma^2)): the second term on the ground only.",
        "`distance_transform_edt(instances != number)` is every pixel's distance to one object.",
        "np.partition along the first axis puts the two smallest of them first.",
        "Balanced: ground and objects each get half of all weight, and the mean stays 1.",
        "What to reach: in a gap of one pixel, both distances 1: w_0 exp(-4 / 50) = 9.23 more.",
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
    exercises=(pair, bridges, tiling, losses, borders),
)


@pair.check
def check_weights_of_a_pair(mine):
    """Two kernels and two biases; with batch normalisation four vectors in place of each bias."""
    for norm, expected in (
        (False, [(3, 3, 3, 4), (3, 3, 4, 4), (4,), (4,)]),
        (True, [(3, 3, 3, 4), (3, 3, 4, 4), *[(4,)] * 8]),
    ):
        floor = mine.ConvolutionPair(4, batch_norm=norm)
        floor.build((None, 9, 8, 3))
        shapes = sorted(np.shape(weight) for weight in floor.get_weights())
        words = f"weights of shapes {sorted(expected)} (batch_norm={norm})"
        attempt = "two convolutions; a normalisation behind each takes the bias's place"
        expect(shapes == sorted(expected), words, shapes, attempt)


@pair.check
def check_sizes_of_a_pair(mine, rng):
    """What is lost without padding, and what `compute_output_shape` says of it."""
    maps = rng.random((2, 9, 8, 3), dtype="float32")
    for padding, shape in (("valid", (2, 5, 4, 4)), ("same", (2, 9, 8, 4))):
        floor = mine.ConvolutionPair(4, padding=padding)
        attempt = f"both convolutions have padding={padding!r}"
        shape_is(floor(maps), shape, f"maps of 9x8 pixels, {padding}", attempt)
        said = list(floor.compute_output_shape((2, 9, 8, 3)))
        close_to(said, shape, 0, f"compute_output_shape, {padding}", attempt)
        equal_to(value(floor.filters), 4, "self.filters", "keep every argument under its own name")


@pair.check
def check_numbers_of_a_pair(mine, reference, rng):
    """With the same weights it gives the numbers that the reference gives, at rest and in training."""
    maps = rng.normal(size=(3, 8, 8, 2)).astype("float32")
    for norm in (False, True):
        both = [
            _with_weights(some.ConvolutionPair(3, batch_norm=norm), maps.shape) for some in (mine, reference)
        ]
        attempt = "convolution, normalisation, ReLU, twice"
        close_to(*(floor(maps) for floor in both), 1e-4, f"maps (batch_norm={norm})", attempt)
        attempt = "the normalisation gets training=training"
        close_to(*(floor(maps, training=True) for floor in both), 1e-3, "maps in training", attempt)


@bridges.check
def check_the_papers_crops(mine):
    """The paper's five floors, three floors, and none lost with padding."""
    attempt = "2 * (what the bridge below lost + 4), beginning with 4 at the lowest"
    equal_to(mine.UNet().skip_crops(), [4, 16, 40, 88], "pixels cropped on five floors", attempt)
    equal_to(mine.UNet(filters=(2, 3, 4)).skip_crops(), [4, 16], "pixels cropped on three floors", attempt)
    padded = mine.UNet(filters=(2, 3, 4), padding="same")
    equal_to(padded.skip_crops(), [0, 0], "pixels cropped with padding", 'none where padding is "same"')


@bridges.check
def check_answer_sizes(mine):
    """572 pixels become 388; sizes that cannot be pooled are refused."""
    attempt = "size - 2 * self.margin"
    equal_to(mine.UNet().output_size(572), 388, "the answer to 572 pixels", attempt)
    equal_to(mine.UNet(filters=(2, 3, 4)).output_size(44), 4, "three floors, 44 pixels", attempt)
    padded = mine.UNet(filters=(2, 3, 4), padding="same")
    equal_to(padded.output_size(36), 36, "three padded floors, 36 pixels", attempt)
    attempt = "raise InputError where `self._fits(size)` is false"
    refuses(mine.UNet().output_size, 570, what="570 pixels", attempt=attempt)
    refuses(padded.output_size, 34, what="34 pixels, three padded floors", attempt=attempt)


@bridges.check
def check_maps(mine, rng):
    """Names and sizes of all maps of an unpadded U of three floors."""
    network = mine.UNet(filters=(2, 3, 4), classes=5, dropout=0.0)
    images = rng.random((2, 48, 44, 1), dtype="float32")
    maps = network.endpoints(images)
    attempt = "down1, down2, down3, up2, up1, and features, which is up1"
    expect(isinstance(maps, dict), "a dictionary of feature maps", maps, attempt)
    shapes = {
        "down1": (44, 40, 2), "down2": (18, 16, 3), "down3": (5, 4, 4), "up2": (6, 4, 3), "up1": (8, 4, 2),
        "features": (8, 4, 2),
    }  # fmt: skip
    equal_to(sorted(maps), sorted(shapes), "names", attempt)
    for name, shape in shapes.items():
        shape_is(maps[name], (2, *shape), name, "pair, pool, pair, pool, pair; double, join, pair, twice")
    shape_is(network(images), (2, 8, 4, 5), "logits", "`self.classifier` gives one number a class")


@bridges.check
def check_numbers(mine, reference, rng):
    """With the same weights it gives the numbers that the reference gives, padded or not."""
    images = rng.normal(size=(2, 44, 48, 2)).astype("float32")
    for padding in ("valid", "same"):
        options = dict(filters=(2, 3, 4), classes=3, padding=padding, batch_norm=True, dropout=0.0)
        both = [_with_weights(some.UNet(**options), images.shape) for some in (mine, reference)]
        attempt = "the bridge's middle, then the doubled floor; no softmax at the end"
        close_to(*(network(images) for network in both), 1e-3, f"logits ({padding})", attempt)
        attempt = "every pair gets training=training"
        close_to(*(network(images, training=True) for network in both), 1e-2, "logits in training", attempt)


@bridges.check
def check_dropout(mine, rng):
    """Dropout acts on the lowest floor, in training only."""
    images = rng.random((4, 16, 16, 1), dtype="float32")
    network = _with_weights(mine.UNet(filters=(2, 8), padding="same", dropout=0.5), images.shape)
    first, again = (np.asarray(network(images)) for _ in range(2))
    close_to(again, first, 1e-6, "logits, asked twice", "the dropout gets training=training")
    attempt = "`self.drop` after the lowest pair"
    dropped = network.endpoints(images, training=True)
    expect(isinstance(dropped, dict), "a dictionary of feature maps", dropped, attempt)
    whole = np.asarray(network.endpoints(images)["down2"])
    shape_is(dropped["down2"], whole.shape, "down2", attempt)
    share = np.mean(np.asarray(dropped["down2"])[whole > 0] == 0)
    expect(0.3 < share < 0.7, "about half of the lowest floor dropped in training", float(share), attempt)


@tiling.check
def check_windows_given_back(mine, rng):
    """A network that gives back its windows gives back the picture, whatever its size."""
    itself, core = mine.keras.layers.Identity(), mine.keras.layers.Cropping2D(1)
    for height, width, tile, margin in ((6, 6, 3, 2), (7, 5, 3, 1), (2, 9, 4, 3), (5, 4, 8, 0)):
        image = rng.random((height, width, 2), dtype="float32")
        attempt = "tile by tile, row by row, cut to the picture's size"
        what = f"{height}x{width} pixels in tiles of {tile}"
        close_to(mine.overlap_tile(itself, image, tile, margin), image, 1e-6, what, attempt)
        if margin > 1:
            received = mine.overlap_tile(core, image, tile, margin)
            close_to(received, image, 1e-6, "an answer that is larger than a tile", "its middle counts")


@tiling.check
def check_tiles_are_the_whole_picture(mine, rng):
    """A filter of 5x5 pixels, tile by tile, is the same filter over the whole mirrored picture."""
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
def check_answers_of_other_sizes(mine, rng):
    """Answers that are smaller than a tile, or not square, are refused."""
    image, layers = rng.random((6, 6, 1), dtype="float32"), mine.keras.layers
    attempt = "raise InputError where the answer is not as large as the tile, and evenly larger at most"
    for cut, what in ((2, "answers of 1x1 pixels to tiles of 3"), (((1, 0), (0, 0)), "answers of 4x5")):
        refuses(mine.overlap_tile, layers.Cropping2D(cut), image, 3, 1, what=what, attempt=attempt)
    flat = image[..., 0]
    refuses(mine.overlap_tile, layers.Identity(), flat, 3, 1, what="a picture (6, 6)", attempt=attempt)


@losses.check
def check_dice_by_hand(mine):
    """Four pixels, two of them found; and all of them wrong."""
    truth, told = np.array([[[1, 1, 1, 1]]]), np.array([[[1, 1, 0, 0]]])
    received = mine.DiceLoss(smooth=1e-6)(truth, _sure(told))
    close_to(received, 1 - (2 / 3 + 0) / 2, 1e-4, "Dice loss", "class 1: 2 * 2 / (4 + 2); class 0: 0 / 2")
    wrong = mine.DiceLoss(smooth=1e-6)(truth, _sure(1 - truth))
    close_to(wrong, 1, 1e-4, "Dice loss of four wrong pixels", "nothing is shared")


@losses.check
def check_losses_of_random_masks(mine, rng):
    """Both losses of random masks with void pixels, against a slow count."""
    masks = rng.integers(0, 3, (2, 4, 5))
    masks[rng.random(masks.shape) < 0.3] = 255
    logits = rng.normal(0, 2, (2, 4, 5, 3)).astype("float32")
    shares = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    judged, dice, pixels = masks != 255, [], []
    for one in range(3):
        there = masks == one
        dice.append((2 * shares[there, one].sum() + 1) / (there.sum() + shares[judged, one].sum() + 1))
        pixels += list(-np.log(shares[there, one]))
    attempt = "one Dice a class over the whole batch; void pixels are neither truth nor prediction"
    close_to(mine.DiceLoss()(masks, logits), 1 - np.mean(dice), 1e-4, "Dice loss", attempt)
    attempt = "the mean of -log p over the pixels that are not void"
    close_to(mine.CrossEntropyDice(dice=0)(masks, logits), np.mean(pixels), 1e-4, "cross-entropy", attempt)
    both = np.mean(pixels) + 0.5 * (1 - np.mean(dice))
    received = mine.CrossEntropyDice(dice=0.5)(masks, logits)
    close_to(received, both, 1e-4, "cross-entropy plus half of Dice", "self.dice times the Dice loss")


@losses.check
def check_nothing_but_void(mine):
    """A batch without a pixel that counts costs a finite number."""
    nothing, logits = np.full((1, 2, 2), 255), np.zeros((1, 2, 2, 3), "float32")
    attempt = "divide by at least 1 pixel"
    close_to(mine.CrossEntropyDice(dice=0)(nothing, logits), 0, 1e-6, "cross-entropy of void alone", attempt)
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
    """One object: no border term; balanced, ground and object share the weight."""
    instances = np.zeros((4, 5), int)
    instances[1:3, 1:3] = 7
    alone = np.ones((4, 5))
    attempt = "one object has no second nearest: 1 everywhere"
    close_to(mine.border_weights(instances, balance=False), alone, 1e-5, "one object, unbalanced", attempt)
    expected = np.where(instances > 0, 0.5 / 0.2, 0.5 / 0.8)
    attempt = "half of the weight over each one's share of the pixels"
    close_to(mine.border_weights(instances), expected, 1e-4, "one object, balanced", attempt)
    attempt = "no object: 1 everywhere"
    close_to(mine.border_weights(np.zeros((2, 3), int)), np.ones((2, 3)), 1e-5, "ground alone", attempt)


@borders.check
def check_what_is_refused(mine):
    """Numbers with a point, and a width of nothing, are refused."""
    attempt = "raise InputError as the docstring says"
    refuses(mine.border_weights, np.zeros((3, 3)), what="instances of float64", attempt=attempt)
    refuses(mine.border_weights, np.zeros(3, int), what="instances (3,)", attempt=attempt)
    refuses(mine.border_weights, np.zeros((3, 3), int), 10.0, 0.0, what="a width of 0", attempt=attempt)


def _sure(labels):
    return 50 * np.eye(2, dtype="float32")[labels]


def _with_weights(layer, shape):
    """The layer, built, with weights that depend on their shapes alone and variances above 0."""
    layer.build((None, *shape[1:]))
    layer.set_weights([
        np.random.default_rng(np.shape(weight))
        .uniform(0.05 if np.ndim(weight) == 1 else -0.3, 0.5, np.shape(weight))
        .astype("float32")
        for weight in layer.get_weights()
    ])  # fmt: skip
    return layer
