import keras
import numpy as np
import pytest

from keras_cv_course.classify.plain_backbone import plain_backbone
from keras_cv_course.errors import InputError


def test_parameters_and_maps():
    network = plain_backbone((4, 5), channels=2)
    # 3x3 kernels without bias; scale, offset, mean and variance of each map.
    assert network.count_params() == 9 * 2 * 4 + 4 * 4 + 9 * 4 * 5 + 4 * 5
    for height, width in ((8, 8), (11, 14)):
        assert network(np.zeros((2, height, width, 2), "float32")).shape == (2, height // 2, width // 2, 5)


def test_layers_come_in_the_order_of_their_work():
    network = plain_backbone((2, 3, 4))
    names = [layer.name for layer in network.layers]
    stage = ["conv{}", "norm{}", "relu{}", "pool{}"]
    assert names == [name.format(number) for number in (1, 2, 3) for name in stage][:-1]
    images = np.random.default_rng(0).random((2, 12, 12, 3), dtype="float32")
    maps = images
    for layer in network.layers:
        maps = layer(maps)
    np.testing.assert_allclose(network(images), maps, atol=1e-6)


def test_saved_and_loaded(tmp_path):
    network = plain_backbone((2, 3))
    network.save(tmp_path / "network.keras")
    images = np.random.default_rng(0).random((2, 9, 10, 3), dtype="float32")
    np.testing.assert_array_equal(
        keras.saving.load_model(tmp_path / "network.keras")(images), network(images)
    )


@pytest.mark.parametrize(("filters", "channels"), [((), 3), ((4, 0), 3), ((4,), 0)])
def test_bad_arguments(filters, channels):
    with pytest.raises(InputError, match="there must be a stage"):
        plain_backbone(filters, channels)
