"""Batches of arrays in an order that depends on the seed and the epoch alone."""

import math

import numpy as np

from keras_cv_course.errors import InputError


def batches(arrays, batch_size, seed, clock, steps=None):
    """A `tf.data.Dataset` of batches of the arrays' rows, in a new order every epoch.

    A resumed run therefore sees the batches that it would have seen. (With a seed set, Keras 3.15's own
    shuffling of arrays on TensorFlow repeats one order in every epoch.)

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
    import tensorflow as tf

    if batch_size < 1:
        raise InputError(f"batch_size must be at least 1, got {batch_size}")
    if steps is not None and steps < 1:
        raise InputError(f"an epoch has 1 step or more, got {steps}")
    count = len(arrays[0])
    total = count if steps is None else steps * batch_size

    def order():
        rng = np.random.default_rng((seed, clock[0]))
        yield np.concatenate([rng.permutation(count) for _ in range(math.ceil(total / count))])[:total]

    def cut(rows):
        starts = tf.data.Dataset.range(0, total, batch_size)
        return starts.map(lambda start: rows[start : start + batch_size])

    rows = tf.data.Dataset.from_generator(order, output_signature=tf.TensorSpec((total,), tf.int64))
    rows = rows.flat_map(cut).apply(tf.data.experimental.assert_cardinality(math.ceil(total / batch_size)))
    with tf.device("CPU"):
        tensors = [tf.constant(array) for array in arrays]
    return rows.map(lambda index: tuple(tf.gather(tensor, index) for tensor in tensors)).prefetch(2)
