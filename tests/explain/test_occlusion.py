import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.explain.occlusion import occlusion_map, starts
from tests.explain.linear_network import linear_network

rng = np.random.default_rng(0)


def test_tiles_of_a_linear_network_by_hand():
    images, classes = rng.random((2, 6, 4, 3), dtype="float32"), [1, 2]
    model, kernel = linear_network(images.shape[1:])
    parts = (kernel[classes] * (images - 0.25)).sum(axis=-1)
    tiles = parts.reshape(2, 3, 2, 2, 2).sum(axis=(2, 4))
    expected = np.kron(tiles, np.ones((1, 2, 2)))
    found = occlusion_map(model, images, classes, size=2, stride=2, fill=0.25)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_overlapping_patches_are_averaged_and_reach_the_edge():
    images = rng.random((1, 5, 1, 1), dtype="float32")
    model, kernel = linear_network(images.shape[1:])
    with pytest.raises(InputError, match="a patch of 1 to 1 pixels"):
        occlusion_map(model, images, [0], size=2)
    wide = images.reshape(1, 1, 5, 1).repeat(2, axis=1)
    model, kernel = linear_network(wide.shape[1:])
    columns = (kernel[0] * wide[0]).sum(axis=(0, 2))
    pairs = columns[:-1] + columns[1:]
    expected = [pairs[0], pairs[:2].mean(), pairs[1:3].mean(), pairs[2:].mean(), pairs[3]]
    found = occlusion_map(model, wide, [0], size=2, stride=1, fill=0)
    np.testing.assert_allclose(found, np.tile(expected, (1, 2, 1)), atol=1e-5)
    assert starts(10, 4, 4) == [0, 4, 6] and starts(8, 4, 4) == [0, 4] and starts(4, 4, 1) == [0]


def test_the_planted_square_is_found():
    layers = keras.layers
    model = keras.Sequential([keras.Input((14, 12, 1)), layers.GlobalMaxPooling2D(), layers.Dense(2)])
    model.set_weights([np.float32([[-1, 1]]), np.zeros(2)])
    images = np.zeros((2, 14, 12, 1), "float32")
    images[0, 3:7, 5:9] = images[1, 7:11, 3:7] = 1
    maps = occlusion_map(model, images, [1, 1], size=4, stride=1, fill=0)
    # One patch of the sixteen over a pixel covers the square, and then the score falls by 1.
    np.testing.assert_allclose(maps, images[..., 0] / 16, atol=1e-6)
    against = occlusion_map(model, images, [0, 0], size=4, stride=1, fill=0)
    np.testing.assert_array_equal(against, -maps)


def test_bad_arguments():
    model, _ = linear_network((6, 6, 1))
    images = rng.random((1, 6, 6, 1))
    for wrong in ({"size": 0}, {"size": 7}, {"size": 3, "stride": 4}, {"size": 3, "stride": 0}):
        with pytest.raises(InputError, match="expected a patch of 1 to 6 pixels"):
            occlusion_map(model, images, [0], **wrong)
