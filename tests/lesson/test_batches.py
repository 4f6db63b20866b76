"""The same rows in the same order from `tf.data` and from NumPy, whatever `fit` asks for."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_cv_course.augment.augmentation import augmented
from keras_cv_course.lesson.batches import Batches, batches

ROWS = 22
IMAGES = np.arange(ROWS * 4, dtype="float32").reshape(ROWS, 2, 2, 1)
LABELS = np.arange(ROWS)


@pytest.fixture
def made(monkeypatch):
    """A function that makes the same batches for a backend: tensorflow or jax."""

    def for_backend(backend, clock, arrays=(IMAGES, LABELS), **options):
        monkeypatch.setattr("keras.backend.backend", lambda: backend)
        found = batches(arrays, batch_size=4, seed=7, clock=clock, **options)
        monkeypatch.undo()
        return found

    return for_backend


class Witness(keras.Model):
    """Notes what `fit` shows it."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def train_step(self, data):
        self.seen.append([np.array(part) for part in tf.nest.flatten(data)])
        return {"loss": 0.0}


class Clock(keras.callbacks.Callback):
    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def on_epoch_begin(self, epoch, logs=None):
        self.clock[0] = epoch


def shown(data, clock, epochs, first=0):
    """The batches that `fit` takes from a data set, as it is called by lessons."""
    model = Witness()
    model.compile(run_eagerly=True)
    model.fit(data, epochs=epochs, initial_epoch=first, callbacks=[Clock(clock)], verbose=0)
    return model.seen


def same(one, other):
    assert len(one) == len(other)
    for batch, twin in zip(one, other):
        assert [part.dtype for part in batch] == [part.dtype for part in twin]
        for part, its_twin in zip(batch, twin, strict=True):
            np.testing.assert_array_equal(part, its_twin)


def plain(data, clock):
    return data


def drawn(data, clock):
    return augmented(
        data, lambda batch, rng: {**batch, "images": batch["images"] + rng.random()}, 3, clock=clock
    )


def named(data, clock):
    return data.map(lambda images, labels: (images, {"one": labels, "two": labels + 1})).take(2)


@pytest.mark.filterwarnings("ignore:`shuffle=True` was passed")
@pytest.mark.parametrize("change", [plain, drawn, named])
@pytest.mark.parametrize("steps", [None, 3, 9])  # 22 rows: a last batch of 2, fewer than all, more than all
def test_fit_sees_the_same_from_numpy_and_from_tensorflow(made, steps, change):
    clocks = {"tensorflow": [0], "jax": [0]}
    both = {backend: change(made(backend, clock, steps=steps), clock) for backend, clock in clocks.items()}
    assert isinstance(both["jax"], Batches) and isinstance(both["tensorflow"], tf.data.Dataset)
    assert len(both["jax"]) == len(both["tensorflow"])
    seen = {backend: shown(data, clocks[backend], epochs=3) for backend, data in both.items()}
    assert len(seen["jax"]) == 3 * len(both["jax"])
    same(seen["jax"], seen["tensorflow"])
    resumed = shown(both["jax"], clocks["jax"], epochs=3, first=2)
    same(resumed, seen["jax"][2 * len(both["jax"]) :])


def test_a_single_array_and_batches_by_their_number(made):
    data = made("jax", [1], arrays=(LABELS,))
    again = np.concatenate([rows for (rows,) in data])
    assert sorted(again) == list(range(ROWS)) and not np.array_equal(again, LABELS)
    np.testing.assert_array_equal(data[5][0], again[-2:])
    with pytest.raises(IndexError, match="there are 6 batches, asked for number 6"):
        data[6]
