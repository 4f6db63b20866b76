"""Training on several devices with TensorFlow: `MirroredStrategy`, and what makes its numbers those of one device.

Every device holds all weights and a part of each batch. Left alone, batch normalisation would see its device's part
only; a last batch that the devices do not divide would have each device's mean count alike; and of a model's own
`compute_loss`, Keras would divide by the number of devices those parts alone that its own loss classes compute.
"""

import contextlib

import keras
import tensorflow as tf

# Keras has no public place for what a loss is divided by.
from keras.src.losses import loss as loss_module


class TensorFlowReplicas:
    """Devices of this machine that train one model together.

    Args:
        names: such as ("gpu:0", "gpu:1").
    """

    # In one call of the compiled function: Keras' loop over steps fails ("You must feed a value for placeholder").
    several_steps = False

    def __init__(self, names):
        self.count = len(names)
        self.strategy = tf.distribute.MirroredStrategy(list(names))
        self.entered = contextlib.ExitStack()

    def enter(self):
        """From now on new models are trained on all devices."""
        self.entered.enter_context(self.strategy.scope())
        for name in ("scale_loss_for_distribution", "unscale_loss_for_distribution"):
            self.entered.callback(setattr, loss_module, name, getattr(loss_module, name))
            setattr(loss_module, name, lambda loss: loss)

    def leave(self):
        """From now on new models are on one device, as before."""
        self.entered.close()

    def callbacks(self):
        """Those that each training needs."""
        return [AsOnOneDevice()]

    def batches(self, make, arrays, *options):
        """The batches of `make`: `fit` divides them."""
        return make(arrays, *options)


class AsOnOneDevice(keras.callbacks.Callback):
    """Makes the loss, its gradient and batch normalisation those of the whole batch, during one `fit`."""

    def on_train_begin(self, logs=None):
        layers = self.model._flatten_layers()
        normalised = [one for one in layers if isinstance(one, keras.layers.BatchNormalization)]
        self.before = [(layer, layer.synchronized) for layer in normalised]
        for layer in normalised:
            layer.synchronized = True
        self.model.compute_loss = weighted_by_rows(self.model.compute_loss)

    def on_train_end(self, logs=None):
        for layer, synchronized in self.before:
            layer.synchronized = synchronized
        del self.model.compute_loss


def weighted_by_rows(compute_loss):
    """A model's `compute_loss` whose gradient counts a device as much as it has rows of the batch.

    The gradients of all devices are summed, and so have to be those of shares of the mean over the batch. The loss
    itself stays the mean over the device's rows: Keras weighs it by their number when it adds up the epoch's.
    """

    def weighted(x=None, y=None, y_pred=None, sample_weight=None, training=True):
        loss = compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training)
        replica = tf.distribute.get_replica_context()
        if replica is None or replica.num_replicas_in_sync == 1:
            return loss
        rows = tf.cast(tf.shape(tf.nest.flatten(x)[0])[0], loss.dtype)
        # A device without rows: the mean over none is not a number, and counts for nothing.
        loss = tf.where(rows > 0, loss, tf.zeros_like(loss))
        weight = rows / replica.all_reduce("SUM", rows)
        return weight * loss + tf.stop_gradient((1 - weight) * loss)

    return weighted
