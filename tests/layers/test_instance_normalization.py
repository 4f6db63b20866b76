import keras
import numpy as np
from keras import ops

from keras_cv_course.layers.instance_normalization import InstanceNormalization

maps = np.random.default_rng(0).normal(5, 3, (3, 6, 7, 4)).astype("float32")


def test_equals_group_normalisation_with_one_channel_a_group():
    ours = ops.convert_to_numpy(InstanceNormalization(epsilon=1e-3)(maps))
    peer = keras.layers.GroupNormalization(groups=-1, epsilon=1e-3, center=False, scale=False)
    np.testing.assert_allclose(ours, peer(maps), atol=2e-6)


def test_every_channel_of_every_image_has_mean_0_and_variance_1():
    normal = ops.convert_to_numpy(InstanceNormalization(epsilon=0)(maps))
    np.testing.assert_allclose(normal.mean(axis=(1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(normal.var(axis=(1, 2)), 1, atol=1e-5)


def test_brightness_and_contrast_of_an_image_do_not_matter_nor_do_its_neighbours():
    layer = InstanceNormalization(epsilon=0)
    np.testing.assert_allclose(layer(3 * maps[:1] - 7), layer(maps)[:1], atol=1e-4)


def test_a_flat_channel_becomes_zero():
    np.testing.assert_array_equal(InstanceNormalization()(np.full((1, 4, 4, 1), 0.5, "float32")), 0)


def test_half_precision_goes_in_and_out_but_the_sums_are_exact():
    half = ops.cast(maps, "bfloat16")
    layer = InstanceNormalization(dtype="mixed_bfloat16")
    exact = InstanceNormalization()(ops.cast(half, "float32"))
    assert ops.dtype(layer(half)) == "bfloat16"
    np.testing.assert_allclose(ops.cast(layer(half), "float32"), exact, atol=0.01)


def test_configuration_and_shape():
    twin = InstanceNormalization.from_config(InstanceNormalization(epsilon=0.1).get_config())
    assert twin.epsilon == 0.1
    assert twin(keras.KerasTensor((None, 5, None, 3))).shape == (None, 5, None, 3)
