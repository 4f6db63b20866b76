"""A random state that is saved with the weights: a training that is loaded goes on as if uninterrupted."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_cv_course")
class RandomState(keras.layers.Layer):
    """Draws random numbers; the state of the draw is written to and read from weight files.

    Keras 3.15 leaves a `SeedGenerator` out of them: a loaded model repeats its first draws. All numbers are made
    of integers, since TensorFlow draws other floats, but the same integers, with XLA. The first state follows
    from `keras.utils.set_random_seed`.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed = keras.random.SeedGenerator()
        self.built = True

    def integers(self, shape, below):
        """Integers from 0 to below `below`, int32 of the given shape, each equally likely."""
        return keras.random.randint(shape, 0, below, dtype="int32", seed=self.seed)

    def uniform(self, shape):
        """Numbers in (-1, 1), float32 of the given shape, in steps of 2 ** -23."""
        return (ops.cast(self.integers(shape, 2**24), "float32") + 0.5) / 2**23 - 1.0

    def save_own_variables(self, store):
        store["state"] = ops.convert_to_numpy(self.seed.state)

    def load_own_variables(self, store):
        self.seed.state.assign(store["state"])
