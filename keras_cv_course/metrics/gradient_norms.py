"""Norms of the loss' gradient, layer by layer."""

import keras
import numpy as np


def gradient_norms(model, images, labels):
    """Norm of the cross-entropy's gradient with respect to the kernel of each layer, in training mode.

    A step of gradient descent moves every weight by rate * gradient, so the gradient can be read from the step
    on any backend. The step is made by a copy of the model, which itself stays as it is.

    Args:
        model: a built classifier with logits (N, classes).
        images: (N, H, W, C), one batch.
        labels: (N,) true classes.

    Returns:
        {path of the kernel: norm}, in the order in which the model was built: weights with two axes or more.
    """
    rate = 1e3  # a long step: the difference of two float32 numbers must not lose a small gradient
    copy = type(model).from_config(model.get_config())
    copy.build((None, *images.shape[1:]))
    copy.set_weights(model.get_weights())
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    copy.compile(keras.optimizers.SGD(rate), loss, run_eagerly=True)
    before = [np.array(weight) for weight in copy.trainable_weights]
    copy.train_on_batch(images, labels)
    return {
        weight.path: float(np.linalg.norm((old - np.asarray(weight)) / rate))
        for weight, old in zip(copy.trainable_weights, before, strict=True)
        if len(weight.shape) > 1
    }
