"""One network's loss alone, one step of plain gradient descent: which networks move?"""

import keras
import numpy as np
from keras import ops


def weights(networks):
    return [ops.convert_to_numpy(weight) for network in networks for weight in network.trainable_weights]


def moved(model, data, loss, networks):
    """How far each trainable weight of the networks moves in one step of SGD by a part of the model's loss.

    Args:
        model: a built model.
        data: the arguments of `fit`, one batch.
        loss: function (x, y, y_pred) -> a number, in place of `compute_loss`.
        networks: the networks to watch.

    Returns:
        The largest change of each weight, a list of numbers. The model is left as it was.
    """

    def compute_loss(x=None, y=None, y_pred=None, sample_weight=None, training=True):
        # A term without gradient reaches the weights that the loss does not: Keras warns of those.
        nothing = sum(ops.sum(weight) for weight in model.trainable_weights)
        return loss(x, y, y_pred) + 0.0 * nothing

    own, model.compute_loss = model.compute_loss, compute_loss
    before, state = weights(networks), model.get_weights()
    model.compile(keras.optimizers.SGD(1.0), run_eagerly=True)
    model.fit(**data, batch_size=len(data["x"]), shuffle=False, verbose=0)
    changes = [np.abs(new - old).max() for new, old in zip(weights(networks), before, strict=True)]
    model.compute_loss = own
    model.set_weights(state)
    return changes
