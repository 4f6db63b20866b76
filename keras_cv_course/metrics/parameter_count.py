"""How many trainable parameters a network has, without making room for them."""

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np


def parameter_count(make, input_shape):
    """Count the trainable parameters of a model that is only sketched: shapes, and no numbers.

    In a stateless scope Keras notes the weights that a model asks for and makes them later: here, never. It
    keeps those notes apart for every thread, so a thread of its own takes them along when it ends.

    Args:
        make: function that gives back a new `keras.Model`.
        input_shape: such as (None, 224, 224, 3).

    Returns:
        The number of trainable parameters.
    """

    def sketch():
        with keras.StatelessScope(initialize_variables=False):
            model = make()
            model.build(input_shape)
            return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(sketch).result()
