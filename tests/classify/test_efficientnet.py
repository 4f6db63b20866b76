import keras
import numpy as np
import pytest

from keras_cv_course.classify.efficientnet import (
    EfficientNet,
    InvertedBottleneck,
    compound_scaling,
    scale_blocks,
    scale_channels,
)
from keras_cv_course.errors import InputError
from tests.harness import Case, classification, free_size, noise_images

CASES = {
    "efficientnet": Case(
        make=lambda: EfficientNet(
            width=0.5,
            depth=0.5,
            stages=((1, 3, 1, 16, 2), (3, 5, 2, 32, 2)),
            stem=16,
            stem_strides=1,
            head=40,
            dropout=0.1,
            stochastic_depth=0.1,
            momentum=0.9,
            classes=3,
        ),
        prepare=lambda model: model.normalization.adapt(noise_images(6, 17, 18, 3)),
        published={
            "B0": (EfficientNet.b0, (None, 224, 224, 3), 5_288_548),
            "B1": (EfficientNet.b1, (None, 240, 240, 3), 7_794_184),
            "B2": (EfficientNet.b2, (None, 260, 260, 3), 9_109_994),
        },
        large=True,
        **free_size(3),
        **classification(noise_images(6, 17, 18, 3)),
    )
}

rng = np.random.default_rng(0)


def test_compound_scaling_about_doubles_the_arithmetic():
    for phi in (0, 1, 2, 3.5):
        depth, width, resolution = compound_scaling(phi)
        assert depth * width**2 * resolution**2 == pytest.approx(2**phi, rel=0.15)
    assert compound_scaling(0) == (1, 1, 1)
    assert 224 * compound_scaling(0.5)[2] == pytest.approx(240, abs=1)  # B1
    assert 224 * compound_scaling(2)[2] == pytest.approx(300, abs=4)  # B3


def test_channels_and_blocks_are_scaled_as_published():
    # The stem, stages 1, 2, 3 and 7, and the head of B4 and B7.
    b0 = (32, 16, 24, 40, 320, 1280)
    assert [scale_channels(count, 1.4) for count in b0] == [48, 24, 32, 56, 448, 1792]
    assert [scale_channels(count, 2.0) for count in b0] == [64, 32, 48, 80, 640, 2560]
    assert scale_channels(22, 0.5) == 16  # 11 would round to 8, more than a tenth below
    assert scale_channels(2, 0.5) == 8
    assert [scale_blocks(count, 1.1) for count in (1, 2, 3, 4)] == [2, 3, 4, 5]
    assert scale_blocks(4, 1.0) == 4


def test_b0_is_table_1():
    model = EfficientNet.b0()
    model.build((None, 224, 224, 3))
    assert model.count_params() == 5_330_571
    endpoints = model.endpoints(keras.KerasTensor((None, 224, 224, 3)))
    assert {name: tuple(maps.shape)[1:] for name, maps in endpoints.items()} == {
        "stem": (112, 112, 32),
        "stage1": (112, 112, 16),
        "stage2": (56, 56, 24),
        "stage3": (28, 28, 40),
        "stage4": (14, 14, 80),
        "stage5": (14, 14, 112),
        "stage6": (7, 7, 192),
        "stage7": (7, 7, 320),
        "features": (7, 7, 1280),
    }
    rates = [block.drop_rate for stage in model.blocks for block in stage]
    np.testing.assert_allclose(rates, np.arange(16) * 0.2 / 16)


def test_a_block_is_left_out_for_whole_images_at_its_rate():
    maps = rng.standard_normal((400, 3, 3, 8), dtype="float32")
    block = InvertedBottleneck(8, expansion=2, drop_rate=0.3)
    block.build(maps.shape)
    # Batch statistics are the same in training when the momentum is 1 and they are those of the batch.
    for norm in (block.expand_norm, block.depthwise_norm, block.project_norm):
        norm.trainable = False
    rest = np.asarray(block(maps)) - maps
    assert np.abs(rest).max() > 0.1
    trained = np.asarray(block(maps, training=True)) - maps
    gone = np.all(trained == 0, axis=(1, 2, 3))
    assert gone.mean() == pytest.approx(0.3, abs=0.08)
    # What stays is made larger, so that the mean over the draws is the same.
    np.testing.assert_allclose(trained[~gone], rest[~gone] / 0.7, atol=1e-5)


def test_the_input_is_added_only_where_shapes_agree():
    maps = rng.standard_normal((2, 5, 6, 8), dtype="float32")
    for filters, strides, adds in ((8, 1, True), (8, 2, False), (12, 1, False)):
        block = InvertedBottleneck(filters, strides=strides)
        output = np.asarray(block(maps))
        assert output.shape == (2, 5 // strides + strides - 1, 6 // strides, filters)
        block.project.set_weights([0 * block.project.get_weights()[0]])
        np.testing.assert_array_equal(block(maps), maps if adds else 0 * output)


def test_gates_are_a_quarter_of_what_came_in():
    block = InvertedBottleneck(16, expansion=6)
    block.build((None, 4, 4, 24))
    assert block.squeeze.squeezed == 6
    single = InvertedBottleneck(16, expansion=1)
    single.build((None, 4, 4, 2))
    assert single.squeeze.squeezed == 1 and not hasattr(single, "expand")


def test_the_normalization_takes_scale_and_offset_of_the_images_away():
    images = rng.random((8, 32, 32, 3), dtype="float32")
    scaled = images * np.array([5, 0.5, 2], "float32") - 3
    models = []
    for seen in (images, scaled):
        keras.utils.set_random_seed(0)
        model = EfficientNet.small()
        model.build(images.shape)
        model.normalization.adapt(seen)
        models.append(model)
    np.testing.assert_allclose(models[0](images), models[1](scaled), atol=1e-4)
    endpoints = models[0].endpoints(images)
    assert np.shape(endpoints["features"]) == (8, 4, 4, 160)
    np.testing.assert_array_equal(models[0].classify(endpoints["features"]), models[0](images))


def test_bad_arguments():
    with pytest.raises(InputError, match="five numbers"):
        EfficientNet(stages=((1, 3, 1, 16),))
    with pytest.raises(InputError, match="there must be a stage"):
        EfficientNet(stages=())
    with pytest.raises(InputError, match="width and depth above 0"):
        EfficientNet(width=0)
    for name in ("dropout", "stochastic_depth"):
        with pytest.raises(InputError, match="shares from 0 to below 1"):
            EfficientNet(**{name: 1.0})
