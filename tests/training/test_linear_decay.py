import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.training.linear_decay import LinearDecay


def test_by_hand():
    schedule = LinearDecay(0.2, constant=10, steps=20)
    steps = [0, 9, 10, 11, 15, 19, 20, 30]
    expected = [0.2, 0.2, 0.2, 0.18, 0.1, 0.02, 0, 0]
    np.testing.assert_allclose([float(schedule(step)) for step in steps], expected, atol=1e-7)


def test_an_optimizer_takes_it_and_gives_it_back():
    optimizer = keras.optimizers.SGD(LinearDecay(0.5, 1, 3))
    twin = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    weight = keras.Variable(np.zeros(1, "float32"))
    twin.build([weight])
    moved = []
    for _ in range(4):
        before = float(weight[0])
        twin.apply([np.ones(1, "float32")], [weight])
        moved.append(before - float(weight[0]))
    np.testing.assert_allclose(moved, [0.5, 0.5, 0.25, 0], atol=1e-6)


def test_no_room_to_fall_is_refused():
    with pytest.raises(InputError, match="got 5 and 5"):
        LinearDecay(0.1, 5, 5)
