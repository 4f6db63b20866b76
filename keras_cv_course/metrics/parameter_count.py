"""Number of trainable parameters of a network, without allocating them."""

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np


def parameter_count(make, input_shape):
    """Number of trainable parameters of a model of which only the shapes are built.

    In a stateless scope Keras defers the creation of weights. The deferred ones are kept per thread, so a thread
    of its own discards them when it ends.

    Args:
        make: function that returns a new `keras.Model`.
        input_shape: such as (None, 224, 224, 3).

    Returns:
        The number of trainable parameters.
    """

    def count():
        with keras.StatelessScope(initialize_variables=False):
            model = make()
            model.build(input_shape)
            return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(count).result()
