import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.layers.reflection_padding import ReflectionPadding2D

maps = np.random.default_rng(0).random((2, 5, 4, 3), dtype="float32")


@pytest.mark.parametrize("padding", [0, 1, 3])
def test_equals_numpy(padding):
    expected = np.pad(maps, ((0, 0), (padding,) * 2, (padding,) * 2, (0, 0)), mode="reflect")
    np.testing.assert_array_equal(ReflectionPadding2D(padding)(maps), expected)


def test_the_edge_pixel_is_not_repeated():
    row = np.arange(1.0, 4, dtype="float32").reshape(1, 1, 3, 1).repeat(3, axis=1)
    assert np.ravel(ReflectionPadding2D(2)(row)[0, 0]).tolist() == [3, 2, 1, 2, 3, 2, 1]


def test_configuration_and_shape():
    twin = ReflectionPadding2D.from_config(ReflectionPadding2D(3).get_config())
    assert twin(keras.KerasTensor((None, 5, None, 2))).shape == (None, 11, None, 2)


def test_too_small_a_map_and_a_negative_padding_are_refused():
    with pytest.raises(InputError, match=r"reflected in larger maps only, got \(2, 5, 3, 3\)"):
        ReflectionPadding2D(3)(maps[:, :, :3])
    with pytest.raises(InputError, match="padding must be 0 or more pixels, got -1"):
        ReflectionPadding2D(-1)
