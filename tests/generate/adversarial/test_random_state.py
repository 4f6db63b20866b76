import keras
import numpy as np
from keras import ops

from keras_cv_course.generate.adversarial.random_state import RandomState


def test_numbers_fill_their_range_evenly_and_never_repeat():
    keras.utils.set_random_seed(3)
    random = RandomState()
    draws = ops.convert_to_numpy(random.uniform((200, 100)))
    assert draws.dtype == np.float32
    assert -1 < draws.min() < -0.999 and 0.999 < draws.max() < 1
    counts = np.histogram(draws, bins=10, range=(-1, 1))[0]
    assert np.all(np.abs(counts - 2000) < 5 * np.sqrt(1800))  # five standard deviations of a binomial
    assert not np.array_equal(draws, random.uniform((200, 100)))
    integers = ops.convert_to_numpy(random.integers((5000,), 3))
    assert set(np.unique(integers)) == {0, 1, 2}


def test_a_seed_decides_the_draws():
    draws = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        draws.append(ops.convert_to_numpy(RandomState().uniform((4,))))
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


def test_a_loaded_state_goes_on_where_the_saved_one_was(tmp_path):
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
    model.random = RandomState()
    model.random.uniform((3,))
    model.save_weights(tmp_path / "all.weights.h5")
    following = ops.convert_to_numpy(model.random.uniform((3,)))
    model.random.uniform((3,))
    model.load_weights(tmp_path / "all.weights.h5")
    np.testing.assert_array_equal(model.random.uniform((3,)), following)
