"""Training on several devices with JAX: `keras.distribution.DataParallel`, and batches that the devices do not divide.

Every device holds all weights and a part of each batch; JAX computes what one device would: the mean over the whole
batch, batch normalisation's statistics and random numbers included.
"""

import contextlib

import jax
import keras
import numpy as np

# Keras has no public place for it: it asks for the layout of the first batch and keeps it for all (keras#21167).
from keras.src.backend.jax import distribution_lib

from keras_cv_course.lesson.batches import Batches, batches
from keras_cv_course.lesson.devices.processes import process_count, process_number


class JaxReplicas:
    """Devices that train one model together.

    Args:
        names: such as ("gpu:0", "gpu:1"); in several processes, those of all.
    """

    several_steps = True  # in one call of the compiled function

    def __init__(self, names):
        self.count = len(names)
        self.distribution = keras.distribution.DataParallel(devices=list(names), auto_shard_dataset=False)
        mesh = self.distribution.device_mesh.backend_mesh
        self.split, self.whole = (
            jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(*axes))
            for axes in (mesh.axis_names, ())
        )
        self.entered = contextlib.ExitStack()

    def enter(self):
        """From now on new models are trained on all devices."""
        self.entered.callback(keras.distribution.set_distribution, keras.distribution.distribution())
        keras.distribution.set_distribution(self.distribution)
        self.entered.callback(
            setattr, distribution_lib, "distribute_data_input", distribution_lib.distribute_data_input
        )
        distribution_lib.distribute_data_input = self.placed

    def leave(self):
        """From now on new models are on one device, as before."""
        self.entered.close()

    def placed(self, batch, layout=None, batch_dim_name=None):
        """A batch on the devices: a part for each where they divide it, else all of it on each.

        Several processes pass the same batch, of which each computes the whole, unless it is a part already.
        """
        if isinstance(batch, jax.Array) and isinstance(batch.sharding, jax.sharding.NamedSharding):
            return batch
        divided = len(batch) % self.count == 0 and process_count() == 1
        return jax.make_array_from_process_local_data(
            self.split if divided else self.whole, np.asarray(batch)
        )

    def callbacks(self):
        """JAX needs none."""
        return []

    def batches(self, make, arrays, *options):
        """The batches of `make`; in several processes each reads those rows alone that it trains on."""
        return make(arrays, *options) if process_count() == 1 else shared_batches(self, arrays, *options)


def shared_batches(replicas, arrays, batch_size, seed, clock, steps=None):
    """The batches that `batches` makes of these arrays, of which each process reads its share.

    A batch that the devices do not divide is read whole by all.
    """
    count = len(arrays[0])
    total = count if steps is None else steps * batch_size
    numbers = batches((np.arange(count),), batch_size, seed, clock, steps)

    def size(number):
        return min(batch_size, total - number * batch_size)

    def share(number):
        (rows,) = numbers.batch(number)
        if size(number) % replicas.count == 0:
            rows = np.array_split(rows, process_count())[process_number()]
        return tuple(np.asarray(array[rows]) for array in arrays)

    return SharedBatches(share, len(numbers), size, replicas)


class SharedBatches(Batches):
    """Batches of which this process holds its share; `fit` gets arrays that stretch over all processes.

    Args:
        batch, count: as in `Batches`; `batch` gives this process' share.
        size: function (number) -> rows of the whole batch.
        replicas: the `JaxReplicas`.
    """

    def __init__(self, batch, count, size, replicas):
        def stretched(number):
            sharding = replicas.split if size(number) % replicas.count == 0 else replicas.whole
            return tuple(
                jax.make_array_from_process_local_data(sharding, np.asarray(a)) for a in batch(number)
            )

        super().__init__(stretched, count)
        self.share, self.size, self.replicas = batch, size, replicas

    def map(self, function):
        """The batches after a function of their arrays, which returns a tuple; it is given this process' share."""
        return SharedBatches(
            lambda number: function(*self.share(number)), self.count, self.size, self.replicas
        )

    def take(self, count):
        """The first `count` batches of each epoch."""
        return SharedBatches(self.share, min(count, self.count), self.size, self.replicas)

    def enumerate(self):
        """Tuples of a batch's number and the batch."""
        return SharedBatches(
            lambda number: (number, self.share(number)), self.count, self.size, self.replicas
        )
