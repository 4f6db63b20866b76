import keras
import numpy as np
import pytest

from keras_cv_course.classify.efficientnet_lite import EfficientNetLite, LiteBottleneck
from keras_cv_course.errors import InputError
from tests.harness import Case, classification, free_size, noise_images

CASES = {
    "efficientnet_lite": Case(
        make=lambda: EfficientNetLite(
            width=0.5,
            depth=0.5,
            stages=((1, 3, 1, 16, 1), (3, 5, 2, 32, 2), (2, 3, 1, 32, 2)),
            stem=16,
            stem_strides=1,
            head=40,
            dropout=0.1,
            stochastic_depth=0.1,
            momentum=0.9,
            classes=3,
        ),
        # Lite4's number is that of the PyTorch package efficientnet-lite-pytorch 0.1.0.
        published={
            "Lite0": (EfficientNetLite.lite0, (None, 224, 224, 3), 4_652_008),
            "Lite4": (EfficientNetLite.lite4, (None, 300, 300, 3), 13_006_568),
        },
        large=True,
        **free_size(3),
        **classification(noise_images(6, 17, 18, 3)),
    )
}

rng = np.random.default_rng(0)


def test_lite0_has_the_maps_of_b0():
    model = EfficientNetLite.lite0()
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


def test_stem_head_and_the_first_and_last_stages_blocks_are_not_scaled():
    model = EfficientNetLite.lite4()
    assert (model.stem_conv.filters, model.head_conv.filters) == (32, 1280)
    assert [len(stage) for stage in model.blocks] == [1, 4, 4, 6, 6, 8, 1]
    assert [stage[0].filters for stage in model.blocks] == [24, 32, 56, 112, 160, 272, 448]
    twice = EfficientNetLite(depth=2, stages=((1, 3, 1, 8, 3), (2, 3, 2, 8, 2), (2, 3, 1, 8, 2)))
    assert [len(stage) for stage in twice.blocks] == [3, 4, 2]


def test_no_map_but_a_projection_leaves_zero_to_six():
    model = EfficientNetLite.small(classes=3)
    images = rng.random((2, 32, 32, 3), dtype="float32")
    model(images)
    model.stem_conv.set_weights([50 * weight for weight in model.stem_conv.get_weights()])
    model.head_conv.set_weights([50 * weight for weight in model.head_conv.get_weights()])
    for name in ("stem", "features"):
        maps = np.asarray(model.endpoints(images)[name])
        assert maps.min() == 0 and maps.max() == 6
    np.testing.assert_array_equal(model.classify(model.endpoints(images)["features"]), model(images))


def test_a_block_is_left_out_for_whole_images_at_its_rate():
    maps = rng.standard_normal((400, 3, 3, 8), dtype="float32")
    block = LiteBottleneck(8, expansion=2, drop_rate=0.3)
    block.build(maps.shape)
    for norm in (block.expand_norm, block.depthwise_norm, block.project_norm):
        norm.trainable = False  # so that training and inference differ by what is left out alone
    rest = np.asarray(block(maps)) - maps
    trained = np.asarray(block(maps, training=True)) - maps
    gone = np.all(trained == 0, axis=(1, 2, 3))
    assert gone.mean() == pytest.approx(0.3, abs=0.08)
    np.testing.assert_allclose(trained[~gone], rest[~gone] / 0.7, atol=1e-5)


def test_the_input_is_added_only_where_shapes_agree():
    maps = rng.standard_normal((2, 5, 6, 8), dtype="float32")
    for filters, strides, adds in ((8, 1, True), (8, 2, False), (12, 1, False)):
        block = LiteBottleneck(filters, strides=strides)
        output = np.asarray(block(maps))
        assert output.shape == (2, 5 // strides + strides - 1, 6 // strides, filters)
        block.project.set_weights([0 * block.project.get_weights()[0]])
        np.testing.assert_array_equal(block(maps), maps if adds else 0 * output)


def test_bad_arguments():
    with pytest.raises(InputError, match="five numbers"):
        EfficientNetLite(stages=((1, 3, 1, 16),))
    with pytest.raises(InputError, match="there must be a stage"):
        EfficientNetLite(stages=())
    with pytest.raises(InputError, match="width and depth above 0"):
        EfficientNetLite(width=0)
    for name in ("dropout", "stochastic_depth"):
        with pytest.raises(InputError, match="shares from 0 to below 1"):
            EfficientNetLite(**{name: 1.0})
