"""U-Net: the figure's numbers by a slow forward pass, the paper's sizes, what a pixel sees, sizes that do not fit."""

import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.inference.overlap_tile import overlap_tile
from keras_cv_course.segment.unet import UNet
from tests.harness import Case, free_size, segmentation
from tests.reference.unet_forward import unet_forward
from tests.segment.fixed import arrays, convolution, drop_mask, set_weights

CASES = {
    "unet": Case(
        make=lambda: UNet(
            filters=(6, 8, 10), classes=3, padding="same", batch_norm=True, dropout=0.2, names=("a", "b", "c")
        ),
        overfit=0.5,
        published={
            "one channel to two classes": (UNet, (None, 572, 572, 1), 31_030_658),
            "one to one": (lambda: UNet(classes=1), (None, 572, 572, 1), 31_030_593),
            "three to one": (lambda: UNet(classes=1), (None, 572, 572, 3), 31_031_745),
            "three to 21": (lambda: UNet(classes=21), (None, 572, 572, 3), 31_033_045),
        },
        **free_size(2, 24, 32),
        **segmentation(),
    )
}


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    "padding, norm", [("valid", False), ("valid", True), ("same", False), ("same", True)]
)
def test_equals_a_slow_forward_pass(padding, norm, training):
    """Figure 1 in NumPy, with dropout and batch statistics on and off."""
    model = UNet((3, 4, 5), classes=3, padding=padding, batch_norm=norm, dropout=0.4)
    model.build((None, 44, 48, 2))
    set_weights(model)
    images = np.random.default_rng(0).normal(size=(2, 44, 48, 2)).astype("float32")

    def pair(level):
        return [convolution(*both) for both in zip(level.convolutions, level.norms, strict=True)]

    lowest = model.endpoints(images)["down3"]
    expected = unet_forward(
        images,
        down=[pair(level) for level in model.down],
        up=[(arrays(up), pair(level)) for up, level in zip(model.upsample, model.up, strict=True)],
        classifier=arrays(model.classifier),
        padding=padding,
        training=training,
        dropped=drop_mask(model.drop, lowest.shape) if training else None,
    )
    np.testing.assert_allclose(model(images, training=training), expected, rtol=1e-3, atol=1e-3)
    assert np.std(expected) > 0.1


def test_endpoints_hold_what_dropout_left():
    model = UNet((3, 8), padding="same", dropout=0.5)
    model.build((None, 16, 16, 1))
    images = np.random.default_rng(0).random((4, 16, 16, 1), dtype="float32")
    kept, dropped = (np.asarray(model.endpoints(images, training)["down2"]) for training in (False, True))
    share = np.mean(dropped[kept > 0] == 0)
    assert 0.4 < share < 0.6


def test_the_papers_sizes():
    model = UNet()
    assert model.output_size(572) == 388 and model.margin == 92
    assert model.skip_crops() == [4, 16, 40, 88]


@pytest.fixture(scope="module")
def valid():
    keras.utils.set_random_seed(0)
    model = UNet(filters=(4, 6, 8), classes=3, dropout=0.0)
    model.build((None, None, None, 1))
    return model


def test_every_size_that_fits_gives_what_output_size_says(valid):
    fitting = []
    for size in range(1, 90):
        try:
            expected = valid.output_size(size)
        except InputError:
            continue
        fitting.append(size)
        assert valid(np.zeros((1, size, size, 1), "float32")).shape == (1, expected, expected, 3)
    assert fitting[:3] == [44, 48, 52] and all(size % 4 == 0 for size in fitting)


def test_tiles_are_exactly_the_whole_image(valid):
    rng = np.random.default_rng(1)
    image = rng.random((37, 50, 1), dtype="float32")
    tile, margin = valid.output_size(60), valid.margin
    tiled = overlap_tile(valid.predict_on_batch, image, tile, margin)
    # The same image at once, mirrored as far as one valid pass over it needs.
    side = next(size for size in range(50 + 2 * margin, 200) if size % 4 == 0)
    below = side - 2 * margin
    mirrored = np.pad(
        image, ((margin, margin + below - 37), (margin, margin + below - 50), (0, 0)), mode="reflect"
    )
    whole = np.asarray(valid(mirrored[None]))[0, :37, :50]
    assert tiled.shape == (37, 50, 3)
    np.testing.assert_allclose(tiled, whole, atol=1e-5)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_tiles_on_the_grid_are_exactly_the_whole_image(padding):
    keras.utils.set_random_seed(2)
    model = UNet(filters=(3, 4, 5, 6), classes=3, padding=padding, dropout=0.0)
    model.build((None, None, None, 2))
    tile, margin = model.tile_and_margin(10)
    assert tile == 16 and margin == {"valid": 46, "same": 48}[padding]
    image = np.random.default_rng(3).random((64, 64, 2), dtype="float32")
    tiled = overlap_tile(model.predict_on_batch, image, tile, margin)
    # One pass over the image with a mirrored edge of whole steps more: no pooling is shifted by it.
    seen = np.pad(image, ((margin, margin + 16), (margin, margin + 16), (0, 0)), mode="reflect")
    whole = np.asarray(model.predict_on_batch(seen[None]))[0]
    cut = margin - model.margin
    np.testing.assert_allclose(tiled, whole[cut : cut + 64, cut : cut + 64], atol=1e-5)
    if padding == "valid":  # the largest tile for the same windows is 4 pixels off the grid
        other = overlap_tile(model.predict_on_batch, image, tile + 4, margin - 2)
        assert np.abs(other - tiled).max() > 1e-3


def test_names_are_kept_and_counted():
    model = UNet(filters=(2, 3), classes=2, names=("background", "cell"))
    assert UNet.from_config(model.get_config()).names == ("background", "cell")
    with pytest.raises(InputError, match="each of 2 classes, got 1"):
        UNet(names=("cell",))


def test_sizes_that_do_not_fit_name_the_nearest(valid):
    with pytest.raises(InputError, match="44 and 48"):
        valid.output_size(45)
    with pytest.raises(InputError, match="64 and 72"):
        UNet.small().build((None, 66, 64, 3))
    with pytest.raises(InputError, match="padding"):
        UNet(padding="full")


def test_the_lowest_level_sees_140_pixels():
    """The receptive field of the published depth, by gradient; all weights are positive."""
    model = UNet(filters=(1, 1, 1, 1, 1), dropout=0.0)
    # Max-pooling lets one of four pixels through: a mean in its place sees what any of them could.
    model.pool = keras.layers.AveragePooling2D(2)
    model.build((None, 204, 204, 1))
    for weight in model.trainable_weights:
        weight.assign(np.ones(weight.shape) * (0.01 if "kernel" in weight.path else 0.0))
    import tensorflow as tf

    image = tf.random.uniform((1, 204, 204, 1)) + 1
    with tf.GradientTape() as tape:
        tape.watch(image)
        lowest = model.endpoints(image)["down5"]
        middle = lowest.shape[1] // 2
        pixel = lowest[0, middle, middle, 0]
    seen = np.any(tape.gradient(pixel, image).numpy()[0, ..., 0] != 0, axis=0)
    assert seen.sum() == 140
