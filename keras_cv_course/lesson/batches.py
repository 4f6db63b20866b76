"""Batches of arrays in an order that depends on the seed and the epoch alone."""

import functools
import itertools
import math

import keras
import numpy as np

from keras_cv_course.errors import InputError


def batches(arrays, batch_size, seed, clock, steps=None):
    """A data set of batches of the arrays' rows for `fit`, in a new order every epoch.

    A resumed run therefore sees the batches that it would have seen. (With a seed set, Keras 3.15's own
    shuffling of arrays on TensorFlow repeats one order in every epoch.) On TensorFlow it is a `tf.data.Dataset`,
    since 600 steps of a small network take 0.7 s there, and 0.8 s from NumPy; on JAX and PyTorch, which may be
    installed alone, `Batches` of NumPy arrays. Both give the same rows in the same order, and have `len`, `map`,
    `take` and `enumerate`.

    Args:
        arrays: equally long arrays, such as inputs and targets.
        batch_size: rows a batch; the last batch may be smaller.
        seed: seed of the orders.
        clock: a list of one number, the current epoch.
        steps: batches an epoch, all of them full: few rows come again and again, in a new order each time,
            and of many rows some wait for another epoch. Starting an epoch takes as long as many steps of a
            small network. None: each row once.

    Raises:
        InputError: batch_size or steps is below 1.
    """
    if batch_size < 1:
        raise InputError(f"batch_size must be at least 1, got {batch_size}")
    if steps is not None and steps < 1:
        raise InputError(f"an epoch has 1 step or more, got {steps}")
    count = len(arrays[0])
    total = count if steps is None else steps * batch_size

    def order(epoch):
        rng = np.random.default_rng((seed, epoch))
        return np.concatenate([rng.permutation(count) for _ in range(math.ceil(total / count))])[:total]

    made = _in_tensorflow if keras.backend.backend() == "tensorflow" else _in_numpy
    return made(arrays, batch_size, clock, order, total)


def _in_tensorflow(arrays, batch_size, clock, order, total):
    import tensorflow as tf

    def order_of_the_epoch():
        yield order(clock[0])

    def cut(rows):
        starts = tf.data.Dataset.range(0, total, batch_size)
        return starts.map(lambda start: rows[start : start + batch_size])

    rows = tf.data.Dataset.from_generator(
        order_of_the_epoch, output_signature=tf.TensorSpec((total,), tf.int64)
    )
    rows = rows.flat_map(cut).apply(tf.data.experimental.assert_cardinality(math.ceil(total / batch_size)))
    with tf.device("CPU"):
        tensors = [tf.constant(array) for array in arrays]
    return rows.map(lambda index: tuple(tf.gather(tensor, index) for tensor in tensors)).prefetch(2)


def _in_numpy(arrays, batch_size, clock, order, total):
    arrays = [np.asarray(array) for array in arrays]
    order = functools.lru_cache(maxsize=1)(order)

    def batch(number):
        rows = order(clock[0])[number * batch_size : (number + 1) * batch_size]
        return tuple(array[rows] for array in arrays)

    return Batches(batch, math.ceil(total / batch_size))


class Batches(keras.utils.PyDataset):
    """Batches by number, and what can be made of them, as a `tf.data.Dataset` has it.

    `fit` asks for the batches of a `PyDataset` in an order that it shuffles itself, and which a resumed run could
    not repeat. The rows are shuffled already; so during an epoch the batches come by their numbers, whichever is
    asked for.

    Args:
        batch: function (number) -> tuple of arrays, the batch of that number in the present epoch.
        count: batches an epoch.
    """

    def __init__(self, batch, count):
        super().__init__()
        self.batch, self.count = batch, count
        self.numbers = None  # those that are still to come in this epoch; None outside of `fit`

    def __len__(self):
        return self.count

    def __getitem__(self, asked):
        if not 0 <= asked < self.count:
            raise IndexError(f"there are {self.count} batches, asked for number {asked}")
        return self.batch(asked if self.numbers is None else next(self.numbers))

    def on_epoch_begin(self):
        self.numbers = itertools.count()

    def on_epoch_end(self):
        self.numbers = None

    def map(self, function):
        """The batches after a function of their arrays, which returns a tuple."""
        return Batches(lambda number: function(*self.batch(number)), self.count)

    def take(self, count):
        """The first `count` batches of each epoch."""
        return Batches(self.batch, min(count, self.count))

    def enumerate(self):
        """Tuples of a batch's number and the batch."""
        return Batches(lambda number: (number, self.batch(number)), self.count)
