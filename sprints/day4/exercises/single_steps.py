"""One step of plain training of a network: what a step of adversarial training has to equal."""

import numpy as np

from keras_cv_course.classroom import close_to, shape_is
from keras_cv_course.classroom.remote import value


def numbers(outputs):
    """A network's outputs, or a loss, as a float64 array."""
    return np.asarray(shape_is(outputs, np.shape(outputs), "outputs", "return tensors"), "float64")


def trainable(network):
    """A network's trainable weights as arrays."""
    return [np.asarray(weights) for weights in value(network.trainable_weights)]


def step_alone(mine, network, batches, loss, rate=1.0, behind=None):
    """How plain gradient descent moves a network that is trained alone.

    Args:
        mine: the student's module.
        network: a built model; its weights stay as they are.
        batches: [(inputs, the truth of all outputs)]: a step for each, from the same weights.
        loss: a Keras loss, or its name.
        rate: the learning rate.
        behind: a model that the outputs go through before the loss; None for none.

    Returns:
        The steps' sum for each of the network's trainable weights.
    """
    networks = [network, *([behind] if behind is not None else [])]
    row = mine.keras.Sequential(networks) if len(networks) > 1 else network
    row.compile(mine.keras.optimizers.SGD(rate), loss=loss, run_eagerly=True)
    first, start = [one.get_weights() for one in networks], trainable(network)
    steps = [0 * weights for weights in start]
    for inputs, truth in batches:
        row.train_on_batch(inputs, np.full(np.shape(row(inputs)), truth, "float32"))
        steps = [step + new - old for step, new, old in zip(steps, trainable(network), start, strict=True)]
        for one, weights in zip(networks, first, strict=True):
            one.set_weights(weights)
    return steps


def moved_by(network, start, steps, name, attempt, tolerance=1e-4):
    """Each of a network's trainable weights has moved from its start by this step."""
    for old, new, step in zip(start, trainable(network), steps, strict=True):
        close_to(new - old, step, tolerance, f"the step of the {name}'s weights {old.shape}", attempt)
