"""Norms of the loss' gradient, layer by layer."""

import keras
import numpy as np


def gradient_norms(model, images, labels):
    """Norm of the cross-entropy's gradient with respect to the kernel of each layer.

    A step of gradient descent moves every weight by rate * gradient, so the gradient can be read from the step
    on any backend. The weights are restored; the model must be compiled again afterwards.

    Args:
        model: a built classifier with logits (N, classes).
        images: (N, H, W, C), one batch.
        labels: (N,) true classes.

    Returns:
        {path of the kernel: norm}, in the order in which the model was built: weights with two axes or more.
    """
    # A long step: the difference of two float32 numbers must not drown a small gradient.
    rate = 1e3
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(rate), loss, run_eagerly=True)
    before = model.get_weights()
    trainable = [np.array(weight) for weight in model.trainable_weights]
    model.train_on_batch(images, labels)
    norms = {
        weight.path: float(np.linalg.norm((old - np.asarray(weight)) / rate))
        for weight, old in zip(model.trainable_weights, trainable, strict=True)
        if len(weight.shape) > 1
    }
    model.set_weights(before)
    return norms
