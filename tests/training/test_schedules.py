import keras
import numpy as np
import pytest

from keras_cv_course.errors import InputError
from keras_cv_course.training.schedules import LinearDecay, adam_with_warmup, warmup_cosine


def test_starts_at_zero_peaks_after_the_warm_up_and_ends_at_zero():
    schedule = warmup_cosine(0.4, steps=100, warmup=0.2)
    rates = np.array([float(schedule(step)) for step in range(101)])
    np.testing.assert_allclose(rates[:21], 0.4 * np.arange(21) / 20, atol=1e-7)
    np.testing.assert_allclose(rates[20:], 0.2 * (1 + np.cos(np.pi * np.arange(81) / 80)), atol=1e-6)


def test_bad_arguments():
    for peak in (0, -1, float("nan")):
        with pytest.raises(InputError, match="peak learning rate must be a positive number"):
            warmup_cosine(peak, 10)
    with pytest.raises(InputError, match="epochs must be at least 1"):
        warmup_cosine(0.1, 0)


def test_adam_takes_the_schedule_and_further_options():
    optimizer = adam_with_warmup(0.4, steps=100, beta_2=0.9)
    assert optimizer.beta_2 == 0.9 and isinstance(optimizer, keras.optimizers.Adam)
    assert float(optimizer._learning_rate(10)) == pytest.approx(0.4)


def test_linear_decay_by_hand():
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
