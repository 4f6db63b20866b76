"""Batches of arrays of which some are on disk."""

import numpy as np

from keras_cv_course.data.mapped_images import MappedImages
from keras_cv_course.lesson.batches import batches


def mapped_batches(arrays, batch_size, seed, clock, steps=None):
    """The batches that `batches` makes of these arrays, the same rows in the same order; images on disk are read,
    and become float32, batch by batch.

    Args:
        arrays: equally long arrays, of which some are `MappedImages`; the others are in memory.
        batch_size, seed, clock, steps: see `batches`.
    """
    numbers = batches((np.arange(len(arrays[0])),), batch_size, seed, clock, steps)
    if hasattr(numbers, "prefetch"):
        return _in_tensorflow(numbers, arrays)
    return numbers.map(lambda rows: tuple(array[np.asarray(rows)] for array in arrays))


def _in_tensorflow(numbers, arrays):
    """A `tf.data.Dataset` of the rows of these numbers."""
    import tensorflow as tf

    def rows_of(array):
        if not isinstance(array, MappedImages):
            with tf.device("CPU"):
                tensor = tf.constant(array)
            return lambda rows: tf.gather(tensor, rows)

        def read(rows):
            images = tf.numpy_function(array.__getitem__, [rows], tf.float32, stateful=False)
            images.set_shape((None, *array.shape[1:]))
            return images

        return read

    readers = [rows_of(array) for array in arrays]
    batch = numbers.map(lambda rows: tuple(read(rows) for read in readers), num_parallel_calls=2)
    return batch.prefetch(2)
